//! `export`, and `apply` of what it wrote.

use std::io::Write as _;
use std::process::{Command, Stdio};

use kxi_auth_tests::keycloak::differences::SERVERS_MAPPERS;
use serde_json::{Value, json};

use crate::command::desk::{Desk, Run, writes};
use crate::setup::{expected, sorted};

/// Runs it with this on standard input.
async fn fed(mut command: Command, text: String) -> Run {
    let run = move || {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

const APPLY: [&str; 5] = ["apply", "-f", "-", "-o", "json"];

/// What a declaration is about; ids, times and secrets are the realm's own.
fn comparable(mut client: Value) -> Value {
    let fields = client.as_object_mut().unwrap();
    fields.retain(|name, _| !["id", "secret", "access"].contains(&name.as_str()));
    for scopes in ["defaultClientScopes", "optionalClientScopes"] {
        fields[scopes].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
    // Some servers add mappers to a service account (SERVERS_MAPPERS), each with an ID of its own, in any order.
    if let Some(mappers) = fields.get_mut("protocolMappers").and_then(Value::as_array_mut) {
        for mapper in mappers.iter_mut() {
            mapper.as_object_mut().unwrap().remove("id");
        }
        mappers.sort_by_key(ToString::to_string);
    }
    client["attributes"].as_object_mut().unwrap().remove("client.secret.creation.time");
    client
}

#[tokio::test]
async fn an_export_makes_the_same_clients_in_another_realm() {
    let (one, other) = (Desk::new().await, Desk::new().await);
    one.declare(
        "feeds",
        &json!([
            {"id": "svc-all", "roles": "all"},
            {"id": "svc-some", "roles": ["all", "none", "a,b"], "token_lifespan": 600, "config": {
                "name": "no: yes", "description": "~", "redirectUris": ["https://a.example.com/*"],
                "webOrigins": [], "standardFlowEnabled": true, "attributes": {"team": "007", "note": "a\nb"}}},
            {"id": "svc-none", "roles": "none", "config": {"fullScopeAllowed": false}},
            {"id": "svc-secret", "roles": "none", "config": {"attributes": {"db.password": "planted"}}},
            {"id": "svc-off", "roles": "none"},
        ]),
    );
    assert_eq!(one.run(&["apply", "-f", "clients.yaml"]).await.code, 0);
    let off = one.client("svc-off").await.unwrap()["id"].as_str().unwrap().to_owned();
    one.realm.put(&format!("/clients/{off}"), &json!({"enabled": false})).await.unwrap();

    let (export, log) = one.recorded(&["export"], &[]).await;
    assert_eq!((export.code, writes(&log)), (0, Vec::new()), "{}", export.stderr);
    assert!(export.stdout.starts_with("owner: feeds\n"), "{}", export.stdout);
    let warning = "`svc-secret`: the attribute `db.password` is left out";
    assert!(export.stderr.contains(warning), "{}", export.stderr);
    for left_out in ["planted", "admin-cli", "realm-management", "kxi-auth.owner", "default-roles"] {
        assert!(!export.stdout.contains(left_out), "{left_out}: {}", export.stdout);
    }
    let json = one.run(&["export", "-o", "json"]).await.json();
    assert_eq!(json["clients"].as_array().unwrap().len(), 5);

    let host = other.realm.server().host();
    let made = fed(other.command(&host, &APPLY), export.stdout.clone()).await;
    assert_eq!(made.code, 0, "{}", made.stderr);
    for id in ["svc-all", "svc-some", "svc-none"] {
        let (mine, theirs) = (one.client(id).await.unwrap(), other.client(id).await.unwrap());
        assert_eq!(comparable(mine), comparable(theirs), "{id}");
        let roles = |desk: &Desk, roles: Vec<String>| roles.join("\n").replace(desk.realm.name(), "<realm>");
        assert_eq!(roles(&one, one.roles(id).await), roles(&other, other.roles(id).await), "{id}");
    }
    // What was exported from the new realm is the same file but for the attribute that was left out.
    let again = other.run(&["export"]).await;
    assert_eq!(again.stdout, export.stdout);

    // On its own realm there is nothing to do, and for `svc-secret` nothing is taken away.
    for desk in [&one, &other] {
        let recorder =
            kxi_auth_tests::recordings::recorder::Recorder::start(desk.realm.server()).await.unwrap();
        let command = desk.command(&format!("http://{}", recorder.address()), &APPLY);
        let settled = fed(command, export.stdout.clone()).await;
        assert_eq!(settled.code, 0, "{}", settled.stderr);
        assert_eq!(writes(&recorder.finish().unwrap()), [""; 0], "{}", settled.stdout);
    }
    let kept = one.client("svc-secret").await.unwrap();
    assert_eq!(kept["attributes"]["db.password"], "planted");
    one.realm.delete().await.unwrap();
    other.realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unowned_realm_is_exported_by_its_name_and_settles_after_one_run() {
    let desk = Desk::new().await;
    for id in ["svc-a", "svc-b"] {
        assert_eq!(desk.run(&["client", "register", id, "--roles", "all"]).await.code, 0);
    }
    desk.declare("others", &json!([{"id": "svc-theirs", "roles": "none"}]));
    assert_eq!(desk.run(&["apply", "-f", "clients.yaml"]).await.code, 0);
    let export = desk.run(&["export", "--owner", "mine"]).await;
    assert!(export.stderr.contains("`svc-theirs` is left out: it belongs to owner `others`"));
    assert!(!export.stdout.contains("svc-theirs"), "{}", export.stdout);
    let owned = desk.run(&["export", "--owner", "mine", "--owned-only", "-o", "json"]).await;
    assert_eq!(owned.json()["clients"], json!([]));

    let host = desk.realm.server().host();
    let first = fed(desk.command(&host, &APPLY), export.stdout.clone()).await;
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.actions().iter().all(|(_, action)| action == "update"), "{}", first.stdout);
    let second = fed(desk.command(&host, &APPLY), export.stdout).await;
    assert!(second.actions().iter().all(|(_, action)| action == "unchanged"), "{}", second.stdout);
    assert_eq!(second.actions().len(), 2);
    desk.realm.delete().await.unwrap();
}

/// They come with the service account, and no declaration has to hold them.
#[tokio::test]
async fn the_mappers_that_the_server_adds_are_not_exported() {
    let desk = Desk::new().await;
    assert_eq!(desk.run(&["client", "register", "svc", "--roles", "none"]).await.code, 0);
    let client = desk.client("svc").await.unwrap();
    let mappers = client["protocolMappers"].as_array().into_iter().flatten();
    let names = sorted(mappers.map(|mapper| mapper["name"].as_str().unwrap()));
    let older = vec!["Client Host", "Client ID", "Client IP Address"];
    assert_eq!(names, expected(&desk.realm, &SERVERS_MAPPERS, Vec::new(), older).await);
    let export = desk.run(&["export", "--owner", "feeds", "-o", "json"]).await;
    assert_eq!(export.json()["clients"], json!([{"id": "svc", "roles": "none"}]), "{}", export.stderr);
    desk.realm.delete().await.unwrap();
}
