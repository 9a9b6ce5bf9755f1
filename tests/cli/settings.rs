//! Where settings come from: flags, variables, the profiles of KX's files, defaults; and who signs in.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use kxi_auth_tests::programs::command::{binary, shown};
use kxi_auth_tests::programs::listener::Listener;
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in;
use serde_json::Value;
use tempfile::TempDir;

use crate::NOWHERE;

const TOML: &str = r#"current_profile = "uat"

[profiles.default]
hostname = "https://default.example.com"

[profiles.uat]
hostname = "uat.example.com"
realm = "insights-uat"
namespace = "uat"
"#;
const INI: &str = "[default]\nhostname = https://old.example.com\nauth.serviceaccount.id = svc\nauth.serviceaccount.secret = hunter2\n";

/// A home directory with these files below `.insights`.
fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".insights");
    fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    home
}

fn command(home: &Path, variables: &[(&str, &str)], words: &[&str]) -> Command {
    let mut command = Command::new(binary().unwrap());
    command.env_clear().env("HOME", home).envs(variables.iter().copied()).args(words);
    command.stdin(Stdio::null());
    command
}

fn run(home: &Path, variables: &[(&str, &str)], words: &[&str]) -> String {
    let output = command(home, variables, words).output().unwrap();
    shown(&output).replace(home.to_str().unwrap(), "[home]")
}

/// A setting's value and source, as `config show` prints them.
fn setting(home: &Path, variables: &[(&str, &str)], words: &[&str], name: &str) -> (String, String) {
    let words = [&["config", "show", "-o", "json"], words].concat();
    let output = command(home, variables, &words).output().unwrap();
    let settings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = settings.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
    let text = |key: &str| found[key].as_str().unwrap_or("none").replace(home.to_str().unwrap(), "[home]");
    (text("value"), text("source"))
}

#[test]
fn flags_win_over_variables_these_over_the_profile_and_that_over_the_default() {
    let home = home(&[("config.toml", TOML), ("cli-config", INI)]);
    let host = |variables: &[(&str, &str)], words: &[&str]| setting(home.path(), variables, words, "host");
    let variable = [("INSIGHTS_URL", "https://variable.example.com")];
    let of = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(host(&variable, &["--host", "https://x"]), of("https://x", "flag --host"));
    assert_eq!(host(&variable, &[]), of(variable[0].1, "variable INSIGHTS_URL"));
    let uat = of("https://uat.example.com", "profile uat in [home]/.insights/config.toml");
    assert_eq!(host(&[("INSIGHTS_URL", "")], &[]), uat);
    let default = of("https://default.example.com", "profile default in [home]/.insights/config.toml");
    assert_eq!(host(&[], &["--profile", "default"]), default);
    assert_eq!(host(&[("INSIGHTS_PROFILE", "default")], &[]), default);
    assert_eq!(setting(home.path(), &[], &[], "realm").0, "insights-uat");
    assert_eq!(setting(home.path(), &[], &["--profile", "default"], "realm"), of("insights", "default"));
    assert_eq!(host(&[], &["--profile", "default", "--host", "https://y"]).0, "https://y");
}

#[test]
fn the_older_file_is_read_where_there_is_no_newer_and_its_secret_is_not_taken() {
    let home = home(&[("cli-config", INI)]);
    let words = ["config", "show"];
    let shown = run(home.path(), &[], &words);
    assert!(
        shown.contains("https://old.example.com  profile default in [home]/.insights/cli-config"),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_files_are_never_written() {
    let home = home(&[("config.toml", TOML), ("cli-config", INI)]);
    for words in [&["config", "show"][..], &["config", "path"], &["role", "list", "--retries", "0"]] {
        run(home.path(), &[("INSIGHTS_URL", NOWHERE)], words);
    }
    let folder = home.path().join(".insights");
    assert_eq!(fs::read_to_string(folder.join("config.toml")).unwrap(), TOML);
    assert_eq!(fs::read_to_string(folder.join("cli-config")).unwrap(), INI);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn config_show_and_path() {
    let home = home(&[("config.toml", TOML)]);
    let variables = [
        ("INSIGHTS_ADMIN_PASSWORD", "hunter2"),
        ("INSIGHTS_PROXY", "http://user:hunter2@proxy.example.com:3128"),
        ("INSIGHTS_ALLOW_HTTP", "yes"),
    ];
    let shown = run(home.path(), &variables, &["config", "show", "--timeout", "5"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!("config_show", shown);
    insta::assert_snapshot!("config_path", run(home.path(), &[], &["config", "path", "-o", "json"]));
    assert!(!run(home.path(), &variables, &["config", "show", "-o", "yaml"]).contains("hunter2"));
}

#[test]
fn what_is_wrong_with_a_file_is_told_without_its_text() {
    let empty = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(
        "profile_without_file",
        run(empty.path(), &[], &["config", "show", "--profile", "uat"])
    );
    let broken = home(&[("config.toml", "current_profile = \"uat\"\nsecret = hunter2\n")]);
    insta::assert_snapshot!("broken_toml", run(broken.path(), &[], &["config", "show"]));
    let good = home(&[("config.toml", TOML)]);
    insta::assert_snapshot!(
        "unknown_profile",
        run(good.path(), &[], &["config", "show", "--profile", "prod"])
    );
}

/// Refused before anything is sent.
fn refused(variables: &[(&str, &str)], words: &[&str], input: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let listener = Listener::start().unwrap();
    let host = listener.host().unwrap();
    let mut variables = variables.to_vec();
    if !variables.iter().any(|(name, _)| *name == "INSIGHTS_URL") && !words.contains(&"--host") {
        variables.push(("INSIGHTS_URL", &host));
    }
    let output = with_input(command(home.path(), &variables, words), input);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(output.stdout.is_empty());
    assert_eq!(listener.connections().unwrap(), 0, "{words:?}");
    String::from_utf8(output.stderr).unwrap().replace(&host, "http://host")
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn only_one_input_reads_standard_input() {
    let user = [("INSIGHTS_ADMIN_USERNAME", "admin")];
    let client = [("INSIGHTS_ADMIN_CLIENT_ID", "svc")];
    let register = ["client", "register", "svc"];
    for (variables, words) in [
        (user, &["--secret-stdin", "--admin-password-stdin"][..]),
        (user, &["--secret-file", "-", "--admin-password-stdin"]),
        (user, &["--config", "-", "--secret-stdin"]),
        (user, &["--admin-password-file", "-", "--secret-stdin"]),
        (client, &["--admin-client-secret-stdin", "--secret-stdin"]),
    ] {
        let said = refused(&variables, &[&register, words].concat(), "{\"name\": \"hunter2\"}");
        assert!(said.contains("cannot both read standard input") && !said.contains("hunter2"), "{said}");
    }
    let said =
        refused(&user, &["plan", "-f", "-", "--admin-password-stdin"], "owner: x\nclients: [{id: a}]\n");
    assert!(said.contains("cannot both read standard input"), "{said}");
}

#[test]
fn what_would_be_wrong_is_refused_before_anything_is_sent() {
    let admin = [("INSIGHTS_ADMIN_USERNAME", "admin"), ("INSIGHTS_ADMIN_PASSWORD", "hunter2")];
    let refused = |words: &[&str]| {
        let said = refused(&admin, &[words, &["role", "list"]].concat(), "");
        assert!(!said.contains("hunter2"), "{said}");
        said
    };
    insta::assert_snapshot!("plain_http", refused(&["--host", "http://insights.example.com"]));
    insta::assert_snapshot!("proxy_with_password", refused(&["--proxy", "http://user:hunter2@proxy:3128"]));
    insta::assert_snapshot!("bad_timeout", refused(&["--timeout", "soon"]));
    insta::assert_snapshot!("bad_retries", refused(&["--retries", "many"]));
    insta::assert_snapshot!("no_ca_file", refused(&["--ca-cert", "/no/such/file"]));
    insta::assert_snapshot!("bad_path", refused(&["--keycloak-path", "/a b"]));
    let both = refused(&["--admin-username", "a", "--admin-client-id", "b"]);
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn who_signs_in_must_be_said() {
    let said = |variables: &[(&str, &str)]| refused(variables, &["role", "list"], "");
    insta::assert_snapshot!("nobody", said(&[]));
    insta::assert_snapshot!("no_password", said(&[("INSIGHTS_ADMIN_USERNAME", "admin")]));
    insta::assert_snapshot!("no_client_secret", said(&[("INSIGHTS_ADMIN_CLIENT_ID", "svc")]));
    let bad = [("INSIGHTS_ADMIN_USERNAME", "admin"), ("INSIGHTS_ALLOW_HTTP", "perhaps")];
    assert!(said(&bad).contains("INSIGHTS_ALLOW_HTTP"));
}

/// Lists the roles through a replay that is given the password as a `words` and `input` say it.
async fn signs_in(variables: &[(&str, &str)], words: &[&str], input: &'static str) {
    let home = tempfile::tempdir().unwrap();
    let replay = Replay::start("role-list").await.unwrap();
    let host = replay.host();
    let mut command = command(home.path(), variables, &[&["role", "list"], words].concat());
    command.env("INSIGHTS_URL", &host).env("INSIGHTS_REALM", stand_in::REALM);
    command.env("INSIGHTS_ADMIN_USERNAME", stand_in::USERNAME);
    let output = tokio::task::spawn_blocking(move || with_input(command, input)).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    replay.finish().unwrap();
}

#[tokio::test]
async fn the_password_comes_by_variable_file_or_standard_input() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "the password\n").unwrap();
    let path = file.path().to_str().unwrap();
    signs_in(&[("INSIGHTS_ADMIN_PASSWORD", "the password")], &[], "").await;
    signs_in(&[], &["--admin-password-file", path], "").await;
    signs_in(&[("INSIGHTS_ADMIN_PASSWORD_FILE", path)], &[], "").await;
    signs_in(&[], &["--admin-password-stdin"], "the password\n").await;
}
