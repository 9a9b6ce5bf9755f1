//! Ctrl-C and SIGTERM: what reads ends at once, what writes finishes what it has begun.

use std::process::Command;

use kxi_auth_tests::command::kxi_auth;
use kxi_auth_tests::faults::{Fault, FaultProxy};
use kxi_auth_tests::pty::{Ended, Key, Session, Terminal};
use kxi_auth_tests::replay::Replay;
use kxi_auth_tests::stand_in::{REALM, USERNAME};

const FINISHING: &str = "interrupted: finishing what is begun; once more to stop at once\r\n";

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
        let said = "error: interrupted in the middle of a change\r\n\
                    hint: run the same command again to complete it\r\n";
        assert!(shown.ends_with(said), "{signal:?}: {shown:?}");
    }
}
