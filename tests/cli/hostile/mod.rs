//! The built command on servers that respond as no server should: it ends, with an error that says what is wrong, in
//! little memory, and shows no secret.

mod endless;
mod lying;
mod redirecting;
mod slow;
mod wrong;

use std::process::Command;

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::measured::{Measured, measured};
use kxi_auth_tests::proxies::hostile::{Behavior, HostileServer};
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

use crate::PASSWORD;

/// The memory that a run may take. A start takes 10 MiB, and the longest list that is accepted 48 MiB.
const MOST: u64 = 100 * 1024 * 1024;
/// The longest error, in bytes.
const LONGEST: usize = 4096;
/// What a server sends or gets and no run may show.
const SECRETS: [&str; 3] = [PASSWORD, "the-token", "the-stored-secret"];

// Closed after it: the client would send its next request on the same connection.
const OK: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
const ROLES: [&str; 2] = ["role", "list"];

/// A command that signs in as a user, makes one attempt of each request, and waits two seconds for it.
fn command(host: &str, words: &[&str]) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(["--keycloak-path", "/", "--retries", "0", "--timeout", "2"]).args(words);
    command
}

/// Runs a command against a server, and checks what holds for every server. `behavior` names it in the table.
async fn against(behavior: &str, command: Command) -> Measured {
    let ran = measured(command).await.unwrap();
    assert!(ran.took_less_than(MOST), "{behavior}: {ran:?}");
    assert!(ran.stderr.len() < LONGEST, "{behavior}: {ran:?}");
    for secret in SECRETS {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{behavior}: {ran:?}");
    }
    assert!(!ran.stderr.contains("panicked"), "{behavior}: {ran:?}");
    ran.note(behavior).unwrap();
    ran
}

/// The requests that a list of roles takes: the search for Keycloak, the sign-in, and the list.
const REQUESTS: [(&str, &str); 3] = [("GET", "/realms/insights"), ("POST", "/token"), ("GET", "/roles")];

/// Lists the roles on a server that does this to each of the requests that this takes.
async fn at_each_request(name: &str, behavior: Behavior) -> Vec<Measured> {
    let mut runs = Vec::new();
    for (method, part) in REQUESTS {
        let server = HostileServer::start(method, part, behavior.clone()).await.unwrap();
        let mut command = kxi_auth(&server.host(), REALM, USERNAME, PASSWORD).unwrap();
        command.args(["--retries", "0", "--timeout", "2"]).args(ROLES);
        let ran = against(name, command).await;
        assert!(server.met() > 0, "{name} at {part}: {ran:?}");
        assert!(ran.stdout.is_empty(), "{name} at {part}: {ran:?}");
        runs.push(ran);
    }
    runs
}

/// The same with an expectation for all of them: the exit code is one of these.
async fn fails_at_each_request(name: &str, behavior: Behavior, codes: &[i32]) {
    for ran in at_each_request(name, behavior).await {
        assert!(ran.code.is_some_and(|code| codes.contains(&code)), "{name}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{name}: {ran:?}");
    }
}
