//! The manual pages, as a reader of manual pages takes them.

use std::path::Path;
use std::process::{Command, Output};

use kxi_auth_tests::programs::command::binary;
use kxi_auth_tests::programs::installed::are_there;

fn man(words: &[&str]) -> String {
    let output = Command::new(binary().unwrap()).env_clear().arg("man").args(words).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn mandoc(words: &[&str], pages: &[&Path]) -> Output {
    Command::new("mandoc").args(words).args(pages).output().unwrap()
}

/// The commands below this one, as its help lists them, each with the words that lead to it.
fn below(words: &[String]) -> Vec<Vec<String>> {
    let output = Command::new(binary().unwrap()).env_clear().args(words).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| !line.is_empty());
    // A line that goes on with a meaning is further in.
    let names =
        lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let inner = names.filter(|name| *name != "help").map(|name| [words, &[name.to_owned()]].concat());
    inner.flat_map(|words| [vec![words.clone()], below(&words)].concat()).collect()
}

#[test]
fn each_command_has_a_page_that_renders_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    man(&["--dir", folder.path().to_str().unwrap()]);
    let mut written: Vec<String> = (std::fs::read_dir(folder.path()).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    written.sort();
    let commands = [vec![Vec::new()], below(&[])].concat();
    assert!(commands.contains(&vec!["client".to_owned(), "roles".to_owned(), "revoke".to_owned()]));
    let file = |words: &Vec<String>| [&["kxi-auth".to_owned()], &words[..]].concat().join("-") + ".1";
    let mut expected: Vec<String> = commands.iter().map(file).collect();
    expected.sort();
    assert_eq!(written, expected);

    for words in &commands {
        // A group of commands has its examples on their pages.
        if commands.iter().filter(|other| other.starts_with(words)).count() == 1 {
            let text = std::fs::read_to_string(folder.path().join(file(words))).unwrap();
            let (_, examples) = text.split_once("\n.SH EXAMPLES\n").unwrap();
            let command = words.join(" ").replace('-', "\\-");
            assert!(examples.contains(&format!("kxi\\-auth {command}")), "{words:?}: {examples}");
        }
    }
    if !are_there(&["mandoc"]).unwrap() {
        return;
    }
    let paths: Vec<_> = written.iter().map(|name| folder.path().join(name)).collect();
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    let lint = mandoc(&["-T", "lint", "-W", "warning"], &paths);
    let said = String::from_utf8_lossy(&lint.stdout);
    // No date: the same program makes the same pages, whenever it does.
    let warnings: Vec<&str> = said.lines().filter(|line| !line.contains("WARNING: missing date")).collect();
    assert_eq!(warnings, [""; 0]);
    assert!(lint.stderr.is_empty(), "{}", String::from_utf8_lossy(&lint.stderr));
}

#[test]
fn a_page_with_a_fault_is_noticed() {
    if !are_there(&["mandoc"]).unwrap() {
        return;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ".TH lamp 1 \"\"\n.SH NAME\nlamp\n.br\n.sp\n").unwrap();
    let lint = mandoc(&["-T", "lint", "-W", "warning"], &[file.path()]);
    let said = String::from_utf8_lossy(&lint.stdout);
    assert!(said.contains("WARNING: skipping paragraph macro"), "{said}");
}

#[test]
fn the_main_page_has_what_an_operator_looks_up() {
    if !are_there(&["mandoc"]).unwrap() {
        return;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), man(&[])).unwrap();
    let shown = mandoc(&["-T", "utf8", "-O", "width=78"], &[file.path()]);
    let overstruck = regex::Regex::new(".\u{8}").unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let shown = overstruck.replace_all(&shown, "");
    let sections: Vec<&str> =
        shown.lines().filter(|line| line.starts_with(char::is_uppercase)).map(str::trim).collect();
    assert_eq!(sections[0], "NAME");
    for section in ["ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"] {
        assert!(sections.contains(&section), "{section}: {sections:?}\n{shown}");
    }
    for word in ["INSIGHTS_URL", "INSIGHTS_ADMIN_PASSWORD", "~/.insights/config.toml", "130 interrupted"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}
