//! What the command asks and shows on a terminal.

use std::fs::File;
use std::process::{Command, Stdio};

use kxi_auth_tests::command::kxi_auth;
use kxi_auth_tests::fixture::Fixture;
use kxi_auth_tests::pty::{Ended, Key, Session, Terminal};
use kxi_auth_tests::replay::Replay;
use kxi_auth_tests::stand_in::{REALM, USERNAME};

use crate::NOWHERE;

const QUESTION: &str = "Delete the client `svc-1` and its service account from the realm `insights`? [y/N] ";

fn delete(host: &str) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, "the password").unwrap();
    command.args(["client", "delete", "svc-1"]);
    command
}

/// A server with a client to delete, once.
async fn with_a_client() -> Replay {
    let mut fixture = Fixture::read("client-delete").unwrap();
    // What follows is a second deletion.
    let deletion = fixture.exchanges.iter().position(|exchange| exchange.request.method == "DELETE");
    fixture.exchanges.truncate(deletion.unwrap() + 1);
    Replay::serve(fixture).await
}

/// Runs it where nothing listens: exit code 7 would tell that something was sent.
fn answered(answer: impl FnOnce(&Session)) -> Ended {
    let mut session = Terminal::new().size(24, 120).start(delete(NOWHERE)).unwrap();
    session.expect(QUESTION).unwrap();
    answer(&session);
    session.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_deletes_and_only_the_question_is_on_the_terminal() {
    for yes in ["y", "Y", "yes"] {
        let server = with_a_client().await;
        let file = tempfile::NamedTempFile::new().unwrap();
        let to_file = File::options().write(true).open(file.path()).unwrap();
        let terminal = Terminal::new().size(24, 120).stdout(to_file);
        let mut session = terminal.start(delete(&server.host())).unwrap();
        session.expect(QUESTION).unwrap();
        session.send_line(yes).unwrap();
        let ended = session.finish().unwrap();
        assert_eq!((ended.shown, ended.code), (format!("{QUESTION}{yes}\r\n"), 0));
        let table = std::fs::read_to_string(file.path()).unwrap();
        assert!(table.ends_with("outcome  deleted\n"), "{table}");
        server.finish().unwrap();
    }
}

#[test]
fn any_other_answer_sends_nothing() {
    let typed = ["n", "no", "", "yy", "yes please"].map(|answer| {
        let ended = answered(|session| session.send_line(answer).unwrap());
        (answer, ended)
    });
    let end_of_input = ("", answered(|session| session.press(Key::CtrlD).unwrap()));
    for (answer, Ended { shown, code }) in typed.into_iter().chain([end_of_input]) {
        assert_eq!(code, 1, "{answer:?}: {shown:?}");
        assert!(shown.starts_with(&format!("{QUESTION}{answer}")), "{shown:?}");
        assert!(shown.ends_with("error: not deleted: the answer was not yes\r\n"), "{shown:?}");
    }
}

#[test]
fn an_interrupt_sends_nothing() {
    let Ended { shown, code } = answered(|session| session.press(Key::CtrlC).unwrap());
    assert_eq!(code, 130, "{shown:?}");
}

#[test]
fn nobody_is_asked_where_input_is_no_terminal() {
    let terminal = Terminal::new().size(24, 120).stdin(Stdio::null());
    let ended = terminal.start(delete(NOWHERE)).unwrap().finish().unwrap();
    let said = "error: deleting needs --yes where nobody can be asked\r\n".to_owned();
    assert_eq!(ended, Ended { shown: said, code: 2 });
}
