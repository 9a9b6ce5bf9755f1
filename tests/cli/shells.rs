//! What the shells complete with the scripts that the command prints.

use std::process::Command;

use kxi_auth_tests::programs::command::binary;
use kxi_auth_tests::programs::installed::are_there;
use kxi_auth_tests::programs::shells::{Completion, Shell};

/// What a shell must offer for a line, in any order, and nothing else.
const WORDS: [(&str, &[&str]); 12] = [
    ("kxi-auth cl", &["client"]),
    ("kxi-auth client r", &["register", "roles", "rotate-secret"]),
    ("kxi-auth client roles ", &["assign", "list", "revoke"]),
    ("kxi-auth config ", &["path", "show"]),
    (
        "kxi-auth client register --sec",
        &[
            "--secret-file",
            "--secret-format",
            "--secret-name",
            "--secret-namespace",
            "--secret-out",
            "--secret-stdin",
        ],
    ),
    ("kxi-auth client roles assign svc --rol", &["--role", "--roles"]),
    ("kxi-auth client list -o ", &["json", "jsonl", "table", "yaml"]),
    ("kxi-auth --realm uat client list --output js", &["json", "jsonl"]),
    ("kxi-auth -o js", &["json", "jsonl"]),
    ("kxi-auth client roles list svc -o y", &["yaml"]),
    ("kxi-auth client get svc --secret-format ", &["env", "json", "kubernetes", "raw"]),
    ("kxi-auth completions ", &["bash", "elvish", "fish", "powershell", "zsh"]),
];

/// Words that work and are no longer taught.
const HIDDEN: [&str; 5] = ["kxi-auth cr", "kxi-auth ass", "kxi-auth get", "kxi-auth us", "kxi-auth user cr"];

fn script(shell: &str) -> String {
    let output = Command::new(binary().unwrap()).env_clear().args(["completions", shell]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
    String::from_utf8(output.stdout).unwrap()
}

/// The script in its shell, unless that is missing here.
fn completion(shell: Shell) -> Option<Completion> {
    let there = are_there(&[shell.name()]).unwrap();
    there.then(|| Completion::new(shell, "kxi-auth", &script(shell.name())).unwrap())
}

fn completes(shell: Shell) {
    let Some(completion) = completion(shell) else { return };
    for (line, expected) in WORDS {
        let mut found = completion.candidates(line).unwrap();
        // Some shells offer options beside an empty word.
        found.retain(|word| line.contains("--") || !word.starts_with('-'));
        found.sort();
        assert_eq!(found, expected, "{line:?} in {shell:?}");
    }
    for line in HIDDEN {
        let begun = line.rsplit(' ').next().unwrap();
        // fish goes on to offer words that only contain the letters.
        let found = completion.candidates(line).unwrap();
        let found: Vec<&String> = found.iter().filter(|word| word.starts_with(begun)).collect();
        assert!(found.is_empty(), "{line:?} in {shell:?}: {found:?}");
    }
    // Of the folder above, which holds the command: a file is wanted by the first four alone.
    for (line, wanted) in [
        ("kxi-auth client register svc --secret-file ../bi", true),
        ("kxi-auth plan -f ../bi", true),
        ("kxi-auth man --dir ../bi", true),
        ("kxi-auth --ca-cert ../bi", true),
        ("kxi-auth client get ../bi", false),
        ("kxi-auth client list --realm ../bi", false),
    ] {
        // Where a script offers nothing, bash offers files of its own accord.
        if !wanted && shell == Shell::Bash && !line.contains("--") {
            continue;
        }
        let found = completion.candidates(line).unwrap();
        // To offer what was typed is to offer nothing.
        let found = found.iter().map(|word| word.trim_end_matches('/')).filter(|word| *word != "../bi");
        let found: Vec<&str> = found.collect();
        assert_eq!(found, if wanted { vec!["../bin"] } else { Vec::new() }, "{line:?} in {shell:?}");
    }
}

#[test]
fn bash_completes() {
    completes(Shell::Bash);
}

#[test]
fn zsh_completes() {
    completes(Shell::Zsh);
}

#[test]
fn fish_completes() {
    completes(Shell::Fish);
}
