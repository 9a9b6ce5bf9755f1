//! `apply` that is interrupted, that fails for some clients, or for all of them.

use std::process::{Command, Stdio};
use std::time::Duration;

use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::{Value, json};

use crate::command::desk::{APPLY, Desk, finish, writes};
use crate::setup::sorted;

fn numbered(count: usize, roles: &Value) -> Value {
    (0..count).map(|number| json!({"id": format!("svc-{number:02}"), "roles": roles})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_leaves_nothing_half_done_and_the_next_completes_it() {
    let desk = Desk::new().await;
    desk.declare("feeds", &numbered(30, &json!(["all", "a,b"])));
    let proxy = FaultProxy::start(&desk.realm.server().host()).await.unwrap();
    proxy.inject("POST", "/role-mappings", .., Fault::Delay(Duration::from_millis(300)));
    let mut command = desk.command(&proxy.host(), &APPLY);
    command.args(["--concurrency", "3"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while proxy.count("POST", "/clients") < 7 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");

    let outcomes: Value = serde_json::from_slice(&output.stdout).unwrap();
    let default = format!("default-roles-{}", desk.realm.name());
    let mut done = 0;
    for outcome in outcomes.as_array().unwrap() {
        let id = outcome["id"].as_str().unwrap();
        let ok = outcome["ok"] == true;
        assert_eq!(desk.client(id).await.is_some(), ok, "{outcome}");
        assert!(ok || outcome["error"]["kind"] == "interrupted", "{outcome}");
        if ok {
            done += 1;
            assert_eq!(desk.roles(id).await, sorted(["a,b", "all", &default]), "{id}");
        }
    }
    assert!((7..30).contains(&done), "{done} of 30: {said}");
    assert!(said.contains(&format!("{} of 30 clients do not match the declaration", 30 - done)), "{said}");

    let again = desk.run(&APPLY).await;
    assert_eq!(again.code, 0, "{}", again.stderr);
    let unchanged = again.actions().iter().filter(|(_, action)| action == "unchanged").count();
    assert_eq!(unchanged, done);
    for number in [0, 15, 29] {
        assert_eq!(desk.roles(&format!("svc-{number:02}")).await, sorted(["a,b", "all", &default]));
    }
    let (third, log) = desk.recorded(&APPLY, &[]).await;
    assert_eq!((third.code, writes(&log)), (0, Vec::new()));
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_that_fails_stops_no_other_but_the_pruning() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([{"id": "svc-old", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let taken = json!({"username": "service-account-svc-02", "enabled": true});
    desk.realm.post("/users", &taken).await.unwrap();
    desk.declare("feeds", &numbered(5, &json!(["all"])));

    let run = desk.run(&[&APPLY[..], &["--prune", "--yes"]].concat()).await;
    assert_eq!(run.code, 6, "{}", run.stderr);
    for outcome in run.json().as_array().unwrap() {
        let fails = outcome["id"] == "svc-02" || outcome["id"] == "svc-old";
        assert_eq!(outcome["ok"], json!(!fails), "{outcome}");
        let why = outcome["error"]["message"].as_str().unwrap_or_default();
        match outcome["id"].as_str().unwrap() {
            "svc-02" => assert!(why.contains("service-account-svc-02"), "{why}"),
            "svc-old" => assert!(why.contains("not deleted"), "{why}"),
            _ => assert_eq!(why, ""),
        }
    }
    assert!(run.stderr.contains("2 of 6 clients do not match the declaration"), "{}", run.stderr);
    assert!(run.stderr.contains("svc-02: "), "{}", run.stderr);
    assert!(!run.stderr.contains("again"), "it would fail again: {}", run.stderr);
    for (id, there) in [("svc-00", true), ("svc-02", false), ("svc-04", true), ("svc-old", true)] {
        assert_eq!(desk.client(id).await.is_some(), there, "{id}");
    }
    desk.realm.delete().await.unwrap();
}

/// A secret file that was written is a change as well, although the server was only read.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_before_an_interrupt_is_told() {
    let desk = Desk::new().await;
    let svc_a = json!({"id": "svc-a", "roles": "none", "secret_out": "out"});
    desk.declare("feeds", &json!([svc_a, {"id": "svc-b", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    std::fs::remove_file(desk.path("out")).unwrap();
    desk.declare("feeds", &json!([svc_a]));
    let proxy = FaultProxy::start(&desk.realm.server().host()).await.unwrap();
    let plan = finish(desk.command(&proxy.host(), &["plan", "-f", "clients.yaml", "--prune"])).await;
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    // After the same requests that a plan needs comes the look-up of the client that is to be deleted.
    let planned = proxy.count("GET", "/clients");
    proxy.inject("GET", "/clients", planned + 1..=planned + 1, Fault::Delay(Duration::from_secs(3)));
    let mut command = desk.command(&proxy.host(), &APPLY);
    command.args(["--prune", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let looked_up = async {
        while proxy.count("GET", "/clients") <= 2 * planned {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looked_up).await.unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(!said.contains("nothing was changed"), "{said}");
    let outcomes: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcomes[0]["secret_file"], json!("out"), "{outcomes}");
    assert_eq!(std::fs::read_to_string(desk.path("out")).unwrap(), desk.secret("svc-a").await);
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_the_core_rejects_is_reported_at_its_line_and_column() {
    let desk = Desk::new().await;
    let text = "owner: feeds\nclients:\n- id: svc-a\n  roles:\n  - all\n  - no such role\n- id: svc-b\n  \
                roles: none\n- id: account\n  roles: none\n- id: svc-c\n  roles: [NONE]\n";
    desk.write("clients.yaml", text);
    let run = desk.run(&["apply", "-f", "clients.yaml"]).await;
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines[0], "error: cannot plan 3 of the 4 clients of clients.yaml", "{}", run.stderr);
    for (line, place, part) in [
        (1, "6:5", "this role does not exist in the realm"),
        (2, "9:7", "is a built-in client"),
        (3, "12:11", "this role does not exist in the realm"),
    ] {
        assert!(lines[line].starts_with(&format!("clients.yaml:{place}: ")), "{}", run.stderr);
        assert!(lines[line].contains(part), "{}", run.stderr);
    }
    // What stands there is not repeated: it may be a secret in the wrong place.
    for value in ["`no such role`", "`account`", "NONE"] {
        assert!(!run.stderr.contains(value), "{value}: {}", run.stderr);
    }
    assert!(run.stderr.contains("--allow-builtin") && run.stderr.contains("role list"), "{}", run.stderr);
    assert!(!run.stderr.contains("allow_builtin("), "a method of the library: {}", run.stderr);
    assert!(desk.client("svc-b").await.is_none());

    desk.write("clients.yaml", "owner: feeds\nclients:\n- id: svc-a\n  config:\n    enabled: false\n");
    let run = desk.run(&["plan", "-f", "clients.yaml"]).await;
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("\nclients.yaml:5:5: "), "{}", run.stderr);
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_befalls_all_clients_is_told_once() {
    let desk = Desk::new().await;
    desk.declare("feeds", &numbered(3, &json!(["all"])));
    let apply = ["apply", "-f", "clients.yaml", "--retries", "0"];
    let host = desk.realm.server().host();
    let alone = |said: &str| {
        assert_eq!(said.matches("error:").count(), 1, "{said}");
        assert!(!said.contains("svc-0") && !said.contains("clients.yaml"), "{said}");
    };

    let mut command = desk.command(&host, &apply);
    command.env("INSIGHTS_ADMIN_PASSWORD", "planted-wrong");
    let run = finish(command).await;
    assert_eq!(run.code, 3, "{}", run.stderr);
    alone(&run.stderr);
    assert!(!run.stderr.contains("planted"), "{}", run.stderr);

    let run = finish(desk.command("http://127.0.0.1:1", &apply)).await;
    assert_eq!(run.code, 7, "{}", run.stderr);
    alone(&run.stderr);

    let viewers = ["view-clients", "view-realm", "view-users"];
    for (name, rights) in [("nobody", &[][..]), ("viewer", &viewers[..])] {
        desk.realm.add_admin(name, "planted-right", rights).await.unwrap();
        let mut command = desk.command(&host, &apply);
        command.env("INSIGHTS_ADMIN_USERNAME", name).env("INSIGHTS_ADMIN_PASSWORD", "planted-right");
        command.env("INSIGHTS_ADMIN_REALM", desk.realm.name());
        let run = finish(command).await;
        assert_eq!(run.code, 4, "{name}: {}", run.stderr);
        if name == "nobody" {
            alone(&run.stderr);
        } else {
            // The plan could be made, and each client is reported; the reason is shown once.
            assert!(run.stderr.contains("svc-00 and 2 more: "), "{}", run.stderr);
            assert_eq!(run.stdout.matches("failed").count(), 3, "{}", run.stdout);
        }
    }
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn exact_roles_keep_the_default_role() {
    let desk = Desk::new().await;
    let default = format!("default-roles-{}", desk.realm.name());
    let declare = |roles: Value, exact: bool| {
        desk.declare("feeds", &json!([{"id": "svc-a", "roles": roles, "exact_roles": exact}]));
    };
    declare(json!(["all", "none", "a,b"]), false);
    assert_eq!(desk.run(&APPLY).await.code, 0);
    declare(json!(["none"]), false);
    assert_eq!(desk.run(&["plan", "-f", "clients.yaml", "--exit-code"]).await.code, 0);
    assert_eq!(desk.roles("svc-a").await, sorted(["a,b", "all", "none", &default]));
    declare(json!(["none"]), true);
    let run = desk.run(&APPLY).await;
    assert_eq!(run.json()[0]["roles_revoked"], json!(["a,b", "all"]));
    assert_eq!(desk.roles("svc-a").await, sorted(["none", &default]));
    declare(json!("none"), true);
    assert_eq!(desk.run(&APPLY).await.code, 0);
    assert_eq!(desk.roles("svc-a").await, [default]);
    let (run, log) = desk.recorded(&APPLY, &[]).await;
    assert_eq!((run.code, writes(&log)), (0, Vec::new()));
    desk.realm.delete().await.unwrap();
}
