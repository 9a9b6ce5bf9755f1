//! `client list`: long lists come line by line.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::command::run::{command, output};
use crate::setup::realm;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_streams_and_a_closed_pipe_is_quiet() {
    let realm = realm().await;
    for number in 0..120 {
        realm.post("/clients", &json!({"clientId": format!("svc-{number:03}")})).await.unwrap();
    }
    let lines = output(command(&realm, &["client", "list", "-o", "jsonl"])).await;
    let text = String::from_utf8(lines.stdout).unwrap();
    let ids: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids.iter().filter(|id| id.as_str().unwrap().starts_with("svc-")).count(), 120);

    let mut command = command(&realm, &["client", "list", "-o", "jsonl"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"id\":"), "{first}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    realm.delete().await.unwrap();
}
