//! The settings of the connection: where each comes from, what is refused of them, and that KX's files
//! stay as they are.

use std::path::Path;

use kxi_auth_tests::programs::command::{Ran, bare, kxi_auth, run};
use kxi_auth_tests::proxies::faults::FaultProxy;
use serde_json::Value;
use tempfile::TempDir;

use crate::{NOWHERE, refused_unasked};

const TOML: &str = r#"
current_profile = "uat"

[profiles.default]
hostname = "https://default.example.com"

[profiles.uat]
hostname = "uat.example.com"
realm = "insights-uat"

[profiles.uat.auth]
serviceaccount = { id = "svc", secret = "hidden-in-the-file" }
"#;

const INI: &str = "[default]\nhostname = https://old.example.com\nrealm = insights-old\n\
    auth.serviceaccount.secret = hidden-in-the-file\n\n[Other]\nhostname = other.example.com\n";

/// A home with these files of KX's.
fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    if !files.is_empty() {
        std::fs::create_dir(home.path().join(".insights")).unwrap();
    }
    for (name, text) in files {
        std::fs::write(home.path().join(".insights").join(name), text).unwrap();
    }
    home
}

/// Every file below a folder with its content and when it was written.
fn files(folder: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, meta) = (entry.path(), entry.metadata().unwrap());
        if meta.is_dir() {
            found.push((path.display().to_string(), Vec::new(), meta.modified().unwrap()));
            found.extend(files(&path));
        } else {
            let content = std::fs::read(&path).unwrap();
            found.push((path.display().to_string(), content, meta.modified().unwrap()));
        }
    }
    found.sort();
    found
}

/// Runs the words in a home, which must be afterwards what it was before.
async fn in_home(home: &TempDir, variables: &[(&str, &str)], words: &[&str]) -> Ran {
    let before = files(home.path());
    let mut command = bare().unwrap();
    command.env("HOME", home.path()).envs(variables.iter().copied()).args(words);
    let ran = run(command, "").await.unwrap();
    assert_eq!(files(home.path()), before, "{words:?}");
    assert!(!ran.all().contains("hidden"), "{ran:?}");
    ran
}

/// A setting's value and source as `config show -o json` shows them.
async fn setting(home: &TempDir, variables: &[(&str, &str)], words: &[&str], name: &str) -> (String, String) {
    let ran = in_home(home, variables, &[words, &["config", "show", "-o", "json"]].concat()).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let all = ran.json().unwrap();
    let found = all.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
    let text = |key: &str| found[key].as_str().unwrap_or("-").to_owned();
    let folder = home.path().to_str().unwrap();
    (text("value"), text("source").replace(folder, "~"))
}

fn is(found: &(String, String), value: &str, source: &str) {
    assert_eq!((found.0.as_str(), found.1.as_str()), (value, source));
}

#[tokio::test]
async fn flags_before_environment_before_profile_before_default() {
    let kx = home(&[("config.toml", TOML), ("cli-config", INI)]);
    let env = [("INSIGHTS_URL", "https://env.example.com"), ("INSIGHTS_REALM", "")];
    let flag = ["--host", "https://flag.example.com"];
    is(&setting(&kx, &env, &flag, "host").await, "https://flag.example.com", "flag --host");
    is(&setting(&kx, &env, &[], "host").await, "https://env.example.com", "variable INSIGHTS_URL");
    let uat = "profile uat in ~/.insights/config.toml";
    is(&setting(&kx, &env, &[], "realm").await, "insights-uat", uat);
    is(&setting(&kx, &[("INSIGHTS_URL", "")], &[], "host").await, "https://uat.example.com", uat);
    is(&setting(&home(&[]), &env, &[], "realm").await, "insights", "default");
    is(&setting(&home(&[]), &[], &[], "host").await, "-", "default");
    // A flag is one on either side of the command's name.
    let after = in_home(&kx, &env, &["config", "show", "--realm", "x", "-o", "json"]).await.json().unwrap();
    assert_eq!(after[1]["source"], "flag --realm");
}

#[tokio::test]
async fn profiles_by_flag_by_variable_and_the_current_one() {
    let kx = home(&[("config.toml", TOML)]);
    let default = "profile default in ~/.insights/config.toml";
    let by_flag = setting(&kx, &[("INSIGHTS_PROFILE", "uat")], &["--profile", "default"], "host").await;
    is(&by_flag, "https://default.example.com", default);
    let by_variable = setting(&kx, &[("INSIGHTS_PROFILE", "default")], &[], "host").await;
    is(&by_variable, "https://default.example.com", default);
    is(&setting(&kx, &[("INSIGHTS_PROFILE", "default")], &[], "realm").await, "insights", "default");
    let old = home(&[("cli-config", INI)]);
    let of_default = "profile default in ~/.insights/cli-config";
    is(&setting(&old, &[], &[], "host").await, "https://old.example.com", of_default);
    let other = setting(&old, &[], &["--profile", "Other"], "host").await;
    is(&other, "https://other.example.com", "profile Other in ~/.insights/cli-config");
}

#[tokio::test]
async fn config_show_as_a_table_with_secrets_masked() {
    let kx = home(&[("config.toml", TOML)]);
    let env = [
        ("INSIGHTS_ADMIN_PASSWORD", "hidden 1"),
        ("INSIGHTS_ADMIN_CLIENT_SECRET", "hidden 2"),
        ("INSIGHTS_PROXY", "user:hidden@proxy.example.com:3128"),
        ("INSIGHTS_ALLOW_HTTP", "yes"),
    ];
    let words = ["config", "show", "--keycloak-url", "https://user:hidden@keycloak.example.com"];
    let ran = in_home(&kx, &env, &words).await;
    let folder = kx.path().to_str().unwrap();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    // The width of the columns follows the file's name.
    let shown = ran.stdout.replace(folder, "~");
    insta::assert_snapshot!("config_show", regex::Regex::new(" {2,}").unwrap().replace_all(&shown, "  "));
    for format in ["json", "yaml", "jsonl"] {
        let ran = in_home(&kx, &env, &[words.as_slice(), &["-o", format]].concat()).await;
        assert!(ran.code == 0 && ran.stdout.contains("********@proxy.example.com:3128"), "{ran:?}");
    }
}

#[tokio::test]
async fn config_path() {
    for (name, files) in [
        ("none", [].as_slice()),
        ("both", &[("config.toml", TOML), ("cli-config", INI)]),
        ("older", &[("cli-config", INI)]),
    ] {
        let kx = home(files);
        let ran = in_home(&kx, &[], &["config", "path", "-o", "json"]).await;
        let shown = ran.stdout.replace(kx.path().to_str().unwrap(), "~");
        insta::assert_snapshot!(format!("config_path_{name}"), shown);
    }
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named_and_not_quoted() {
    for (name, text, said) in [
        ("config.toml", "[profiles.uat]\nsecret = hidden\n", "config.toml:2: not valid TOML"),
        ("config.toml", "current_profile = \"gone\"\n", "profile `gone` does not exist in"),
        ("config.toml", TOML, "profile `nine` does not exist in"),
        ("cli-config", "[default]\nhostname = x\n[hidden\n", "cli-config: not valid INI"),
        ("cli-config", INI, "profile `nine` does not exist in"),
    ] {
        let kx = home(&[(name, text)]);
        let asked: &[&str] = if said.contains("nine") { &["--profile", "nine"] } else { &[] };
        let ran = in_home(&kx, &[], &[&["config", "show"], asked].concat()).await;
        assert!(ran.code == 2 && ran.stdout.is_empty() && ran.stderr.contains(said), "{ran:?}");
    }
    let ran = in_home(&home(&[]), &[("INSIGHTS_PROFILE", "nine")], &["config", "show"]).await;
    assert!(
        ran.code == 2 && ran.stderr.contains("profile `nine` does not exist: there is no file"),
        "{ran:?}"
    );
    let not_text = home(&[("config.toml", "")]);
    std::fs::write(not_text.path().join(".insights/config.toml"), b"hidden = \"\xff\"").unwrap();
    let ran = in_home(&not_text, &[], &["config", "show"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("cannot read"), "{ran:?}");
}

/// A profile's host is one like any other: plain http to it is refused, and nothing is sent.
#[tokio::test]
async fn a_profile_names_the_server() {
    let server = FaultProxy::start(NOWHERE).await.unwrap();
    let text = format!("[profiles.default]\nhostname = \"{}\"\nrealm = \"desk\"\n", server.host());
    let kx = home(&[("config.toml", &text)]);
    let env = [("INSIGHTS_ADMIN_USERNAME", "a"), ("INSIGHTS_ADMIN_PASSWORD", "b")];
    let ran = in_home(&kx, &env, &["role", "list", "--retries", "0"]).await;
    assert!(ran.code == 7 && server.count("GET", "/realms/desk") > 0, "{ran:?}");
    let elsewhere =
        home(&[("config.toml", "[profiles.default]\nhostname = \"http://insights.example.com\"\n")]);
    let ran = in_home(&elsewhere, &env, &["role", "list", "--retries", "0"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("plain HTTP"), "{ran:?}");
}

/// Runs `role list` with these words and variables, which must be refused unasked; returns what is said.
async fn refused(words: &[&str], variables: &[(&str, &str)]) -> String {
    let ran = refused_unasked("", |command| {
        command.envs(variables.iter().copied()).args(words).args(["role", "list"])
    });
    ran.await.stderr
}

/// Whether `role list` gets as far as asking the server.
async fn asks(words: &[&str], variables: &[(&str, &str)]) -> bool {
    let server = FaultProxy::start(NOWHERE).await.unwrap();
    let mut command = kxi_auth(&server.host(), "insights", "admin", "pw").unwrap();
    command.envs(variables.iter().copied()).args(words).args(["role", "list", "--retries", "0"]);
    let ran = run(command, "").await.unwrap();
    server.connections() > 0 && ran.code == 7
}

#[tokio::test]
async fn plain_http_to_another_machine_needs_consent() {
    // An address of no network (RFC 5737), through a proxy that would count.
    let elsewhere = "http://192.0.2.1";
    let proxy = FaultProxy::start(NOWHERE).await.unwrap();
    let by_proxy = [("INSIGHTS_PROXY", proxy.host())];
    let with = |words: &[&str], allow: Option<&str>| {
        let mut command = kxi_auth(elsewhere, "insights", "admin", "pw").unwrap();
        command.envs(by_proxy.clone()).args(words).args(["role", "list", "--retries", "0"]);
        allow.map(|allow| command.env("INSIGHTS_ALLOW_HTTP", allow));
        run(command, "")
    };
    for (words, allow) in [([].as_slice(), None), (&[], Some("no")), (&[], Some(""))] {
        let ran = with(words, allow).await.unwrap();
        assert!(ran.code == 2 && ran.stderr.contains("--host uses plain HTTP"), "{ran:?}");
        assert!(ran.stderr.contains("--allow-http"), "{ran:?}");
    }
    let ran = with(&["--host", "https://x", "--keycloak-url", "http://192.0.2.2"], None).await.unwrap();
    assert!(ran.code == 2 && ran.stderr.contains("--keycloak-url uses plain HTTP"), "{ran:?}");
    let ran = with(&["--host", "https://x", "--admin-url", "http://192.0.2.2"], None).await.unwrap();
    assert!(ran.code == 2 && ran.stderr.contains("--admin-url uses plain HTTP"), "{ran:?}");
    let ran = with(&[], Some("perhaps")).await.unwrap();
    assert!(ran.code == 2 && ran.stderr.contains("INSIGHTS_ALLOW_HTTP"), "{ran:?}");
    assert_eq!(proxy.connections(), 0);
    for (words, allow) in [(["--allow-http"].as_slice(), None), (&[], Some("true"))] {
        let ran = with(words, allow).await.unwrap();
        assert!(ran.code == 7 && proxy.connections() > 0, "{ran:?}");
    }
}

#[tokio::test]
async fn a_proxys_password_is_no_flag() {
    for proxy in ["http://user:hunter2@127.0.0.1:1", "user:hunter2@127.0.0.1:1", "http://user:hun/ter2@h"] {
        let said = refused(&["--proxy", proxy], &[]).await;
        assert!(said.contains("INSIGHTS_PROXY") && !said.contains("ter2"), "{said}");
    }
    let said = refused(&[], &[("INSIGHTS_PROXY", "http://user:hunter2@no host")]).await;
    assert!(said.contains("proxy") && !said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn numbers_and_paths() {
    for (flag, variable, bad) in [
        ("--timeout", "INSIGHTS_TIMEOUT", ["0", "x", "NaN", "15m", "86401"]),
        ("--retries", "INSIGHTS_RETRIES", ["101", "x", "1.5", " 1", "-2"]),
    ] {
        for value in bad {
            let by_flag = refused(&[&format!("{flag}={value}")], &[]).await;
            assert!(by_flag.contains(flag) && by_flag.contains(value), "{by_flag}");
            assert_eq!(refused(&[], &[(variable, value)]).await, by_flag);
        }
        assert!(asks(&[flag, "1"], &[(variable, "x")]).await, "a flag wins over a bad variable");
    }
    let folder = tempfile::tempdir().unwrap();
    let (missing, wrong) = (folder.path().join("missing"), folder.path().join("wrong"));
    std::fs::write(&wrong, "hunter2").unwrap();
    let said = refused(&["--ca-cert", missing.to_str().unwrap()], &[]).await;
    assert!(said.contains("cannot read the certificates") && said.contains("missing"), "{said}");
    let said = refused(&["--ca-cert", wrong.to_str().unwrap()], &[]).await;
    assert!(said.contains("PEM") && !said.contains("hunter2"), "{said}");
    let said = refused(&["--keycloak-path", "auth?x"], &[]).await;
    assert!(said.contains("path"), "{said}");
}

#[tokio::test]
async fn where_keycloak_is() {
    for (words, variables, path) in [
        (["--keycloak-path", "/kc"].as_slice(), [].as_slice(), "/kc/realms/"),
        (&[], &[("INSIGHTS_KEYCLOAK_PATH", "/kc")], "/kc/realms/"),
        (&["--keycloak-path", "/"], &[], "/realms/"),
    ] {
        let server = FaultProxy::start(NOWHERE).await.unwrap();
        let mut command = kxi_auth(&server.host(), "insights", "admin", "pw").unwrap();
        command.envs(variables.iter().copied()).args(words).args(["role", "list", "--retries", "0"]);
        run(command, "").await.unwrap();
        assert_eq!(server.count("POST", path), 1, "{words:?}");
        assert_eq!(server.count("GET", ""), 0, "no probe is needed");
    }
    // The host stays the address that is shown; the requests go to Keycloak's own address.
    let (host, keycloak) =
        (FaultProxy::start(NOWHERE).await.unwrap(), FaultProxy::start(NOWHERE).await.unwrap());
    let mut command = kxi_auth(&host.host(), "insights", "admin", "pw").unwrap();
    command.env("KXI_KEYCLOAK_SVC_URL", keycloak.host()).args(["role", "list", "--retries", "0"]);
    run(command, "").await.unwrap();
    assert!(host.connections() == 0 && keycloak.connections() > 0);
}

#[tokio::test]
async fn flags_that_stand_for_each_other_on_either_side_of_the_command() {
    for (one, other) in [
        (["--admin-password-stdin"].as_slice(), ["--admin-password-file", "f"].as_slice()),
        (&["--admin-client-id", "a"], &["--admin-username", "b"]),
        (&["--admin-client-id", "a"], &["--admin-password-stdin"]),
        (&["--admin-client-secret-stdin"], &["--admin-client-secret-file", "f"]),
    ] {
        for words in [[one, other, &["role", "list"]].concat(), [one, &["role", "list"], other].concat()] {
            let ran = refused_unasked("x", |command| command.args(&words)).await;
            assert!(ran.stderr.contains("cannot be used with"), "{ran:?}");
        }
    }
}

/// The table in the help is the one that `config show` prints.
#[tokio::test]
async fn each_variable_is_in_the_help() {
    let all: Value = in_home(&home(&[]), &[], &["config", "show", "-o", "json"]).await.json().unwrap();
    let help = in_home(&home(&[]), &[], &["--help"]).await.stdout;
    let names = all.as_array().unwrap();
    assert_eq!(names.len(), 20);
    for setting in names {
        let variable = setting["variable"].as_str();
        // A secret has no flag that could show its variable; the hint of the error does.
        let secret =
            variable.is_some_and(|name| name.ends_with("_PASSWORD") || name.ends_with("_CLIENT_SECRET"));
        assert!(secret || variable.is_none_or(|name| help.contains(name)), "{setting}");
    }
}
