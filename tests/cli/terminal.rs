//! What the command asks and shows on a terminal.

use std::fs::File;
use std::process::{Command, Stdio};

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::pty::{Ended, Key, Session, Terminal};
use kxi_auth_tests::recordings::fixture::{Body, Fixture};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

use crate::NOWHERE;

const QUESTION: &str = "Delete client `svc-1` and its service account from realm `insights`? [y/N] ";

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

/// Runs it where nothing listens: exit code 7 would show that something was sent.
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
        assert!(shown.ends_with("error: not confirmed; nothing was changed\r\n"), "{shown:?}");
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
    let said = "error: deleting a client requires --yes when no prompt is possible\r\n".to_owned();
    assert_eq!(ended, Ended { shown: said, code: 2 });
}

const PASSWORD_QUESTION: &str = "Password of admin: ";

/// A command whose password is missing.
fn without_password(host: &str) -> Command {
    let mut command = kxi_auth(host, REALM, USERNAME, "").unwrap();
    command.env_remove("INSIGHTS_ADMIN_PASSWORD").args(["client", "list"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_and_not_shown() {
    let server = Replay::start("client-list").await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let terminal = Terminal::new().stdout(File::options().write(true).open(file.path()).unwrap());
    let mut session = terminal.start(without_password(&server.host())).unwrap();
    session.expect(PASSWORD_QUESTION).unwrap();
    session.send_line("typed-password").unwrap();
    let ended = session.finish().unwrap();
    assert_eq!(ended, Ended { shown: format!("{PASSWORD_QUESTION}\r\n"), code: 0 });
    assert!(std::fs::read_to_string(file.path()).unwrap().contains("svc-1"));
    server.finish().unwrap();
}

/// A shell that runs this script with the command, whose password is missing, as `$0`.
fn script(script: &str) -> Command {
    let ask = without_password(NOWHERE);
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    shell.args(["-c", script]).arg(ask.get_program());
    for (name, value) in ask.get_envs() {
        value.map(|value| shell.env(name, value));
    }
    shell
}

/// The end of a session that was interrupted at the password prompt, with the terminal's settings.
fn assert_as_before(session: Session) {
    let Ended { shown, code } = session.finish().unwrap();
    assert_eq!(code, 130, "{shown}");
    assert!(shown.contains("error: interrupted; nothing was changed\r\n"), "{shown}");
    assert!(!shown.contains("typed-pass"), "{shown}");
    let settings: Vec<&str> = shown.split_whitespace().collect();
    for setting in ["echo", "icanon", "isig"] {
        assert!(settings.contains(&setting), "{setting} is off: {shown}");
    }
}

#[test]
fn an_interrupt_at_the_password_leaves_the_terminal_as_it_was() {
    // Without a password the doctor could look at much; but not for who does not want to know.
    for words in ["client list", "doctor"] {
        let shell = script(&format!(r#""$0" {words}; code=$?; stty -a; exit $code"#));
        let mut session = Terminal::new().start(shell).unwrap();
        session.expect(PASSWORD_QUESTION).unwrap();
        session.send("typed-pass").unwrap();
        session.press(Key::CtrlC).unwrap();
        assert_as_before(session);
    }
}

#[test]
fn a_sigterm_at_the_password_leaves_the_terminal_as_it_was() {
    let id = tempfile::NamedTempFile::new().unwrap();
    let mut shell =
        script(r#""$0" client list </dev/tty & echo $! >"$ID"; wait $!; code=$?; stty -a; exit $code"#);
    shell.env("ID", id.path());
    let mut session = Terminal::new().start(shell).unwrap();
    session.expect(PASSWORD_QUESTION).unwrap();
    let kill = "while ! [ -s \"$0\" ]; do :; done; kill -TERM $(cat \"$0\")";
    assert!(Command::new("sh").args(["-c", kill]).arg(id.path()).status().unwrap().success());
    assert_as_before(session);
}

#[test]
fn an_empty_password_is_refused() {
    let mut session = Terminal::new().start(without_password(NOWHERE)).unwrap();
    session.expect(PASSWORD_QUESTION).unwrap();
    session.press(Key::Enter).unwrap();
    let shown = format!("{PASSWORD_QUESTION}\r\nerror: the password is empty\r\n");
    assert_eq!(session.finish().unwrap(), Ended { shown, code: 2 });
}

#[test]
fn no_password_is_asked_for_where_nobody_can_be() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let to_file = File::options().write(true).open(file.path()).unwrap();
    let no_stderr = Terminal::new().stderr(to_file).start(without_password(NOWHERE)).unwrap();
    let no_stderr = no_stderr.finish().unwrap();
    assert_eq!(no_stderr, Ended { shown: String::new(), code: 2 });
    let said = std::fs::read_to_string(file.path()).unwrap();
    let no_stdin = Terminal::new().size(24, 200).stdin(Stdio::null());
    let no_stdin = no_stdin.start(without_password(NOWHERE)).unwrap().finish().unwrap();
    assert_eq!(no_stdin, Ended { shown: said.replace('\n', "\r\n"), code: 2 });
    assert!(!said.contains(PASSWORD_QUESTION), "{said}");
    assert!(said.contains("INSIGHTS_ADMIN_PASSWORD"), "the remedy: {said}");
}

/// What `client list` shows with these variables besides those of the connection.
async fn listed(terminal: bool, variables: &[(&str, &str)]) -> String {
    let server = Replay::start("client-list").await.unwrap();
    let mut command = kxi_auth(&server.host(), REALM, USERNAME, "the password").unwrap();
    command.args(["client", "list"]).envs(variables.iter().copied());
    if terminal {
        return Terminal::new().start(command).unwrap().finish().unwrap().shown;
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn color_is_for_terminals_that_want_it() {
    let colors = ("TERM", "xterm-256color");
    let shown = listed(true, &[colors]).await;
    assert!(shown.starts_with("\u{1b}[1mCLIENT"), "{shown:?}");
    for (terminal, variables) in
        [(true, &[colors, ("NO_COLOR", "1")][..]), (true, &[("TERM", "dumb")]), (false, &[colors])]
    {
        let shown = listed(terminal, variables).await;
        assert!(shown.starts_with("CLIENT") && !shown.contains('\u{1b}'), "{variables:?}: {shown:?}");
    }
}

#[test]
fn errors_are_colored_alike() {
    let refused = |variables: &[(&str, &str)]| {
        let mut command = delete(NOWHERE);
        command.envs(variables.iter().copied());
        let mut session = Terminal::new().size(24, 120).start(command).unwrap();
        session.expect(QUESTION).unwrap();
        session.send_line("n").unwrap();
        session.finish().unwrap().shown
    };
    let colors = ("TERM", "xterm-256color");
    let shown = refused(&[colors]);
    assert!(shown.contains("\u{1b}[31merror:") || shown.contains("\u{1b}[1m\u{1b}[31merror:"), "{shown:?}");
    for variables in [&[colors, ("NO_COLOR", "1")][..], &[("TERM", "dumb")]] {
        assert!(!refused(variables).contains('\u{1b}'), "{variables:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_fit_the_terminal_whatever_the_names() {
    let name = "long-name-".repeat(20);
    let mut fixture = Fixture::read("client-list").unwrap();
    let answer = &mut fixture.exchanges.last_mut().unwrap().response.body;
    let text = answer.as_ref().unwrap().text().unwrap();
    let renamed = text.replace("\"clientId\":\"svc-1\"", &format!("\"clientId\":\"{name}\""));
    assert_ne!(renamed, text);
    *answer = Some(Body::Text(renamed));
    let server = Replay::serve(fixture).await;
    let mut command = kxi_auth(&server.host(), REALM, USERNAME, "the password").unwrap();
    command.args(["client", "list"]);
    let Ended { shown, code } = Terminal::new().start(command).unwrap().finish().unwrap();
    assert_eq!(code, 0, "{shown}");
    for line in shown.lines() {
        assert!(line.chars().count() <= 80, "{line:?} in\n{shown}");
    }
    let whole: String = shown
        .lines()
        .filter(|line| line.contains("ong-na"))
        .flat_map(str::split_whitespace)
        .filter(|word| !word.contains("00000000"))
        .collect();
    assert_eq!(whole, name, "nothing of it is left out:\n{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_cut() {
    let mut fixture = Fixture::read("client-token").unwrap();
    // The probe, and the client's own sign-in.
    let mut at = 0;
    fixture.exchanges.retain(|_| {
        at += 1;
        matches!(at, 1 | 2 | 9)
    });
    let answer: serde_json::Value =
        serde_json::from_str(fixture.exchanges[2].response.body.as_ref().unwrap().text().unwrap()).unwrap();
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.len() > 200, "{token}");
    // All but the signature, which a replay binds.
    let token = token.rsplit_once('.').unwrap().0.to_owned();
    let server = Replay::serve(fixture).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "the secret").unwrap();
    let mut command = kxi_auth(&server.host(), REALM, USERNAME, "the password").unwrap();
    command.args(["client", "token", "svc", "--show-token", "--secret-file"]).arg(file.path());
    let Ended { shown, code } = Terminal::new().start(command).unwrap().finish().unwrap();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.lines().any(|line| line.contains(&token)), "{shown}");
}

/// `docker exec -t` says that a terminal has none: a table is not made to fit it.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_without_columns_gets_whole_lines() {
    let replay = Replay::start("role-list").await.unwrap();
    let mut command = kxi_auth(&replay.host(), REALM, USERNAME, "the password").unwrap();
    command.args(["role", "list"]);
    let ended = Terminal::new().size(0, 0).start(command).unwrap().finish().unwrap();
    assert!(ended.shown.contains("insights.query.data"), "{}", ended.shown);
    replay.finish().unwrap();
}
