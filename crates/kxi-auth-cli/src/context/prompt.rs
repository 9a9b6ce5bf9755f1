//! Prompts on a terminal.

use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use kxi_auth_core::{ExposeSecret as _, SecretString};

use crate::failure::Failure;
use crate::output::plain;

/// Whether a prompt is possible: standard input and standard error must both be terminals.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Prompts for a password without showing what is typed. Ctrl-C cancels the prompt. The future can be dropped
/// while it waits, as happens on SIGTERM.
pub(crate) async fn password(question: &str) -> Result<SecretString, Failure> {
    // Turn echo off before the prompt appears, so that fast typing or a paste is not shown either.
    let _quiet = Quiet::begin();
    // The Enter key is not echoed either.
    let _line = OpenLine(true);
    ask(question)?;
    let (running, finished) = mpsc::channel();
    let _finished = Finished(finished);
    let read = tokio::task::spawn_blocking(move || {
        let _running: mpsc::Sender<()> = running;
        let config = rpassword::ConfigBuilder::new().password_feedback_hide().output_discard().build();
        rpassword::read_password_with_config(config).map(SecretString::from)
    });
    match read.await.map_err(|error| cannot_ask(&error))? {
        Ok(typed) if typed.expose_secret().is_empty() => Err(Failure::usage("the password is empty")),
        Ok(typed) => Ok(typed),
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            Err(Failure::interrupted("interrupted; nothing was changed"))
        }
        Err(error) => Err(cannot_ask(&error)),
    }
}

/// Waits until the password reader has released the terminal. The reader restores the terminal to the state
/// in which it found it, which is without echo. It does so too on Ctrl-C, when it raises the signal that
/// drops this value. Only then can the original state be restored. A reader that still waits for a key, as on
/// SIGTERM, changes nothing more.
struct Finished(mpsc::Receiver<()>);

/// A reader that restores the terminal does so well within this time.
const MOMENT: Duration = Duration::from_millis(500);

impl Drop for Finished {
    fn drop(&mut self) {
        // Nothing is ever sent. This returns when the reader has dropped its end, or after the timeout.
        let _ = self.0.recv_timeout(MOMENT);
    }
}

/// Asks a yes-or-no question. Everything except `y` and `yes` means no. The future can be dropped while it
/// waits.
pub(crate) async fn confirm(question: &str) -> Result<bool, Failure> {
    ask(&format!("{} [y/N] ", plain(question)))?;
    let mut line = OpenLine(true);
    let read = tokio::task::spawn_blocking(|| {
        let mut reply = String::new();
        std::io::stdin().lock().read_line(&mut reply).map(|_| reply)
    });
    let reply = read.await.map_err(|error| cannot_ask(&error))?.map_err(|error| cannot_ask(&error))?;
    // Enter was echoed and ended the line. Ctrl-D leaves the line open.
    line.0 = !reply.ends_with('\n');
    Ok(matches!(reply.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
}

/// The line of a prompt. An interrupt or the end of the input leaves it open; dropping this value ends it, so
/// that the next output starts on a new line.
struct OpenLine(bool);

impl Drop for OpenLine {
    fn drop(&mut self) {
        if self.0 {
            // If standard error is closed as well, there is nowhere to report it.
            let _ = ask("\n");
        }
    }
}

/// Turns the terminal's echo off, and restores the terminal when dropped.
#[cfg(unix)]
struct Quiet(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Quiet {
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        let set = || {
            let before = tcgetattr(&stdin)?;
            let mut quiet = before.clone();
            // The same mode as while the password is read, so that an earlier Ctrl-C is not lost.
            quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
            quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&stdin, OptionalActions::Now, &quiet)?;
            Ok::<_, rustix::io::Errno>(before)
        };
        // An error is ignored here: the password reader turns echo off as well, and reports why if it cannot.
        Self(set().ok())
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let now = rustix::termios::OptionalActions::Now;
            let _ = rustix::termios::tcsetattr(std::io::stdin(), now, before);
        }
    }
}

#[cfg(not(unix))]
struct Quiet;

#[cfg(not(unix))]
impl Quiet {
    fn begin() -> Self {
        Self
    }
}

fn ask(text: &str) -> Result<(), Failure> {
    let mut terminal = std::io::stderr().lock();
    let written = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    written.map_err(|error| cannot_ask(&error))
}

fn cannot_ask(error: &dyn std::error::Error) -> Failure {
    Failure::local(format!("cannot prompt on the terminal: {error}"))
}
