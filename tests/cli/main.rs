//! The built command, against recorded answers and without a server. `cargo xtask test` builds it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod away;
mod config;
mod declared;
mod docs;
mod doctor;
mod errors;
mod exit_codes;
mod foreign_success;
mod hostile;
mod interrupt;
mod man;
mod memory;
mod output;
mod overtaken;
mod processes;
mod progress;
mod recorded;
mod secret_files;
mod secrets;
mod settings;
mod shells;
mod terminal;
mod usage;
mod wrong_words;

use std::process::Command;

use kxi_auth_tests::programs::command::{Ran, kxi_auth, run};
use kxi_auth_tests::proxies::faults::FaultProxy;
use kxi_auth_tests::recordings::fixture::{Exchange, Fixture};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

/// An address where nothing listens: a test that reaches it fails with exit code 7.
const NOWHERE: &str = "http://127.0.0.1:1";
/// Any will do: a replay answers the sign-in as it was recorded.
const PASSWORD: &str = "the password";

/// Runs these words as the administrator of a server at `host`.
async fn at(host: &str, words: &[&str]) -> Ran {
    let mut command = kxi_auth(host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(words);
    run(command, "").await.unwrap()
}

/// The end of a replay, which must have been asked for all that was recorded and for nothing else.
fn finish(replay: Replay, ran: &Ran) {
    let received = replay.finish();
    assert!(received.is_ok(), "{:#}\n{ran:?}", received.unwrap_err());
}

/// A replay of those exchanges of a scenario that `keep` says, by their place.
async fn part(scenario: &str, keep: impl Fn(usize, &Exchange) -> bool) -> Replay {
    let mut fixture = Fixture::read(scenario).unwrap();
    let mut place = 0;
    fixture.exchanges.retain(|exchange| {
        place += 1;
        keep(place - 1, exchange)
    });
    Replay::serve(fixture).await
}

/// Runs a command that must be refused before it asks the server for anything: the server counts.
async fn refused_unasked(stdin: &str, prepare: impl FnOnce(&mut Command) -> &mut Command) -> Ran {
    let server = FaultProxy::start(NOWHERE).await.unwrap();
    let mut command = kxi_auth(&server.host(), REALM, USERNAME, PASSWORD).unwrap();
    prepare(&mut command);
    let words = format!("{command:?}");
    let ran = run(command, stdin).await.unwrap();
    assert_eq!((ran.code, server.connections(), ran.stdout.as_str()), (2, 0, ""), "{words}: {ran:?}");
    ran
}

/// The count of [`refused_unasked`] is one that a request moves.
#[tokio::test]
async fn a_request_is_counted() {
    let server = FaultProxy::start(NOWHERE).await.unwrap();
    let ran = at(&server.host(), &["--retries", "0", "role", "list"]).await;
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(server.connections() > 0);
}
