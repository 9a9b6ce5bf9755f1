//! What other users of the machine see of a run.

use std::io::Write as _;

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::installed::are_there;
use kxi_auth_tests::programs::processes::{Seen, watch_with};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

const PASSWORD: &str = "password-that-ps-must-not-show";
const SECRET: &str = "secret-that-ps-must-not-show";

/// Registers a client with this secret, given by `words`, and looks at the run meanwhile.
async fn registering(words: &[&str], stdin: &str, password_file: Option<&str>) -> Seen {
    let replay = Replay::start("register-other-secret").await.unwrap();
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    // Time to be looked at, with both in its memory.
    proxy.inject("POST", "/token", 1..=1, Fault::retry_after(503, "1"));
    let mut command = kxi_auth(&proxy.host(), REALM, USERNAME, PASSWORD).unwrap();
    if let Some(file) = password_file {
        command.env_remove("INSIGHTS_ADMIN_PASSWORD").args(["--admin-password-file", file]);
    }
    command.args(["client", "register", "svc", "--roles", "none"]).args(words);
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(stdin.as_bytes()).unwrap();
    std::io::Seek::rewind(&mut input).unwrap();
    let (output, seen) = watch_with(&mut command, input).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    replay.finish().unwrap();
    assert!(seen.shows("client register svc"));
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_password_nor_secret_is_in_a_command_line() {
    if !are_there(&["ps"]).unwrap() {
        return;
    }
    let file = |text: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    };
    let (secret, password) = (file(SECRET), file(PASSWORD));
    let (secret, password) = (secret.path().to_str().unwrap(), password.path().to_str().unwrap());
    for (words, stdin, password) in [
        (&["--secret-file", secret][..], "", None),
        (&["--secret-file", secret], "", Some(password)),
        (&["--secret-stdin"], SECRET, None),
    ] {
        let seen = registering(words, stdin, password).await;
        seen.hides(PASSWORD).unwrap();
        seen.hides(SECRET).unwrap();
        // As it would fail for a secret in this place.
        let shown = password.unwrap_or(words[words.len() - 1]);
        assert!(seen.hides(shown).is_err(), "{words:?}");
    }
}
