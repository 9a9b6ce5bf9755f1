//! Secrets leave the program where they were asked for, and nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use kxi_auth_tests::programs::command::{kxi_auth, shown};
use kxi_auth_tests::programs::listener::Listener;
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use serde_json::Value;

const PASSWORD: &str = "the admin's password";
const SECRET: &str = "a-secret-of-my-own";

/// The secret file that the command reads.
fn secret_file(folder: &Path) -> String {
    let path = folder.join("given");
    fs::write(&path, SECRET).unwrap();
    path.to_str().unwrap().to_owned()
}

fn register(host: &str, words: &[&str]) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(["client", "register", "svc"]).args(words);
    command
}

/// Registers a client with [`SECRET`] by a recorded scenario; returns everything that was shown.
async fn registered(words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let given = secret_file(folder.path());
    let replay = Replay::start("register-new").await.unwrap();
    let mut command = register(&replay.host(), &["--secret-file", &given]);
    command.args(words);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    replay.finish().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    shown(&output)
}

#[tokio::test]
async fn a_secret_is_masked_in_every_format_unless_it_is_asked_for() {
    for format in ["table", "json", "yaml", "jsonl"] {
        let masked = registered(&["-o", format, "-vv"]).await;
        assert!(masked.contains("********"), "{masked}");
        assert!(!masked.contains(SECRET) && !masked.contains(PASSWORD), "{masked}");
        let exposed = registered(&["-o", format, "--show-secret"]).await;
        assert!(exposed.contains(SECRET), "{exposed}");
    }
}

#[tokio::test]
async fn a_secret_goes_to_a_file_that_its_owner_alone_can_read() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["raw", "env", "json", "kubernetes"] {
        let path = folder.path().join(format);
        // One that others could read is replaced, not written to.
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let out = path.to_str().unwrap();
        let said = registered(&["--secret-out", out, "--secret-format", format]).await;
        assert!(said.contains(&format!("secret file  {out}")) && !said.contains(SECRET), "{said}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let content = fs::read_to_string(&path).unwrap();
        let found = match format {
            "raw" => content,
            "env" => {
                let line = content.lines().find_map(|line| line.strip_prefix("INSIGHTS_CLIENT_SECRET="));
                line.unwrap().to_owned()
            }
            "json" => {
                let object: Value = serde_json::from_str(&content).unwrap();
                object["client_secret"].as_str().unwrap().to_owned()
            }
            _ => {
                assert!(content.starts_with("apiVersion: v1\nkind: Secret\n"), "{content}");
                let line = content.lines().find_map(|line| line.strip_prefix("  INSIGHTS_CLIENT_SECRET: "));
                line.unwrap().to_owned()
            }
        };
        assert_eq!(found, SECRET, "{format}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing else is left");
}

#[test]
fn where_no_secret_can_go_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("file"), "old").unwrap();
    std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
    std::os::unix::fs::symlink(path("nowhere"), path("dangling")).unwrap();
    let kubernetes = ["--secret-format", "kubernetes", "--secret-name", "Not_A_Name"];
    let file = path("new");
    for (out, words) in [
        (path("link"), &[][..]),
        (path("dangling"), &[]),
        (path("no/such/folder"), &[]),
        (folder.path().to_str().unwrap().to_owned(), &[]),
        ("/dev/stdout".to_owned(), &[]),
        ("-".to_owned(), &[]),
        (file.clone(), &kubernetes),
        (file, &["--secret-name", "x"]),
    ] {
        let listener = Listener::start().unwrap();
        let mut command = register(&listener.host().unwrap(), &["--secret-out", &out]);
        let output = command.args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{out}: {}", shown(&output));
        assert_eq!(listener.connections().unwrap(), 0, "{out}");
    }
    assert_eq!(fs::read_to_string(path("file")).unwrap(), "old");
    assert!(!Path::new(&path("nowhere")).exists());
}

#[tokio::test]
async fn a_failed_registration_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "old").unwrap();
    let replay = Replay::start("wrong-password").await.unwrap();
    let mut command = register(&replay.host(), &["--secret-out", path.to_str().unwrap()]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
