//! The pages match the command, and every block on them is checked.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use kxi_auth_tests::programs::command::{binary, kxi_auth, shown};
use kxi_auth_tests::programs::pages::{Block, PAGES, blocks, documents, read, root, rows};
use kxi_auth_tests::recordings::replay::Replay;
use regex::Regex;
use serde_json::Value;

use crate::{NOWHERE, at};

const MANIFEST: &str = "crates/kxi-auth-cli/docs/kubernetes.yaml";
const CONTRIBUTING: &str = ".github/CONTRIBUTING.md";
const ARCHITECTURE: &str = "crates/kxi-auth-core/ARCHITECTURE.md";

fn help(words: &[&str]) -> String {
    let mut command = Command::new(binary().unwrap());
    let output = command.env_clear().env("COLUMNS", "100").args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn page(name: &str) -> String {
    read(&format!("{PAGES}/{name}")).unwrap()
}

#[test]
fn the_readme_is_short_and_links_every_page() {
    let readme = read("README.md").unwrap();
    assert!(readme.lines().count() < 200);
    for (path, _) in documents().unwrap().iter().filter(|(path, _)| path != "README.md") {
        assert!(readme.contains(&format!("]({path})")), "README.md does not link {path}");
    }
}

#[test]
fn the_settings_page_has_every_setting_with_its_variable() {
    let output = kxi_auth(NOWHERE, "insights", "admin", "pw")
        .unwrap()
        .args(["config", "show", "-o", "json"])
        .output()
        .unwrap();
    let settings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let (page, help) = (page("settings.md"), help(&[]));
    let rows = rows(&page, "| Flag | Variable |");
    for setting in &settings {
        let flag = format!("--{}", setting["name"].as_str().unwrap());
        // A secret has no flag.
        let flag = if help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")) {
            format!("`{flag}`")
        } else {
            String::new()
        };
        let variable = setting["variable"].as_str().map(|name| format!("`{name}`")).unwrap_or_default();
        let start = format!("| {flag} | {variable} | ").replace("|  |", "| |");
        assert!(rows.iter().any(|row| row.starts_with(&start)), "settings.md has no row `{start}`");
    }
    assert_eq!(rows.len(), settings.len());
}

#[test]
fn the_page_of_exit_codes_has_every_exit_code() {
    let help = help(&[]);
    let (_, codes) = help.split_once("Exit codes:").unwrap();
    let codes = codes.split("\n\n").next().unwrap();
    let codes: BTreeSet<&str> =
        Regex::new(r"\b\d+\b").unwrap().find_iter(codes).map(|code| code.as_str()).collect();
    let page = page("exit-codes.md");
    let listed: BTreeSet<&str> =
        rows(&page, "| Code |").iter().map(|row| row.split(' ').nth(1).unwrap()).collect();
    assert!(codes.len() > 5);
    assert_eq!(listed, codes);
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
fn the_page_of_commands_has_every_command_and_no_other() {
    let page = page("commands.md");
    let name = Regex::new(r"^\| `kxi-auth ([a-z -]+?)(?: -f FILE| [A-Z]+)?` \|").unwrap();
    let listed: BTreeSet<String> =
        rows(&page, "| Command |").iter().map(|row| name.captures(row).unwrap()[1].to_owned()).collect();
    assert_eq!(listed, leaves(&[]));
}

/// Checks a block by its language; false if no check knows it. Those of `console` are followed on a real
/// Keycloak (`tests/e2e/pages`), and so are some of `sh`.
async fn check(path: &str, block: &Block<'_>) -> bool {
    match block.language {
        "console" => {}
        "rust" | "rust,no_run" => {
            let examples = read("tests/support/lib.rs").unwrap();
            assert!(examples.contains(&format!("include_str!(\"../../{path}\")")), "{path} is not compiled");
        }
        "sh" => {
            let output = Command::new("sh").args(["-n", "-c", block.content]).output().unwrap();
            assert!(output.status.success(), "{path}: {}\n{}", shown(&output), block.content);
            existing_paths(path, block.content);
        }
        "text" => existing_paths(path, block.content),
        "toml" => {
            let version = read("Cargo.toml").unwrap();
            let version = Regex::new(r#"(?m)^version = "(\d+\.\d+)\."#).unwrap().captures(&version).unwrap();
            let line = format!("kxi-auth-core = \"{}\"\n", &version[1]);
            assert!(block.content.contains(&line), "{path} is not about version {}", &version[1]);
        }
        "yaml" if block.content.starts_with("owner: ") => {
            let said = plan(block.content);
            assert!(said.starts_with("exit code: 7\n"), "{path}:\n{}\n{said}", block.content);
        }
        "yaml" if block.content.starts_with("apiVersion: v1\nkind: Secret\n") => {
            assert_eq!(block.content, kubernetes_secret().await, "{path}");
        }
        "yaml" if block.content.contains("\njobs:\n") => {
            // Not a declaration, but YAML: each of its fields is unknown, and the owner is missing.
            let fields = block.content.lines().filter(|line| line.starts_with(char::is_alphabetic)).count();
            let said = plan(block.content);
            let faults = said.lines().filter(|line| line.starts_with("clients.yaml:")).count();
            assert_eq!(faults, fields + 1, "{path}:\n{said}");
        }
        _ => return false,
    }
    true
}

/// The Secret of the page, as the command writes it.
async fn kubernetes_secret() -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.yaml");
    let replay = Replay::start("client-details").await.unwrap();
    let host = replay.host();
    let words = ["client", "get", "svc", "--secret-format", "kubernetes", "--secret-name", "dashboard-auth"];
    let ran = at(&host, &[&words[..], &["--secret-out", file.to_str().unwrap()]].concat()).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    std::fs::read_to_string(file)
        .unwrap()
        .replace(&host, "https://insights.example.com")
        .replace("stand-in-secret-1", "…")
        .replace("svc", "dashboard")
}

/// Each file of this repository that a block names is there.
fn existing_paths(page: &str, block: &str) {
    let path = Regex::new(r"(?:^|\s)((?:crates|specs|tests|xtask|\.ci)/[\w./-]+)").unwrap();
    for found in path.captures_iter(block) {
        assert!(root().join(&found[1]).exists(), "{page} names {}", &found[1]);
    }
}

#[tokio::test]
async fn every_block_is_checked() {
    let mut checked = 0;
    for (path, text) in documents().unwrap() {
        let found = blocks(&text).unwrap();
        let fences = text.lines().filter(|line| line.trim_start().starts_with("```")).count();
        assert_eq!(found.len() * 2, fences, "{path} has a block without a language, or an indented one");
        for block in &found {
            let known = check(&path, block).await;
            assert!(known, "{path}: no check knows this `{}` block:\n{}", block.language, block.content);
        }
        checked += found.len();
    }
    assert!(checked > 50, "only {checked} blocks were found");
}

/// The lines of a page that may call a program: those of its blocks, and what its text has in backticks.
fn lines(text: &str) -> Vec<&str> {
    let inline = Regex::new("`([a-z][^`\n]*)`").unwrap();
    let in_blocks = blocks(text).unwrap().into_iter().flat_map(|block| {
        let lines = block.content.lines().map(str::trim_start);
        lines.filter_map(move |line| match block.language {
            "console" => line.strip_prefix("$ "),
            "sh" => Some(line),
            "text" => line.find("cargo ").map(|start| &line[start..]),
            "yaml" => line.contains("kxi-auth plan").then_some(line).or_else(|| line.strip_prefix("run: ")),
            _ => None,
        })
    });
    in_blocks.chain(inline.captures_iter(text).map(|found| found.extract::<1>().1[0])).collect()
}

/// The words of each call of `program` in a line of a shell, without what the shell itself takes.
fn calls(program: &[&str], line: &str) -> Vec<Vec<String>> {
    let word = Regex::new(r#"'([^']*)'|"([^"]*)"|(\|\||&&|\||;|>>?|<|#|\$\()|([^\s'"|&;<>#()]+)"#).unwrap();
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    for found in word.captures_iter(line) {
        if found.get(3).is_some() {
            commands.push(Vec::new());
            continue;
        }
        let word = (1..=4).find_map(|group| found.get(group)).map_or("", |found| found.as_str());
        if let Some(command) = commands.last_mut() {
            command.push(word.to_owned());
        }
    }
    commands
        .retain(|command| command.len() >= program.len() && command.iter().zip(program).all(|(a, b)| a == b));
    commands.into_iter().map(|command| command[program.len()..].to_vec()).collect()
}

#[test]
fn every_command_on_the_pages_can_be_given() {
    let mut seen = 0;
    for (path, text) in documents().unwrap() {
        for line in lines(&text) {
            for call in calls(&["kxi-auth"], line) {
                let Some(first) = call.first() else { continue };
                // `kxi-auth COMMAND` stands for any.
                if first.chars().all(char::is_uppercase) {
                    continue;
                }
                let words: Vec<&str> =
                    call.iter().map(|word| if word == "SHELL" { "bash" } else { word.as_str() }).collect();
                // A wrong flag is reported before help is shown.
                let output =
                    Command::new(binary().unwrap()).env_clear().args(words).arg("--help").output().unwrap();
                assert!(output.status.success(), "{path}: {line}\n{}", shown(&output));
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "only {seen} commands were found");
}

/// The text of each Rust file below a folder.
fn sources(folder: &str) -> String {
    let (mut text, mut open) = (String::new(), vec![root().join(folder)]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_task_on_the_pages_exists() {
    let sources = sources("xtask");
    let tasks = Regex::new(r"(?s)enum Task \{\n(.*?)\n\}").unwrap();
    let variant = Regex::new(r"(?m)^    ([A-Z]\w*)[(,]").unwrap();
    let tasks: BTreeSet<String> = tasks
        .captures_iter(&sources)
        .flat_map(|list| {
            variant.captures_iter(list.get(1).unwrap().as_str()).map(|name| name[1].to_lowercase())
        })
        .collect();
    assert!(tasks.contains("codegen") && tasks.contains("up"), "{tasks:?}");
    let mut seen = 0;
    for (path, text) in documents().unwrap() {
        for line in lines(&text) {
            for call in calls(&["cargo", "xtask"], line) {
                let Some((task, rest)) = call.split_first() else { continue };
                assert!(tasks.contains(task), "{path}: {line}");
                for flag in rest.iter().filter_map(|word| word.strip_prefix("--")) {
                    let field = format!("{}: ", flag.replace('-', "_"));
                    assert!(sources.contains(&field), "{path}: {line}: no task has --{flag}");
                }
                if task == "keycloak" && !rest.is_empty() {
                    assert!(rest[0].split('|').all(|word| tasks.contains(word)), "{path}: {line}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} tasks were found");
}

/// Plans a declaration against a server that is not there: exit code 7 shows that nothing is wrong with the file,
/// and that nothing else is.
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
fn a_wrong_declaration_is_noticed() {
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

#[test]
fn every_file_that_the_contributors_pages_name_exists() {
    let name = Regex::new(r"`([\w.-]+/[\w./-]*)`").unwrap();
    let folders = ["", "crates/kxi-auth-core", "crates/kxi-auth-core/src"];
    let mut seen = 0;
    for path in [CONTRIBUTING, ARCHITECTURE] {
        for found in name.captures_iter(&read(path).unwrap()) {
            let exists = folders.iter().any(|folder| root().join(folder).join(&found[1]).exists());
            assert!(exists, "{path} names {}", &found[1]);
            seen += 1;
        }
    }
    assert!(seen > 40, "only {seen} files were found");
}

#[test]
fn the_architecture_names_each_room_and_tests_that_exist() {
    let page = read(ARCHITECTURE).unwrap();
    let rooms = rows(&page, "| Room |");
    for entry in std::fs::read_dir(root().join("crates/kxi-auth-core/src")).unwrap() {
        let entry = entry.unwrap();
        let room = entry.file_name().into_string().unwrap();
        let has_row = rooms.iter().any(|row| row.starts_with(&format!("| `{room}` |")));
        assert_eq!(has_row, entry.path().is_dir(), "{room}");
    }
    let sources = ["crates", "tests"].map(sources).concat();
    let invariants = rows(&page, "| Invariant |");
    let test = Regex::new(r"`(\w+)`").unwrap();
    for row in &invariants {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        assert!(test.is_match(tests), "no test: {row}");
        for found in test.captures_iter(tests) {
            // A function, or a scenario that is replayed.
            let forms = [format!("fn {}(", &found[1]), format!("    {}: \"", &found[1])];
            assert!(forms.iter().any(|form| sources.contains(form)), "no test is called {}", &found[1]);
        }
    }
    assert!(invariants.len() > 15);
}
