//! Progress, for what takes its time on a terminal, and nowhere else.

use std::process::Command;
use std::time::Duration;

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::pty::{Ended, Terminal};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};
use tokio::time::Instant;

const WORK: &str = "listing the clients";
const ERASE_LINE: &str = "\u{1b}[2K";

/// A server that makes `client list` wait two seconds for its answer.
async fn slow() -> (Replay, FaultProxy) {
    let replay = Replay::start("client-list").await.unwrap();
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    proxy.inject("GET", "/admin/", 1..=1, Fault::retry_after(503, "2"));
    (replay, proxy)
}

fn list(host: &str, words: &[&str], term: &str) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, "the password").unwrap();
    command.args(["client", "list"]).args(words).env("TERM", term);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_after_a_second_and_cleared_at_the_end() {
    let (replay, proxy) = slow().await;
    let began = Instant::now();
    let mut session = Terminal::new().start(list(&proxy.host(), &[], "xterm")).unwrap();
    session.expect(WORK).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    let Ended { shown, code } = session.finish().unwrap();
    assert_eq!(code, 0, "{shown:?}");
    let behind = &shown[shown.rfind(WORK).unwrap()..];
    let (erased, table) = (behind.rfind(ERASE_LINE), behind.find("CLIENT"));
    assert!(erased.is_some() && erased < table, "{shown:?}");
    replay.finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_shown_where_it_is_not_wanted() {
    for (words, term) in [(&["--quiet"][..], "xterm"), (&["-v"], "xterm"), (&[], "dumb")] {
        let (_replay, proxy) = slow().await;
        let ended = Terminal::new().start(list(&proxy.host(), words, term)).unwrap().finish().unwrap();
        assert_eq!(ended.code, 0, "{words:?}: {:?}", ended.shown);
        assert!(!ended.shown.contains(WORK) && !ended.shown.contains(ERASE_LINE), "{:?}", ended.shown);
    }
    let (_replay, proxy) = slow().await;
    let output = list(&proxy.host(), &[], "xterm").output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}
