//! Questions to a person at a terminal.

use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use kxi_auth_core::{ExposeSecret as _, SecretString};

use crate::failure::Failure;
use crate::output::plain;

/// Whether there is somebody to ask: both what is asked and what is answered go through a terminal.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a password, which is not shown while it is typed. Ctrl-C ends it; it can be dropped while it
/// waits, as SIGTERM does.
pub(crate) async fn password(question: &str) -> Result<SecretString, Failure> {
    // Before the question is there: who answers at once, or pastes, must not see the answer.
    let _quiet = Quiet::begin();
    // The line end that is typed is hidden as well.
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
        Ok(answer) if answer.expose_secret().is_empty() => Err(Failure::usage("the password is empty")),
        Ok(answer) => Ok(answer),
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            Err(Failure::interrupted("interrupted; nothing was changed"))
        }
        Err(error) => Err(cannot_ask(&error)),
    }
}

/// Waits until the reader of a password is done with the terminal. It puts it back as it found it, which is
/// quiet, also when this is dropped because of the signal that it raises at a Ctrl-C: only after that the
/// terminal can be put back as it was. One that still waits for a key, as at a SIGTERM, changes nothing more.
struct Finished(mpsc::Receiver<()>);

/// A reader that has something to put back does so at once.
const MOMENT: Duration = Duration::from_millis(500);

impl Drop for Finished {
    fn drop(&mut self) {
        // Nothing is ever sent: the other end is gone, or the time is over.
        let _ = self.0.recv_timeout(MOMENT);
    }
}

/// Asks a question that only `y` or `yes` answers with yes. It can be dropped while it waits.
pub(crate) async fn confirm(question: &str) -> Result<bool, Failure> {
    ask(&format!("{} [y/N] ", plain(question)))?;
    let mut line = OpenLine(true);
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    let answer = read.await.map_err(|error| cannot_ask(&error))?.map_err(|error| cannot_ask(&error))?;
    // Enter, which the terminal has shown, ended the line; Ctrl-D did not.
    line.0 = !answer.ends_with('\n');
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
}

/// The line of a question, which an interrupt or the end of the input leaves open: what is said next
/// begins a new one.
struct OpenLine(bool);

impl Drop for OpenLine {
    fn drop(&mut self) {
        if self.0 {
            // Nothing is left to do when even that is closed.
            let _ = ask("\n");
        }
    }
}

/// A terminal that does not show what is typed; afterwards it is as it was.
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
            // Just as the password is read: a Ctrl-C that comes before that must not be lost.
            quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
            quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&stdin, OptionalActions::Now, &quiet)?;
            Ok::<_, rustix::io::Errno>(before)
        };
        // Reading the password turns the echo off as well, and says why if that cannot be.
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
    let asked = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    asked.map_err(|error| cannot_ask(&error))
}

fn cannot_ask(error: &dyn std::error::Error) -> Failure {
    Failure::local(format!("cannot ask: {error}"))
}
