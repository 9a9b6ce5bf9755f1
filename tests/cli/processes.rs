//! What other users of the machine see of a run.

use kxi_auth_tests::command::kxi_auth;
use kxi_auth_tests::faults::{Fault, FaultProxy};
use kxi_auth_tests::processes::watch;
use kxi_auth_tests::replay::Replay;
use kxi_auth_tests::stand_in::{REALM, USERNAME};

const PASSWORD: &str = "password-that-ps-must-not-show";
const SECRET: &str = "secret-that-ps-must-not-show";

#[tokio::test(flavor = "multi_thread")]
async fn neither_password_nor_secret_is_in_a_command_line() {
    let replay = Replay::start("register-other-secret").await.unwrap();
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    // Time to be looked at, with both in its memory.
    proxy.inject("POST", "/token", 1..=1, Fault::retry_after(503, "1"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), SECRET).unwrap();
    let mut command = kxi_auth(&proxy.host(), REALM, USERNAME, PASSWORD).unwrap();
    command.args(["client", "register", "svc", "--roles", "none", "--secret-file"]).arg(file.path());

    let (output, seen) = watch(&mut command).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    replay.finish().unwrap();
    assert!(seen.shows("client register svc"));
    seen.hides(PASSWORD).unwrap();
    seen.hides(SECRET).unwrap();
    // As it would fail for a secret in this place.
    assert!(seen.hides(file.path().to_str().unwrap()).is_err());
}
