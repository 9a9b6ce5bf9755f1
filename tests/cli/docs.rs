//! README and pages say what the command says of itself.

use std::collections::BTreeSet;
use std::process::Command;

use kxi_auth_tests::programs::command::{binary, kxi_auth, shown};
use kxi_auth_tests::programs::pages::{blocks, documents, read, root};
use regex::Regex;
use serde_json::Value;

use crate::NOWHERE;

const MANIFEST: &str = "crates/kxi-auth-cli/docs/kubernetes.yaml";

fn help(words: &[&str]) -> String {
    let mut command = Command::new(binary().unwrap());
    let output = command.env_clear().env("COLUMNS", "100").args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The rows of the table below a heading of the README.
fn rows<'a>(readme: &'a str, heading: &str) -> Vec<&'a str> {
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.lines().filter(|line| line.starts_with("| ")).skip(1).collect()
}

#[test]
fn the_readme_has_every_setting_with_its_variable() {
    let output = kxi_auth(NOWHERE, "insights", "admin", "pw")
        .unwrap()
        .args(["config", "show", "-o", "json"])
        .output()
        .unwrap();
    let settings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let (readme, help) = (read("README.md").unwrap(), help(&[]));
    let rows = rows(&readme, "Settings");
    for setting in &settings {
        let flag = format!("--{}", setting["name"].as_str().unwrap());
        // A secret has none.
        let flag = if help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")) {
            format!("`{flag}`")
        } else {
            String::new()
        };
        let variable = setting["variable"].as_str().map(|name| format!("`{name}`")).unwrap_or_default();
        let start = format!("| {flag} | {variable} | ").replace("|  |", "| |");
        assert!(rows.iter().any(|row| row.starts_with(&start)), "README.md has no row `{start}`");
    }
    assert_eq!(rows.len(), settings.len());
}

#[test]
fn the_readme_has_every_exit_code() {
    let help = help(&[]);
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    let codes = codes.split("\n\n").next().unwrap();
    let codes: BTreeSet<&str> =
        Regex::new(r"\b\d+\b").unwrap().find_iter(codes).map(|code| code.as_str()).collect();
    let readme = read("README.md").unwrap();
    let told: BTreeSet<&str> =
        rows(&readme, "Exit codes").iter().map(|row| row.split(' ').nth(1).unwrap()).collect();
    assert!(codes.len() > 5);
    assert_eq!(told, codes);
}

/// The commands that do something, as help lists them.
fn leaves(path: &[&str]) -> BTreeSet<String> {
    let help = help(path);
    let Some((_, listed)) = help.split_once("\nCommands:\n") else { return BTreeSet::from([path.join(" ")]) };
    let listed = listed.split("\n\n").next().unwrap();
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let inner = names.filter(|name| !name.is_empty() && *name != "help");
    inner.flat_map(|name| leaves(&[path, &[name]].concat())).collect()
}

#[test]
fn the_readme_has_every_command_and_no_other() {
    let readme = read("README.md").unwrap();
    let name = Regex::new(r"^\| `kxi-auth ([a-z -]+?)(?: -f FILE| [A-Z]+)?` \|").unwrap();
    let told: BTreeSet<String> =
        rows(&readme, "Commands").iter().map(|row| name.captures(row).unwrap()[1].to_owned()).collect();
    assert_eq!(told, leaves(&[]));
}

/// The words of each `kxi-auth …` in a line of a shell, without what the shell itself takes.
fn calls(line: &str) -> Vec<Vec<String>> {
    let word = Regex::new(r#"'([^']*)'|"([^"]*)"|(\|\||&&|\||;|>>?|<|#)|([^\s'"|&;<>#]+)"#).unwrap();
    let (mut calls, mut at_start, mut open): (Vec<Vec<String>>, _, _) = (Vec::new(), true, false);
    for found in word.captures_iter(line) {
        if found.get(3).is_some() {
            (at_start, open) = (true, false);
            continue;
        }
        let word = (1..=4).find_map(|group| found.get(group)).map_or("", |found| found.as_str());
        if let Some(call) = calls.last_mut().filter(|_| open) {
            call.push(word.to_owned());
        } else if at_start && word == "kxi-auth" {
            calls.push(Vec::new());
            open = true;
        }
        at_start = false;
    }
    calls
}

#[test]
fn every_command_on_the_pages_can_be_given() {
    let inline = Regex::new("`(kxi-auth [a-z][^`]*)`").unwrap();
    let mut seen = 0;
    for (path, text) in documents().unwrap() {
        let in_blocks = blocks(&text).unwrap().into_iter().flat_map(|block| {
            let lines = block.content.lines().map(str::trim_start);
            lines.filter_map(move |line| match block.language {
                "console" => line.strip_prefix("$ "),
                "sh" => Some(line),
                "yaml" => {
                    line.contains("kxi-auth plan").then_some(line).or_else(|| line.strip_prefix("run: "))
                }
                _ => None,
            })
        });
        let in_text = inline.captures_iter(&text).map(|found| found.extract::<1>().1[0]);
        for line in in_blocks.chain(in_text) {
            for call in calls(line) {
                let words: Vec<&str> =
                    call.iter().map(|word| if word == "SHELL" { "bash" } else { word.as_str() }).collect();
                // What is wrong with a flag is told before help is shown.
                let output =
                    Command::new(binary().unwrap()).env_clear().args(words).arg("--help").output().unwrap();
                assert!(output.status.success(), "{path}: {line}\n{}", shown(&output));
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "only {seen} commands were found");
}

/// Plans a declaration against a server that is not there: exit code 7 tells that nothing is wrong with
/// the file, and that nothing else is.
fn plan(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clients.yaml"), text).unwrap();
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "pw").unwrap();
    for name in Regex::new(r"\benv: (\w+)").unwrap().captures_iter(text) {
        command.env(&name[1], "a secret");
    }
    for file in Regex::new(r"secret: \{file: ([\w.-]+)\}").unwrap().captures_iter(text) {
        std::fs::write(folder.path().join(&file[1]), "a secret").unwrap();
    }
    command.current_dir(&folder).env("INSIGHTS_RETRIES", "0").args(["plan", "-f", "clients.yaml"]);
    shown(&command.output().unwrap())
}

#[test]
fn every_declaration_on_the_pages_is_one() {
    let mut seen = 0;
    for (path, text) in documents().unwrap() {
        for block in blocks(&text).unwrap().iter().filter(|block| block.content.starts_with("owner: ")) {
            let said = plan(block.content);
            assert!(said.starts_with("exit code: 7\n"), "{path}:\n{}\n{said}", block.content);
            seen += 1;
        }
    }
    assert!(seen > 2, "only {seen} declarations were found");
    assert!(plan("owner: market-data\nclient: []\n").starts_with("exit code: 2\n"));
}

#[test]
fn the_job_applies_a_declaration() {
    let manifest = read(MANIFEST).unwrap();
    let (_, data) = manifest.split_once("  clients.yaml: |\n").unwrap();
    let data = data.split("\n---\n").next().unwrap();
    let lines: Vec<&str> = data.lines().map(|line| line.strip_prefix("    ").unwrap()).collect();
    let said = plan(&lines.join("\n"));
    assert!(said.starts_with("exit code: 7\n"), "{said}");
    let args = Regex::new(r"args: \[(.*)\]").unwrap().captures(&manifest).unwrap()[1].replace(',', "");
    let words: Vec<&str> = args.split(' ').collect();
    assert!(help(&words).contains("Usage: kxi-auth apply"));
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]*)(?:#([^)]*))?\)").unwrap();
    for (path, text) in documents().unwrap() {
        for found in link.captures_iter(&text) {
            let page = if found[1].is_empty() {
                root().join(&path)
            } else {
                root().join(&path).parent().unwrap().join(&found[1])
            };
            assert!(page.exists(), "{path} links to {}", &found[1]);
            let Some(anchor) = found.get(2) else { continue };
            let target = std::fs::read_to_string(page).unwrap();
            let headings = target.lines().filter(|line| line.starts_with('#'));
            let mut anchors = headings.map(|line| {
                line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-").replace(',', "")
            });
            assert!(anchors.any(|heading| heading == anchor.as_str()), "{path} links to {}", &found[0]);
        }
    }
}
