//! What is said about the command line itself: help and usage errors, before anything is sent.

use std::process::Command;

use kxi_auth_tests::programs::command::{binary, kxi_auth, shown};

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

/// The words of every command, by its own help: those below it, level by level.
fn commands() -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut next = 0;
    while let Some(words) = all.get(next).cloned() {
        next += 1;
        let shown: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = help(&shown);
        let Some((_, list)) = text.split_once("Commands:\n") else { continue };
        for line in list.lines().take_while(|line| !line.is_empty()) {
            let name = line.split_whitespace().next().unwrap();
            if line.starts_with("  ") && !line.starts_with("   ") && name != "help" {
                all.push([&words[..], &[name.to_owned()]].concat());
            }
        }
    }
    all
}

#[test]
fn help_texts() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for words in commands {
        let name = format!("help {}", words.join(" ")).trim().replace(' ', "_");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        insta::assert_snapshot!(name, help(&words));
    }
}

#[test]
fn old_words_have_help_and_are_not_in_the_list() {
    for word in ["create-client", "assign-roles", "get-available-roles", "get-client-secret"] {
        assert!(!help(&[]).contains(word));
        for words in [vec![word], vec!["user", word]] {
            assert!(help(&words).starts_with("Same as `"), "{words:?}");
        }
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
