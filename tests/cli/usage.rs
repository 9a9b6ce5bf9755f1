//! What is said about the command line itself: help and usage errors, before anything is sent.

use std::process::Command;

use kxi_auth_tests::command::{binary, kxi_auth, shown};

use crate::NOWHERE;

fn run(words: &[&str]) -> String {
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "pw").unwrap();
    shown(&command.args(words).output().unwrap())
}

fn help(words: &[&str]) -> String {
    let output = Command::new(binary().unwrap()).env_clear().args(words).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_texts() {
    for command in [
        "",
        "client",
        "client register",
        "client list",
        "client delete",
        "client token",
        "role list",
        "doctor",
    ] {
        let name = format!("help {command}").trim().replace(' ', "_");
        let words: Vec<&str> = command.split_whitespace().collect();
        insta::assert_snapshot!(name, help(&words));
    }
}

#[test]
fn usage_errors() {
    insta::assert_snapshot!("empty_role", run(&["client", "register", "svc", "--roles", "a,,b"]));
    insta::assert_snapshot!(
        "no_secret_file",
        run(&["client", "register", "svc", "--secret-file", "/no/such/file"])
    );
    insta::assert_snapshot!("blank_id", run(&["client", "register", " "]));
    insta::assert_snapshot!("delete_without_yes", run(&["client", "delete", "svc"]));
    insta::assert_snapshot!("host_without_scheme", run(&["--host", "insights.example.com", "role", "list"]));
}

#[test]
fn a_missing_parameter_names_its_variable() {
    let output = Command::new(binary().unwrap()).env_clear().args(["role", "list"]).output().unwrap();
    insta::assert_snapshot!(shown(&output));
}

#[test]
fn an_unreachable_server_is_exit_code_7() {
    insta::assert_snapshot!(run(&["role", "list"]));
}

#[test]
fn a_secret_file_may_not_be_empty() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "\n").unwrap();
    let path = file.path().to_str().unwrap();
    let said = run(&["client", "register", "svc", "--secret-file", path]);
    assert!(said.starts_with("exit code: 2\n"), "{said}");
    assert!(said.contains("is empty"), "{said}");
}
