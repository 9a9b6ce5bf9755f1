//! Errors for programs: an object on standard error, in the format of the results.

use std::process::{Command, Output};

use kxi_auth_tests::programs::command::{binary, kxi_auth, shown};
use serde_json::Value;

use crate::NOWHERE;

fn run(words: &[&str]) -> Output {
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "hunter2").unwrap();
    command.args(words).output().unwrap()
}

/// The members of the error object that this run said.
fn error(words: &[&str]) -> (i32, Value) {
    let output = run(words);
    assert!(output.stdout.is_empty(), "{}", shown(&output));
    let said: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(said.as_object().unwrap().len(), 1);
    for key in ["kind", "message", "hint"] {
        assert!(said["error"].get(key).is_some(), "{said}");
    }
    (output.status.code().unwrap(), said["error"].clone())
}

#[test]
fn an_error_has_a_kind_a_message_and_a_hint() {
    for format in ["json", "jsonl"] {
        let (code, error_fields) = error(&["role", "list", "--retries", "0", "-o", format]);
        assert_eq!((code, &error_fields["kind"]), (7, &Value::from("unreachable")));
        let (code, error_fields) = error(&["client", "delete", "svc", "-o", format]);
        assert_eq!((code, &error_fields["kind"]), (2, &Value::from("usage")));
        // What clap refuses, too, wherever the format stands.
        let (code, error_fields) = error(&["-o", format, "clint"]);
        assert_eq!((code, &error_fields["kind"]), (2, &Value::from("usage")));
    }
    insta::assert_snapshot!("error_yaml", shown(&run(&["role", "list", "--retries", "0", "-o", "yaml"])));
}

#[test]
fn nothing_is_said_twice_and_no_secret() {
    for words in [&["role", "list", "--retries", "0", "-vv"][..], &["role", "list", "--retries", "1", "-q"]] {
        let text = shown(&run(words));
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.matches("cannot reach the server").count(), 1, "{text}");
    }
}

#[test]
fn a_proxy_is_named_and_one_that_is_not_used_too() {
    let hint_and_message = |variables: &[(&str, &str)]| {
        let mut command = kxi_auth(NOWHERE, "insights", "admin", "hunter2").unwrap();
        command.args(["role", "list", "--retries", "0"]).envs(variables.iter().copied());
        let text = shown(&command.output().unwrap());
        assert!(!text.contains("hidden"), "{text}");
        text
    };
    let plain = hint_and_message(&[]);
    assert!(!plain.contains("PROXY"), "{plain}");
    let unused = hint_and_message(&[("HTTPS_PROXY", "http://u:hidden@127.0.0.1:9")]);
    assert!(unused.contains("HTTPS_PROXY is set, but only --proxy and INSIGHTS_PROXY"), "{unused}");
    let used = [("INSIGHTS_PROXY", "http://u:hidden@127.0.0.1:9"), ("HTTPS_PROXY", "http://127.0.0.1:9")];
    let used = hint_and_message(&used);
    assert!(used.contains("through the proxy http://127.0.0.1:9: "), "{used}");
    assert!(used.contains("check the setting --proxy") && !used.contains("HTTPS_PROXY"), "{used}");
}

#[test]
fn help_and_version_are_no_errors() {
    for words in [&["--version"][..], &["--help"], &["client", "--help"], &["help", "client", "register"]] {
        let output = Command::new(binary().unwrap()).env_clear().args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{words:?}");
    }
}
