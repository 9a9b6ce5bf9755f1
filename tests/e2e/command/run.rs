//! Runs of the command by the realm's administrator.

use std::process::{Command, Output, Stdio};

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{Ran, kxi_auth, run, shown};
use serde_json::Value;

use crate::setup::sorted;

/// A command of the realm's administrator, with nothing on standard input.
pub(super) fn command(realm: &TestRealm, words: &[&str]) -> Command {
    let server = realm.server();
    let mut command = kxi_auth(&server.host(), realm.name(), server.username(), server.password()).unwrap();
    command.args(words).stdin(Stdio::null());
    command
}

pub(super) async fn ran(realm: &TestRealm, words: &[&str]) -> Ran {
    run(command(realm, words), "").await.unwrap()
}

pub(super) async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Runs it in json and returns the exit code, the result and what it said on standard error.
pub(super) async fn in_json(realm: &TestRealm, words: &[&str]) -> (i32, Value, String) {
    let mut command = command(realm, words);
    command.args(["-o", "json"]);
    let output = output(command).await;
    let result = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), result, String::from_utf8(output.stderr).unwrap())
}

/// The error that a run in json said.
pub(super) fn error(said: &str) -> Value {
    let said: Value = serde_json::from_str(said).unwrap();
    said["error"].clone()
}

/// The result of a run that succeeds.
pub(super) async fn done(realm: &TestRealm, words: &[&str]) -> Value {
    let output = output(command(realm, &[words, &["-o", "json"]].concat())).await;
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The exit code and the kind of error of a run that fails.
pub(super) async fn fails(realm: &TestRealm, words: &[&str]) -> (i32, String) {
    let output = output(command(realm, &[words, &["-o", "json"]].concat())).await;
    assert!(output.stdout.is_empty(), "{words:?}: {}", shown(&output));
    let said: Value = serde_json::from_slice(&output.stderr).unwrap();
    (output.status.code().unwrap(), said["error"]["kind"].as_str().unwrap().to_owned())
}

pub(super) fn failure(code: i32, kind: &str) -> (i32, String) {
    (code, kind.to_owned())
}

/// The names in a JSON array, sorted.
pub(super) fn names(value: &Value) -> Vec<String> {
    sorted(value.as_array().unwrap().iter().map(|name| name.as_str().unwrap()))
}
