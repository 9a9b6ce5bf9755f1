use std::env::VarError;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::*;
use crate::failure::Failure;
use crate::settings::profile::Profile;

/// A command line with only the connection flags.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    connection: ConnectionArgs,
}

fn settings(words: &[&str], variables: &[(&str, &str)], profile: Option<&Profile>) -> Settings {
    let line = Line::try_parse_from([&["kxi-auth"], words].concat()).unwrap();
    let env = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
    };
    Settings::merge(&line.connection, &env, profile).unwrap()
}

fn profile(folder: &Path, name: &str, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    let insights = folder.join(".insights");
    std::fs::create_dir_all(&insights).unwrap();
    std::fs::write(insights.join(name), text).unwrap();
    Profile::read(&candidates(Some(folder.to_owned())), wanted, &mut Vec::new())
}

const TOML: &str = r#"
current_profile = "uat"
[profiles.default]
hostname = "https://default.example.com"
[profiles.uat]
hostname = "uat.example.com"
admin-url = "admin.example.com/auth"
realm = "insights-uat"
namespace = "uat"
"#;

#[test]
fn flags_before_environment_before_profile_before_default() {
    let folder = tempfile::tempdir().unwrap();
    let uat = profile(folder.path(), "config.toml", TOML, None).unwrap().unwrap();
    let env = [("INSIGHTS_URL", "https://env.example.com")];
    let source = |settings: &Settings, name| {
        let resolved = settings.resolved(name).unwrap();
        (resolved.shown().unwrap_or_default(), resolved.source.clone())
    };
    let of_profile = || Source::Profile { file: uat.file.clone(), name: "uat".to_owned() };

    let all = settings(&["--host", "https://flag.example.com"], &env, Some(&uat));
    assert_eq!(source(&all, "host"), ("https://flag.example.com".to_owned(), Source::Flag("host")));
    let all = settings(&[], &env, Some(&uat));
    assert_eq!(source(&all, "host"), (env[0].1.to_owned(), Source::Variable("INSIGHTS_URL")));
    let all = settings(&[], &[("INSIGHTS_URL", "")], Some(&uat));
    assert_eq!(source(&all, "host"), ("https://uat.example.com".to_owned(), of_profile()));
    assert_eq!(source(&all, "realm"), ("insights-uat".to_owned(), of_profile()));
    assert_eq!(source(&all, "admin-url"), ("https://admin.example.com/auth".to_owned(), of_profile()));
    let all = settings(&[], &[], None);
    assert_eq!(source(&all, "realm"), ("insights".to_owned(), Source::Default));
    assert_eq!(source(&all, "host"), (String::new(), Source::Default));
}

#[test]
fn a_profile_by_name_and_the_older_file() {
    let folder = tempfile::tempdir().unwrap();
    let ini = "[default]\nhostname = https://old.example.com\nauth.serviceaccount.secret = hidden\n";
    let old = profile(folder.path(), "cli-config", ini, None).unwrap().unwrap();
    assert_eq!(old.get("hostname"), Some("https://old.example.com"));
    assert!(!format!("{old:?}").contains("hidden"));
    // The newer file takes precedence.
    let new = profile(folder.path(), "config.toml", TOML, Some("default")).unwrap().unwrap();
    assert_eq!(new.get("hostname"), Some("https://default.example.com"));
    let unknown = profile(folder.path(), "config.toml", TOML, Some("prod")).unwrap_err();
    assert!(unknown.message().contains("`prod`"), "{}", unknown.message());
    assert_eq!(unknown.hint(), Some("the file has the profiles default, uat"));
}

#[test]
fn a_broken_file_is_named_with_its_line_and_not_shown() {
    for (place, text) in [
        ("config.toml:2: ", "current_profile = \"uat\"\nsecret = hidden\n"),
        ("cli-config: ", "[default]\n[hidden\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let name = place.split(':').next().unwrap();
        let message = profile(folder.path(), name, text, None).unwrap_err().message().to_owned();
        assert!(message.contains(place), "{message}");
        assert!(!message.contains("hidden"), "{message}");
    }
}

#[test]
fn no_profile_is_needed_until_one_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        Profile::read(&candidates(Some(folder.path().to_owned())), None, &mut Vec::new()).unwrap(),
        None
    );
    assert!(
        Profile::read(&candidates(Some(folder.path().to_owned())), Some("uat"), &mut Vec::new()).is_err()
    );
    assert_eq!(profile(folder.path(), "config.toml", "", None).unwrap(), None);
}

#[test]
fn who_signs_in() {
    let user = ("INSIGHTS_ADMIN_USERNAME", "admin");
    let password = ("INSIGHTS_ADMIN_PASSWORD", "pw");
    let client = ("INSIGHTS_ADMIN_CLIENT_ID", "svc");
    let sign_in = |words: &[&str], variables: &[(&str, &str)]| settings(words, variables, None).sign_in();
    let of_user = |password| SignIn::User { name: "admin".to_owned(), password };
    let of_client = |secret| SignIn::Client { id: "svc".to_owned(), secret };

    assert_eq!(sign_in(&[], &[]), SignIn::Missing);
    assert_eq!(sign_in(&[], &[user, password]), of_user(Credential::Variable));
    assert_eq!(sign_in(&["--admin-password-stdin"], &[user, password]), of_user(Credential::Stdin));
    let file = Credential::File(PathBuf::from("pw.txt"));
    assert_eq!(sign_in(&["--admin-password-file", "pw.txt"], &[user, password]), of_user(file.clone()));
    let by_variable = ("INSIGHTS_ADMIN_PASSWORD_FILE", "pw.txt");
    assert_eq!(sign_in(&[], &[user, password, by_variable]), of_user(Credential::Variable));
    assert_eq!(sign_in(&[], &[user, by_variable]), of_user(file));
    assert_eq!(sign_in(&[], &[user]), of_user(Credential::Missing));
    // If both are set, the client signs in, unless a flag sets the user.
    assert_eq!(sign_in(&[], &[user, password, client]), of_client(Credential::Missing));
    assert_eq!(sign_in(&["--admin-username", "admin"], &[password, client]), of_user(Credential::Variable));
    assert_eq!(sign_in(&["--admin-client-id", "svc"], &[user, password]), of_client(Credential::Missing));
}

/// Otherwise, the total limit would end an attempt that is still within its own limit.
#[tokio::test]
async fn all_attempts_may_take_as_long_as_one() {
    for (seconds, total) in [("15", "60s"), ("300", "300s")] {
        let host = ("INSIGHTS_URL", "https://x");
        let builder = settings(&["--timeout", seconds], &[host], None).builder().await.unwrap();
        assert!(format!("{builder:?}").contains(&format!("total_timeout: Some({total})")), "{builder:?}");
    }
}

#[test]
fn a_byte_order_mark_and_a_line_end_are_no_part_of_a_variable() {
    let settings = settings(&[], &[("INSIGHTS_REALM", "\u{FEFF}insights\r\n"), ("INSIGHTS_URL", "\n")], None);
    assert_eq!(settings.get("realm"), Some("insights"));
    assert_eq!(settings.resolved("host").unwrap().source, Source::Default);
}

#[test]
fn a_switch_by_its_variable() {
    assert!(settings(&[], &[("INSIGHTS_ALLOW_HTTP", "True")], None).is_on("allow-http"));
    assert!(!settings(&[], &[("INSIGHTS_ALLOW_HTTP", "0")], None).is_on("allow-http"));
    assert!(settings(&["--allow-http"], &[("INSIGHTS_ALLOW_HTTP", "0")], None).is_on("allow-http"));
}

#[test]
fn secrets_are_masked_where_settings_are_shown() {
    let all = settings(
        &[],
        &[("INSIGHTS_ADMIN_PASSWORD", "hidden"), ("INSIGHTS_PROXY", "http://u:hidden@proxy:3128")],
        None,
    );
    let shown: Vec<String> = all.iter().filter_map(Resolved::shown).collect();
    assert!(shown.contains(&"********".to_owned()) && !shown.concat().contains("hidden"), "{shown:?}");
}

#[tokio::test]
async fn a_password_in_the_proxys_flag_is_rejected() {
    let host = ("INSIGHTS_URL", "https://x");
    let by_flag = settings(&["--proxy", "http://u:hidden@proxy:3128"], &[host], None);
    let failure = by_flag.builder().await.err().unwrap();
    assert!(!failure.message().contains("hidden"), "{}", failure.message());
    let by_variable = settings(&[], &[host, ("INSIGHTS_PROXY", "http://u:hidden@proxy:3128")], None);
    assert!(by_variable.builder().await.is_ok());
}
