//! `apply` when others change the clients after the plan was made: what was done counts, not what was planned.

use std::process::Stdio;
use std::time::Duration;

use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::{Value, json};

use crate::command::desk::{APPLY, Desk, Run};

const PAUSE: Duration = Duration::from_secs(4);

/// Applies through a proxy that holds up one request, and changes the realm in the meantime.
async fn meanwhile(
    desk: &Desk,
    words: &[&str],
    (method, part, number): (&'static str, &str, usize),
    change: impl Future<Output = ()>,
) -> Run {
    let proxy = FaultProxy::start(&desk.realm.server().host()).await.unwrap();
    proxy.inject(method, part, number..=number, Fault::Delay(PAUSE));
    let mut command = desk.command(&proxy.host(), &[&APPLY[..], words].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let arrives = async {
        while proxy.count(method, part) < number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrives).await.unwrap();
    change.await;
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

async fn delete(desk: &Desk, id: &str) {
    assert_eq!(desk.run(&["client", "delete", id, "--yes"]).await.code, 0);
}

fn svc(lifespan: u32) -> Value {
    json!({"id": "svc-a", "roles": ["all"], "token_lifespan": lifespan, "secret_out": "out"})
}

fn content(desk: &Desk) -> String {
    std::fs::read_to_string(desk.path("out")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_deleted_before_its_update_is_created_and_its_new_secret_delivered() {
    let desk = Desk::new().await;
    for request in [("PUT", "/clients/", 1), ("GET", "/service-account-user", 1)] {
        desk.declare("feeds", &json!([svc(300)]));
        assert_eq!(desk.run(&APPLY).await.code, 0);
        let old = content(&desk);
        desk.declare("feeds", &json!([svc(600)]));
        let run = meanwhile(&desk, &[], request, delete(&desk, "svc-a")).await;
        assert_eq!(run.code, 0, "{request:?}: {}", run.stderr);
        let outcome = &run.json()[0];
        assert_eq!(outcome["action"], "create", "{request:?}: {outcome}");
        assert_eq!(outcome["secret_file"], "out", "{outcome}");
        assert_ne!(content(&desk), old);
        assert_eq!(content(&desk), desk.secret("svc-a").await);
        assert_eq!(std::fs::read_dir(desk.path(".")).unwrap().count(), 2);
    }
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_created_before_its_create_keeps_its_secret_which_is_delivered() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([svc(300)]));
    let other = async {
        let client =
            json!({"clientId": "svc-a", "secret": "of another hand", "serviceAccountsEnabled": true});
        desk.realm.post("/clients", &client).await.unwrap();
    };
    let run = meanwhile(&desk, &[], ("POST", "/clients", 1), other).await;
    assert_eq!((run.code, &run.json()[0]["action"]), (0, &json!("update")), "{}", run.stderr);
    assert_eq!(content(&desk), "of another hand");
    assert_eq!(std::fs::read_dir(desk.path(".")).unwrap().count(), 2, "the staged secret is gone");
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_rotated_before_its_delivery_is_delivered() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([svc(300)]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    std::fs::remove_file(desk.path("out")).unwrap();
    let uuid = desk.client("svc-a").await.unwrap()["id"].as_str().unwrap().to_owned();
    let rotate = async {
        desk.realm.post(&format!("/clients/{uuid}/client-secret"), &json!({})).await.unwrap();
    };
    // The plan reads one page of the clients; the delivery looks the client up again.
    let run = meanwhile(&desk, &[], ("GET", "/clients", 2), rotate).await;
    assert_eq!((run.code, &run.json()[0]["action"]), (0, &json!("deliver")), "{}", run.stderr);
    assert_eq!(content(&desk), desk.secret("svc-a").await);
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_deleted_before_it_is_pruned_is_gone() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([svc(300), {"id": "svc-old", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    desk.declare("feeds", &json!([svc(300)]));
    let words = ["--prune", "--yes"];
    let run = meanwhile(&desk, &words, ("DELETE", "/clients/", 1), delete(&desk, "svc-old")).await;
    assert_eq!(run.code, 0, "{}", run.stderr);
    let actions = run.actions();
    assert_eq!(actions.last().unwrap(), &("svc-old".to_owned(), "gone".to_owned()), "{actions:?}");
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_changes_hands_before_its_update_keeps_its_secret_and_its_file() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([svc(300)]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let old = content(&desk);
    let mut declared = svc(600);
    declared["secret"] = json!({"env": "NEW_SECRET"});
    desk.declare("feeds", &json!([declared]));
    let uuid = desk.client("svc-a").await.unwrap()["id"].as_str().unwrap().to_owned();
    let proxy = FaultProxy::start(&desk.realm.server().host()).await.unwrap();
    // A conflict makes the update read the client again.
    let overtaken = r#"{"errorMessage":"Duplicate resource error"}"#;
    proxy.inject("PUT", "/clients/", 1..=1, Fault::answer(409, "application/json", overtaken));
    proxy.inject("GET", &format!("/clients/{uuid}"), 1..=1, Fault::Delay(PAUSE));
    let mut command = desk.command(&proxy.host(), &APPLY);
    command.env("NEW_SECRET", "the declared one").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while proxy.count("PUT", "/clients/") < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = json!({"clientId": "svc-a", "serviceAccountsEnabled": true,
        "attributes": {"kxi-auth.owner": "others"}});
    desk.realm.put(&format!("/clients/{uuid}"), &taken).await.unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((content(&desk), desk.secret("svc-a").await), (old.clone(), old));
    assert_eq!(std::fs::read_dir(desk.path(".")).unwrap().count(), 2, "the staged secret is gone");
    desk.realm.delete().await.unwrap();
}
