//! Programs on a real pseudo-terminal (Linux and macOS), as a person would use them: what they ask, what
//! they show to whoever sits there, and what a key does to them.
//!
//! ```
//! use std::process::Command;
//! use kxi_auth_tests::programs::pty::{Key, Terminal};
//!
//! # fn main() -> anyhow::Result<()> {
//! let mut session = Terminal::new().start(Command::new("cat"))?;
//! session.send_line("hello")?;
//! session.expect("hello\r\nhello\r\n")?; // the terminal's echo, then what `cat` writes
//! session.press(Key::CtrlD)?;
//! assert_eq!(session.finish()?.code, 0);
//! # Ok(())
//! # }
//! ```

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pty_process::blocking::{self, Pty};
use tokio::time::Instant;

/// Far above what a loaded machine needs for anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a program is looked at that has left its terminal but not ended.
const LOOK: Duration = Duration::from_millis(5);

/// A terminal that a program is to run on.
pub struct Terminal {
    rows: u16,
    columns: u16,
    patience: Duration,
    stdin: Option<Stdio>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
}

/// A program that runs on a terminal. It is killed if this is dropped before [`Session::finish`].
pub struct Session {
    pty: Arc<Pty>,
    child: Child,
    /// What the program writes to the terminal, and the terminal's echo; closed when no process has it
    /// open any longer.
    written: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    /// How much of `shown` an [`expect`](Session::expect) has found.
    found: usize,
    patience: Duration,
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// All that the terminal got to show, from the start on: lines end with `\r\n`, escape sequences and
    /// the echo of what was typed are part of it.
    pub shown: String,
    /// The exit code as a shell tells it: 128 and the signal's number for a program that a signal ended.
    pub code: i32,
}

/// A key that makes the terminal do something, rather than type a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Interrupts the program (SIGINT).
    CtrlC,
    /// Ends the input, at the start of a line.
    CtrlD,
    /// Ends a line.
    Enter,
}

impl Terminal {
    /// A terminal of 24 rows and 80 columns, on which nothing takes longer than 30 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: 24, columns: 80, patience: PATIENCE, stdin: None, stdout: None, stderr: None }
    }

    /// Its size, in characters.
    #[must_use]
    pub fn size(mut self, rows: u16, columns: u16) -> Self {
        (self.rows, self.columns) = (rows, columns);
        self
    }

    /// How long an expected text, and the end, are waited for.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Takes the program's standard input from a file or a pipe, as `< file` and `program |` do; what is
    /// typed reaches it only through `/dev/tty`.
    #[must_use]
    pub fn stdin(mut self, from: impl Into<Stdio>) -> Self {
        self.stdin = Some(from.into());
        self
    }

    /// Sends the program's standard output to a file or a pipe, as `> file` and `| program` do; the rest
    /// stays on the terminal.
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.stdout = Some(to.into());
        self
    }

    /// Sends the program's standard error to a file or a pipe, as `2> file` does.
    #[must_use]
    pub fn stderr(mut self, to: impl Into<Stdio>) -> Self {
        self.stderr = Some(to.into());
        self
    }

    /// Starts a program in a session of its own, whose controlling terminal this is. Its environment is
    /// the command's, with nothing added: not `TERM` either.
    ///
    /// # Errors
    /// The system gives no terminal, or the program does not start.
    pub fn start(self, command: Command) -> Result<Session> {
        let program = command.get_program().to_string_lossy().into_owned();
        let (pty, pts) = blocking::open().context("the system gives no terminal")?;
        pty.resize(pty_process::Size::new(self.rows, self.columns))?;
        let mut command = blocking::Command::from(command);
        if let Some(stdin) = self.stdin {
            command = command.stdin(stdin);
        }
        if let Some(stdout) = self.stdout {
            command = command.stdout(stdout);
        }
        if let Some(stderr) = self.stderr {
            command = command.stderr(stderr);
        }
        let child = command.spawn(pts).with_context(|| format!("cannot start `{program}`"))?;
        let pty = Arc::new(pty);
        let written = read(&pty);
        Ok(Session { pty, child, written, shown: Vec::new(), found: 0, patience: self.patience })
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// The program's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the terminal shows `text`, behind what was expected before, and returns what stands in
    /// between, with the text itself.
    ///
    /// # Errors
    /// It does not come in time, or the program ends without it; the error holds what was shown instead.
    pub fn expect(&mut self, text: &str) -> Result<String> {
        let end = Instant::now() + self.patience;
        loop {
            let rest = &self.shown[self.found..];
            if let Some(at) = rest.windows(text.len()).position(|part| part == text.as_bytes()) {
                let (begin, until) = (self.found, self.found + at + text.len());
                self.found = until;
                return Ok(String::from_utf8_lossy(&self.shown[begin..until]).into_owned());
            }
            let why = match self.receive(end) {
                Ok(()) => continue,
                Err(RecvTimeoutError::Timeout) => format!("in {:?}", self.patience),
                Err(RecvTimeoutError::Disconnected) => "before the program left".to_owned(),
            };
            let rest = String::from_utf8_lossy(&self.shown[self.found..]);
            bail!("the terminal did not show {text:?} {why}, but {rest:?}");
        }
    }

    /// Types this, as it is.
    ///
    /// # Errors
    /// The terminal is closed.
    pub fn send(&self, text: &str) -> Result<()> {
        (&*self.pty).write_all(text.as_bytes()).context("cannot type on the terminal")
    }

    /// Types this, and Enter.
    ///
    /// # Errors
    /// The terminal is closed.
    pub fn send_line(&self, line: &str) -> Result<()> {
        self.send(line)?;
        self.press(Key::Enter)
    }

    /// Presses a key.
    ///
    /// # Errors
    /// The terminal is closed.
    pub fn press(&self, key: Key) -> Result<()> {
        self.send(match key {
            Key::CtrlC => "\u{3}",
            Key::CtrlD => "\u{4}",
            Key::Enter => "\r",
        })
    }

    /// Waits until the program has ended, and no child of it has the terminal open.
    ///
    /// # Errors
    /// It does not end in time; the error holds what was shown.
    pub fn finish(mut self) -> Result<Ended> {
        let end = Instant::now() + self.patience;
        let closed = loop {
            match self.receive(end) {
                Ok(()) => {}
                Err(error) => break error == RecvTimeoutError::Disconnected,
            }
        };
        let shown = String::from_utf8_lossy(&self.shown).into_owned();
        while closed && Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Ended { shown, code: code(status) });
            }
            std::thread::sleep(LOOK);
        }
        bail!("the program did not end in {:?}; the terminal showed {shown:?}", self.patience)
    }

    /// Takes in the next piece of what is shown.
    fn receive(&mut self, end: Instant) -> Result<(), RecvTimeoutError> {
        let piece = self.written.recv_timeout(end.saturating_duration_since(Instant::now()))?;
        self.shown.extend(piece);
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // An error means that it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the terminal on a thread of its own: a read cannot be given a deadline. The thread ends when no
/// process has the terminal open any longer.
fn read(pty: &Arc<Pty>) -> Receiver<Vec<u8>> {
    let (send, written) = channel();
    let pty = Arc::clone(pty);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            match (&*pty).read(&mut buffer) {
                // Linux tells the end by EIO, macOS by an empty read.
                Ok(0) => return,
                Ok(length) if send.send(buffer[..length].to_vec()).is_err() => return,
                Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return,
                _ => {}
            }
        }
    });
    written
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn it_is_a_terminal_of_the_size_that_was_asked_for() {
        let script = "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size && : >/dev/tty";
        let ended = Terminal::new().size(7, 133).start(shell(script)).unwrap().finish().unwrap();
        assert_eq!(ended, Ended { shown: "7 133\r\n".to_owned(), code: 0 });
    }

    #[test]
    fn what_is_written_last_is_not_lost() {
        let script = "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf end; exit 3";
        let ended = Terminal::new().start(shell(script)).unwrap().finish().unwrap();
        assert_eq!((ended.code, ended.shown.lines().count()), (3, 5001));
        assert!(ended.shown.ends_with("line 4999\r\nend"));
    }

    #[test]
    fn standard_output_goes_elsewhere_and_the_rest_stays() {
        let (mut read, write) = std::io::pipe().unwrap();
        let script = "[ -t 0 ] && [ -t 2 ] && ! [ -t 1 ] && echo data && echo said >&2";
        let ended = Terminal::new().stdout(write).start(shell(script)).unwrap().finish().unwrap();
        assert_eq!(ended, Ended { shown: "said\r\n".to_owned(), code: 0 });
        let mut data = String::new();
        read.read_to_string(&mut data).unwrap();
        assert_eq!(data, "data\n");
    }

    #[test]
    fn each_expectation_goes_on_behind_the_last() {
        let mut session = Terminal::new().start(shell("printf 'a? '; read a; printf \"a? $a\"")).unwrap();
        assert_eq!(session.expect("a? ").unwrap(), "a? ");
        session.send_line("yes").unwrap();
        assert_eq!(session.expect("a? ").unwrap(), "yes\r\na? ");
        assert_eq!(session.finish().unwrap().shown, "a? yes\r\na? yes");
    }

    #[test]
    fn keys_reach_the_program() {
        let interrupted = |script: &str| {
            let mut session = Terminal::new().start(shell(script)).unwrap();
            session.expect("ready").unwrap();
            session.press(Key::CtrlC).unwrap();
            session.finish().unwrap().code
        };
        assert_eq!(interrupted("echo ready; exec cat"), 130, "ended by SIGINT");
        assert_eq!(interrupted("trap 'exit 5' INT; echo ready; read line"), 5);
        let session = Terminal::new().start(shell("cat; exit 6")).unwrap();
        session.press(Key::CtrlD).unwrap();
        assert_eq!(session.finish().unwrap().code, 6);
    }

    #[test]
    fn what_does_not_come_is_an_error_that_shows_what_came() {
        let soon = || Terminal::new().patience(Duration::from_millis(300));
        let error = soon().start(shell("echo hello; exec cat")).unwrap().expect("bye").unwrap_err();
        assert_eq!(error.to_string(), r#"the terminal did not show "bye" in 300ms, but "hello\r\n""#);
        let error = soon().start(shell("echo hello; exec cat")).unwrap().finish().unwrap_err();
        assert!(error.to_string().contains("did not end in 300ms"), "{error}");
        let error = Terminal::new().start(shell("echo hello")).unwrap().expect("bye").unwrap_err();
        assert!(error.to_string().contains("before the program left"), "{error}");
        let error = Terminal::new().start(Command::new("no-such-program")).err().unwrap();
        assert_eq!(error.to_string(), "cannot start `no-such-program`");
    }
}
