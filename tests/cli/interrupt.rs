//! Ctrl-C and SIGTERM: what reads ends at once, what writes finishes what it has begun.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::pty::{Ended, Key, Session, Terminal};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

const FINISHING: &str = "interrupted: finishing the current change; interrupt again to stop immediately\r\n";

#[derive(Debug, Clone, Copy)]
enum Signal {
    CtrlC,
    Terminate,
}

impl Signal {
    fn send(self, session: &Session) {
        match self {
            Self::CtrlC => session.press(Key::CtrlC).unwrap(),
            Self::Terminate => {
                let kill = format!("kill -TERM {}", session.id());
                assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
            }
        }
    }
}

/// Runs a command whose request with this method and path meets `fault`, until its progress is shown.
async fn begin(scenario: &str, words: &[&str], part: &str, fault: Fault) -> (Replay, FaultProxy, Session) {
    let replay = Replay::start(scenario).await.unwrap();
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    proxy.inject("GET", part, 1..=1, fault);
    let mut command = kxi_auth(&proxy.host(), REALM, USERNAME, "the password").unwrap();
    command.args(words).env("TERM", "xterm").env("NO_COLOR", "1");
    let session = Terminal::new().size(24, 120).start(command).unwrap();
    (replay, proxy, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reads_ends_at_once() {
    for signal in [Signal::CtrlC, Signal::Terminate] {
        let (_replay, _proxy, mut session) =
            begin("client-list", &["client", "list"], "/admin/", Fault::Hang).await;
        session.expect("listing the clients").unwrap();
        signal.send(&session);
        let Ended { shown, code } = session.finish().unwrap();
        assert_eq!(code, 130, "{signal:?}: {shown:?}");
        assert!(shown.ends_with("error: interrupted; nothing was changed\r\n"), "{signal:?}: {shown:?}");
    }
}

/// Until the first request that changes something, a command that would change something is one that reads.
#[tokio::test(flavor = "multi_thread")]
async fn before_it_writes_nothing_is_changed() {
    for (signal, words) in [
        (Signal::CtrlC, ["client", "register", "svc"].as_slice()),
        (Signal::Terminate, &["client", "create", "svc"]),
        (Signal::CtrlC, &["client", "delete", "svc-1", "--yes"]),
    ] {
        let (_replay, proxy, mut session) = begin("register-new", words, "/realms/", Fault::Hang).await;
        // What it waits for is the search for Keycloak.
        session.expect("ing ").unwrap();
        signal.send(&session);
        let Ended { shown, code } = session.finish().unwrap();
        assert_eq!(code, 130, "{signal:?}: {shown:?}");
        assert!(shown.ends_with("error: interrupted; nothing was changed\r\n"), "{signal:?}: {shown:?}");
        assert_eq!((proxy.count("POST", "/"), proxy.count("DELETE", "/")), (0, 0), "{shown:?}");
    }
}

/// A command can be ended while it waits for standard input, and no half of the input is used as a secret.
#[tokio::test(flavor = "multi_thread")]
async fn reading_an_input_can_be_ended() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let register = ["client", "register", "svc"].as_slice();
    for words in [
        &[register, &["--secret-stdin"]].concat(),
        &[register, &["--config", "-"]].concat(),
        &[register, &["--secret-file", pipe]].concat(),
        &vec!["apply", "-f", "-"],
        &vec!["role", "list", "--admin-password-stdin"],
        &vec!["role", "list", "--ca-cert", pipe],
    ] {
        for signal in ["INT", "TERM"] {
            let server = FaultProxy::start("http://127.0.0.1:1").await.unwrap();
            let mut command = kxi_auth(&server.host(), REALM, USERNAME, "the password").unwrap();
            command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut input = child.stdin.take().unwrap();
            input.write_all(b"half a sec").unwrap();
            // It listens for signals before it reads: until then one would end it without a word.
            let listening = async {
                while !listens(child.id()) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), listening).await.unwrap();
            let kill = format!("kill -{signal} {}", child.id());
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
            let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
            let said = String::from_utf8(ended.stderr).unwrap();
            assert_eq!(ended.status.code(), Some(130), "{words:?} {signal}: {said}");
            assert_eq!(said, "error: interrupted; nothing was changed\n", "{words:?} {signal}");
            assert_eq!(server.connections(), 0, "{words:?} {signal}");
            drop(input);
        }
    }
}

/// Whether a process catches SIGINT (bit 1) and SIGTERM (bit 14), as Linux reports.
fn listens(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap_or_default();
    caught & 0x4002 == 0x4002
}

const REGISTER: [&str; 3] = ["client", "register", "svc"];
/// The client is created before this is asked for, and has no roles yet.
const MIDDLE: &str = "/service-account-user";

#[tokio::test(flavor = "multi_thread")]
async fn what_writes_finishes_what_it_has_begun() {
    for signal in [Signal::CtrlC, Signal::Terminate] {
        let wait = Fault::retry_after(503, "3");
        let (replay, proxy, mut session) = begin("register-new", &REGISTER, MIDDLE, wait).await;
        session.expect("registering").unwrap();
        assert_eq!(proxy.count("POST", "/clients"), 1, "in the middle of it");
        signal.send(&session);
        session.expect(FINISHING).unwrap();
        let Ended { shown, code } = session.finish().unwrap();
        assert_eq!(code, 130, "{signal:?}: {shown:?}");
        assert!(shown.contains("outcome      created"), "{shown:?}");
        assert_eq!(shown.matches(FINISHING).count(), 1, "{shown:?}");
        assert!(!shown.contains("error:"), "{shown:?}");
        // Its roles were mapped as well.
        replay.finish().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_in_the_middle() {
    for signal in [Signal::CtrlC, Signal::Terminate] {
        let (_replay, _proxy, mut session) = begin("register-new", &REGISTER, MIDDLE, Fault::Hang).await;
        session.expect("registering").unwrap();
        signal.send(&session);
        session.expect(FINISHING).unwrap();
        signal.send(&session);
        let Ended { shown, code } = session.finish().unwrap();
        assert_eq!(code, 130, "{signal:?}: {shown:?}");
        let said = "error: interrupted during a change\r\n\
                    hint: run `kxi-auth client get ID` to see what was done; `client register` or `apply` completes it\r\n";
        assert!(shown.ends_with(said), "{signal:?}: {shown:?}");
    }
}
