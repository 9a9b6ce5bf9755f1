//! Words that make no command, and the help of the words that no list shows.

use kxi_auth_tests::programs::command::{bare, kxi_auth, shown};

use crate::NOWHERE;

fn run(words: &[&str]) -> String {
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "pw").unwrap();
    shown(&command.args(words).output().unwrap())
}

fn help(words: &str) -> String {
    let output = bare().unwrap().args(words.split_whitespace()).arg("--help").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = commands.take_while(|line| !line.is_empty());
    // Two blanks before a name; more where a description goes on.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names = names.filter_map(|line| line.split_whitespace().next()).map(ToOwned::to_owned);
    names.filter(|name| name != "help").collect()
}

/// The help of a command and of all that is below it.
fn help_of_all(command: &str) {
    let text = help(command);
    insta::assert_snapshot!(format!("help {command}").trim().replace(' ', "_"), text);
    for inner in listed(&text) {
        help_of_all(format!("{command} {inner}").trim());
    }
}

#[test]
fn help_texts_of_the_old_words() {
    help_of_all("user");
    for word in ["create-client", "assign-roles", "get-available-roles", "get-client-secret"] {
        help_of_all(word);
        // Below `user` only the word itself is another.
        assert_eq!(
            help(&format!("user {word}")).replace("kxi-auth user ", "kxi-auth "),
            help(word),
            "{word}"
        );
    }
}

#[test]
fn usage_errors() {
    insta::assert_snapshot!(
        "all_and_a_name",
        run(&["client", "register", "svc", "--roles", "all", "--role", "a"])
    );
    insta::assert_snapshot!("no_role", run(&["client", "roles", "assign", "svc"]));
    insta::assert_snapshot!("nothing_to_update", run(&["client", "update", "svc"]));
    insta::assert_snapshot!(
        "set_no_json",
        run(&["client", "update", "svc", "--set", "description=hidden words"])
    );
    insta::assert_snapshot!("attribute_no_pair", run(&["client", "update", "svc", "--attribute", "hidden"]));
    insta::assert_snapshot!("unknown_command", run(&["clint", "list"]));
    insta::assert_snapshot!("no_command", run(&["client", "-o", "json"]));
}

/// A word too much, which could be a secret that was meant to be a flag's value, is not said again.
#[test]
fn no_flag_takes_a_password_and_what_was_given_is_not_repeated() {
    for words in [
        ["--admin-password=hunter2", "role", "list"].as_slice(),
        &["role", "list", "--admin-client-secret=hunter2"],
        &["client", "register", "svc", "--secret=hunter2"],
        &["client", "token", "svc", "--token=hunter2"],
    ] {
        for format in ["table", "json", "yaml", "jsonl"] {
            let said = run(&[words, &["-o", format]].concat());
            assert!(said.starts_with("exit code: 2\n") && !said.contains("hunter2"), "{said}");
        }
    }
}
