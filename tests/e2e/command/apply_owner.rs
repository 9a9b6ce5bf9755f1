//! Whose a client is when it is changed or deleted, not when the plan was made.

use kxi_auth_tests::programs::command::shown;
use kxi_auth_tests::programs::pty::Terminal;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::{Value, json};

use crate::command::desk::{APPLY, Desk, finish};
use crate::command::run::{command, done, fails, failure, output};
use crate::setup::{met, realm};

async fn owner(desk: &Desk, id: &str) -> Value {
    desk.client(id).await.unwrap()["attributes"]["kxi-auth.owner"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_somebody_elses_is_not_pruned() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([{"id": "svc-a", "roles": "none"}, {"id": "svc-b", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    desk.declare("feeds", &json!([{"id": "svc-a", "roles": "none"}]));
    for (other, claim) in [("trades", "trades"), ("nobody", "")] {
        let words = ["apply", "-f", "clients.yaml", "--prune"];
        let mut command = desk.command(&desk.realm.server().host(), &words);
        command.env("TERM", "xterm");
        let mut session = Terminal::new().size(24, 160).start(command).unwrap();
        session.expect("svc-b? [y/N] ").unwrap();
        let uuid = desk.client("svc-b").await.unwrap()["id"].as_str().unwrap().to_owned();
        let claimed = json!({"clientId": "svc-b", "serviceAccountsEnabled": true,
            "attributes": {"kxi-auth.owner": claim}});
        desk.realm.put(&format!("/clients/{uuid}"), &claimed).await.unwrap();
        session.send_line("y").unwrap();
        let ended = session.finish().unwrap();
        assert_eq!(ended.code, 6, "{other}: {}", ended.shown);
        assert!(ended.shown.contains("`kxi-auth.owner` is not `feeds`"), "{other}: {}", ended.shown);
        assert!(desk.client("svc-b").await.is_some(), "{other}");
        let back = json!({"clientId": "svc-b", "serviceAccountsEnabled": true,
            "attributes": {"kxi-auth.owner": "feeds"}});
        desk.realm.put(&format!("/clients/{uuid}"), &back).await.unwrap();
    }
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_of_a_new_client_the_first_has_it() {
    let (desk, host) = {
        let desk = Desk::new().await;
        let host = desk.realm.server().host();
        (desk, host)
    };
    let proxy = FaultProxy::start(&host).await.unwrap();
    // The plan of the second has seen no such client by then.
    proxy.inject("POST", "/clients", 1..=1, Fault::retry_after(503, "10"));
    desk.declare("second", &json!([{"id": "svc", "roles": ["all"], "token_lifespan": 60}]));
    let second = tokio::spawn(finish(desk.command(&proxy.host(), &APPLY)));
    met(&proxy, "POST", "/clients").await;
    desk.declare("first", &json!([{"id": "svc", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let run = second.await.unwrap();
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert_eq!(owner(&desk, "svc").await, "first");
    let attributes = desk.client("svc").await.unwrap()["attributes"].clone();
    assert_eq!(attributes["access.token.lifespan"], Value::Null);
    assert!(!desk.roles("svc").await.contains(&"all".to_owned()));
    // What programs read of it is an object on each line: the plan, and why it is not as it should be.
    let lines: Vec<Value> = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys: Vec<&String> = lines.iter().flat_map(|line| line.as_object().unwrap().keys()).collect();
    assert_eq!(keys, ["plan", "error"], "{}", run.stderr);
    assert_eq!(lines[0]["plan"]["clients"][0]["action"], "create");
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_that_the_platform_needs_is_pruned_only_on_demand() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([{"id": "insights-app", "roles": "none"}]));
    assert_eq!(desk.run(&[&APPLY[..], &["--allow-builtin"]].concat()).await.code, 0);
    desk.declare("feeds", &json!([]));
    let prune = ["--prune", "--yes", "--allow-empty"];
    let run = desk.run(&[&APPLY[..], &prune].concat()).await;
    assert_eq!((run.code, run.actions()), (0, Vec::new()), "{}", run.stderr);
    assert!(run.stderr.contains("`insights-app` is not deleted"), "{}", run.stderr);
    let run = desk.run(&[&APPLY[..], &prune, &["--allow-builtin"]].concat()).await;
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(desk.client("insights-app").await.is_none());
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn the_owner_is_set_by_apply_alone_and_prune_leaves_what_no_file_can_declare() {
    let realm = realm().await;
    let map = r#"attributes={"kxi-auth.owner": "desk"}"#;
    for words in [["--attribute", "kxi-auth.owner=desk"], ["--set", map]] {
        let words = [&["client", "register", "svc"][..], &words].concat();
        assert_eq!(fails(&realm, &words).await, failure(2, "usage"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clients.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "owner: desk\nclients: [{id: off, roles: none}, {id: on, roles: none}]\n").unwrap();
    done(&realm, &["apply", "-f", path]).await;
    let off = realm.get("/clients?clientId=off").await.unwrap()[0]["id"].as_str().unwrap().to_owned();
    realm.put(&format!("/clients/{off}"), &json!({"clientId": "off", "bearerOnly": true})).await.unwrap();
    std::fs::write(&file, "owner: desk\nclients: []\n").unwrap();
    let plan = output(command(&realm, &["plan", "-f", path, "--prune", "--allow-empty"])).await;
    let text = shown(&plan);
    assert!(text.contains("- on  delete\n") && !text.contains("- off  delete"), "{text}");
    assert!(text.contains("warning: `off` is not deleted"), "{text}");
    realm.delete().await.unwrap();
}
