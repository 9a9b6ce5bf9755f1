//! Standard output for data alone: as it arrives, without color in a pipe, quiet when the reader has gone.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use kxi_auth_tests::programs::command::{bare, kxi_auth, run};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use serde_json::{Value, json};

use crate::{NOWHERE, PASSWORD, at};

/// How many clients the core asks for at first.
const FIRST_PAGE: usize = 64;

/// A server whose first page of clients is full, and that does not respond to a request for more, as often
/// as `held` counts.
async fn two_pages(held: std::ops::RangeInclusive<usize>) -> FaultProxy {
    let page = |from: usize, count: usize| -> Value {
        (from..from + count)
            .map(|number| json!({"id": format!("u{number}"), "clientId": format!("svc-{number:03}")}))
            .collect()
    };
    let server = FaultProxy::start(NOWHERE).await.unwrap();
    let token = json!({"access_token": "token", "expires_in": 300}).to_string();
    let answer = |body: &Value| Fault::answer(200, "application/json", &body.to_string());
    server.inject("POST", "/token", .., Fault::answer(200, "application/json", &token));
    server.inject("GET", "/clients", 1..=1, answer(&page(0, FIRST_PAGE)));
    server.inject("GET", "/clients", held, Fault::Hang);
    server.inject("GET", "/clients", 2.., answer(&page(FIRST_PAGE, 2)));
    server
}

fn list(host: &str, words: &[&str]) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(["--keycloak-path", "/auth", "client", "list"]).args(words);
    command
}

/// Starts it with pipes, and reads its first line.
async fn first_line(mut command: Command) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let read = move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        (child, out, line)
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

/// The second page never comes: the first client is there all the same.
#[tokio::test]
async fn jsonl_streams() {
    let server = two_pages(2..=usize::MAX).await;
    let (mut child, out, line) = first_line(list(&server.host(), &["-o", "jsonl", "--timeout", "60"])).await;
    let client: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(client["id"], "svc-000");
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(out);
}

/// A document has an end: nothing of it comes before.
#[tokio::test]
async fn json_comes_whole() {
    let server = two_pages(2..=2).await;
    let ran = run(list(&server.host(), &["-o", "json", "--timeout", "1"]), "").await.unwrap();
    let clients = ran.json().unwrap();
    let ids: Vec<&str> =
        clients.as_array().unwrap().iter().map(|client| client["id"].as_str().unwrap()).collect();
    assert!(ids.starts_with(&["svc-000", "svc-001"]) && ids.contains(&"svc-065"), "{ids:?}");
    let lines = two_pages(0..=0).await;
    let ran = run(list(&lines.host(), &["-o", "jsonl"]), "").await.unwrap();
    let streamed: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::Array(streamed).as_array().unwrap().len(), ids.len());
}

/// `| head -1`: what it took is all that it wanted, whatever the rest would have been.
#[tokio::test]
async fn a_closed_pipe_is_quiet() {
    let server = two_pages(2..=2).await;
    let (mut child, out, _) = first_line(list(&server.host(), &["-o", "jsonl", "--timeout", "2"])).await;
    drop(out);
    // What is left of the first page, or else the second, has no reader.
    let end = move || {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (child.wait().unwrap().code(), said)
    };
    assert_eq!(tokio::task::spawn_blocking(end).await.unwrap(), (Some(0), String::new()));
}

#[test]
fn a_pipe_that_nobody_ever_read_is_quiet() {
    for words in [
        ["--help"].as_slice(),
        &["--version"],
        &["config", "show"],
        &["config", "path", "-o", "yaml"],
        &["man"],
        &["schema"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bare().unwrap().args(words).stdout(writer).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = bare().unwrap().args(["config", "show"]).stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot write the result"), "{said}");
}

/// The result and nothing else, however much is reported besides.
#[tokio::test]
async fn standard_output_is_data_alone() {
    for format in ["table", "json", "yaml", "jsonl"] {
        let mut shown = Vec::new();
        for more in [[].as_slice(), &["-v"], &["-vv"], &["--quiet"]] {
            let replay = Replay::start("role-list").await.unwrap();
            let ran = at(&replay.host(), &[&["role", "list", "-o", format], more].concat()).await;
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_eq!(ran.stderr.is_empty(), !more.iter().any(|word| word.starts_with("-v")), "{ran:?}");
            shown.push(ran.stdout);
        }
        shown.dedup();
        assert_eq!(shown.len(), 1, "{shown:?}");
    }
}

#[tokio::test]
async fn color_is_for_terminals_and_for_who_insists() {
    for (variables, colored) in [
        ([].as_slice(), false),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], false),
    ] {
        for words in [["config", "show"].as_slice(), &["role", "list"], &["--help"], &["clint"]] {
            let mut command = bare().unwrap();
            command.envs(variables.iter().copied()).args(words);
            let ran = run(command, "").await.unwrap();
            assert_eq!(ran.all().contains('\u{1b}'), colored, "{variables:?} {words:?}: {ran:?}");
        }
        // What programs read has none in any case.
        for words in [["config", "show"].as_slice(), &["role", "list"], &["clint"]] {
            for format in ["json", "yaml", "jsonl"] {
                let mut command = bare().unwrap();
                command.envs(variables.iter().copied()).args(words).args(["-o", format]);
                let ran = run(command, "").await.unwrap();
                assert!(!ran.all().contains('\u{1b}'), "{words:?}: {ran:?}");
            }
        }
    }
}
