//! Clients whose internal IDs no request can address. The server stores any text.

use serde_json::{Value, json};

use crate::command::desk::{Desk, writes};

/// The client IDs, each with the internal ID that it is stored with. Internal IDs are unique on the whole server, so
/// that one test alone may use these.
const BAD: [(&str, &str); 3] = [("id-empty", ""), ("id-dot", "."), ("id-dots", "..")];
/// An odd one that can be addressed.
const ODD: (&str, &str) = ("id-blank", " ");

async fn make(desk: &Desk, id: &str, internal: &str) {
    let client = json!({
        "id": internal,
        "clientId": id,
        "serviceAccountsEnabled": true,
        "standardFlowEnabled": false,
        "attributes": {"kxi-auth.owner": "feeds"},
    });
    desk.realm.post("/clients", &client).await.unwrap();
}

/// The warnings of a run with `-o json`.
fn warnings(stderr: &str) -> Vec<String> {
    let objects = stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects.filter_map(|object| object["warning"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_client_that_no_request_can_address_is_reported_and_stops_nothing() {
    let desk = Desk::new().await;
    for (id, internal) in BAD.into_iter().chain([ODD]) {
        make(&desk, id, internal).await;
    }
    // What concerns the whole realm works.
    let list = desk.run(&["client", "list", "-o", "json"]).await;
    assert_eq!(list.code, 0, "{}", list.stderr);
    for (id, internal) in BAD {
        let listed =
            list.json().as_array().unwrap().iter().find(|client| client["id"] == id).cloned().unwrap();
        assert_eq!(listed["uuid"], internal);
    }
    let export = desk.run(&["export", "--owner", "feeds", "-o", "json"]).await;
    assert_eq!(export.code, 0, "{}", export.stderr);
    assert_eq!(export.json()["clients"], json!([{"id": ODD.0, "roles": "none"}]));
    let mut reported = warnings(&export.stderr);
    reported.sort();
    let left_out = |id: &str, found: &str| {
        format!("`{id}` is left out: its internal ID (`id`) is {found}, so no request can address it")
    };
    assert_eq!(
        reported,
        [left_out("id-dot", "`.`"), left_out("id-dots", "`..`"), left_out("id-empty", "empty")]
    );
    let people = desk.run(&["export", "--owner", "feeds"]).await;
    assert!(people.stderr.contains("warning: `id-empty` is left out"), "{}", people.stderr);

    // They are not deleted, and that is said.
    desk.declare("feeds", &json!([{"id": ODD.0, "roles": "none"}]));
    let apply = desk.run(&["apply", "-f", "clients.yaml", "--prune", "--yes", "-o", "json"]).await;
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    let reported = warnings(&apply.stderr);
    for (id, _) in BAD {
        assert!(
            reported.iter().any(|reported| reported.starts_with(&format!("`{id}` is not deleted: "))),
            "{reported:?}"
        );
    }

    // A file that declares one is rejected at its line.
    desk.declare("feeds", &json!([{"id": ODD.0, "roles": "none"}, {"id": "id-dot", "roles": "none"}]));
    let plan = desk.run(&["plan", "-f", "clients.yaml"]).await;
    assert_eq!(plan.code, 1, "{}", plan.stderr);
    assert!(plan.stderr.contains("the client `id-dot` is stored with a fault"), "{}", plan.stderr);
    desk.realm.delete().await.unwrap();
    each_command(&Desk::new().await).await;
}

/// A command on the client names it, and what is wrong with it, and sends no write.
async fn each_command(desk: &Desk) {
    for (id, internal) in BAD {
        make(desk, id, internal).await;
        for words in [
            ["client", "get", id].as_slice(),
            &["client", "register", id],
            &["client", "update", id, "--description", "x"],
            &["client", "rotate-secret", id],
            &["client", "delete", id, "--yes"],
            &["client", "roles", "list", id],
            &["client", "roles", "assign", id, "--roles", "all"],
            &["client", "roles", "revoke", id, "--roles", "all"],
        ] {
            let (run, log) = desk.recorded(&[words, &["-o", "json"]].concat(), &[]).await;
            assert_eq!(run.code, 1, "{words:?}: {}", run.stderr);
            let error: Value = serde_json::from_str(run.stderr.trim()).unwrap();
            let message = error["error"]["message"].as_str().unwrap();
            assert_eq!(error["error"]["kind"], "bad_stored_data", "{words:?}: {message}");
            assert!(
                message.starts_with(&format!("the client `{id}` is stored with a fault: its internal ID")),
                "{message}"
            );
            // A registration begins with a create, which the server rejects.
            let writes = writes(&log);
            assert!(
                writes.iter().all(|line| words[1] == "register" && line.ends_with("/clients")),
                "{writes:?}"
            );
        }
    }
    // What the hint advises helps.
    let clients = json!([{"clientId": "id-empty", "serviceAccountsEnabled": true}]);
    desk.realm
        .post("/partialImport", &json!({"ifResourceExists": "OVERWRITE", "clients": clients}))
        .await
        .unwrap();
    let register = desk.run(&["client", "register", "id-empty", "--roles", "none"]).await;
    assert_eq!(register.code, 0, "{}", register.stderr);
}
