//! What other users of the machine see of a running program: the command lines that `/proc` (on Linux)
//! and `ps` show to everybody. The environment, which only its owner may read, is not looked at.

use std::collections::BTreeSet;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use anyhow::{Context as _, Result, bail, ensure};

/// What was to be seen while a program ran.
pub struct Seen {
    /// The command lines of all processes, arguments separated by blanks.
    lines: BTreeSet<String>,
    /// How many looks showed the program itself: at its command line in `/proc`, and at `ps`.
    looks: Looks,
}

/// How often the program itself was to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// In `/proc/<pid>/cmdline`; 0 where there is no `/proc`.
    pub proc: usize,
    /// In the output of `ps`.
    pub ps: usize,
}

/// Runs `command` to its end, and looks all the while at what others see of it. Its output is captured; its
/// standard input is empty.
///
/// Give it something to wait for, such as a server that takes its time: a run that is over before `ps` has
/// looked once is an error.
///
/// # Errors
/// The command or `ps` cannot be started, or nothing of the run was to be seen.
pub fn watch(command: &mut Command) -> Result<(Output, Seen)> {
    watch_with(command, Stdio::null())
}

/// The same with this standard input.
///
/// # Errors
/// As [`watch`].
pub fn watch_with(command: &mut Command, stdin: impl Into<Stdio>) -> Result<(Output, Seen)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{program}`"))?;
    let pid = child.id();
    let ended = in_background(child);
    let mut seen = Seen { lines: BTreeSet::new(), looks: Looks::default() };
    let output = loop {
        seen.look_at_proc(pid);
        seen.look_at_ps(pid)?;
        match ended.try_recv() {
            Ok(output) => break output.with_context(|| format!("cannot wait for `{program}`"))?,
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => bail!("nobody waits for `{program}`"),
        }
    };
    ensure!(seen.looks.ps > 0, "`{program}` was over before it was seen once: let it wait for something");
    ensure!(
        seen.looks.proc > 0 || !cfg!(target_os = "linux"),
        "`{program}` was over before /proc told its command line"
    );
    Ok((output, seen))
}

/// Waits for the end on a thread of its own, which also keeps the pipes from filling up.
fn in_background(child: Child) -> Receiver<std::io::Result<Output>> {
    let (send, ended) = channel();
    // Nobody takes it where looking has failed.
    std::thread::spawn(move || drop(send.send(child.wait_with_output())));
    ended
}

impl Seen {
    /// How often the program itself was to be seen.
    #[must_use]
    pub fn looks(&self) -> Looks {
        self.looks
    }

    /// Checks that `secret` was not to be seen, in no command line of any process.
    ///
    /// # Errors
    /// It was: the error tells how often and where, but neither the secret nor a command line.
    pub fn hides(&self, secret: &str) -> Result<()> {
        ensure!(!secret.is_empty(), "an empty text is in every command line");
        let found = self.lines.iter().filter(|line| line.contains(secret)).count();
        ensure!(
            found == 0,
            "{found} of {} command lines that all users see hold the secret",
            self.lines.len()
        );
        Ok(())
    }

    /// Checks that `text`, which is no secret, was to be seen: a check of the check.
    #[must_use]
    pub fn shows(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    fn look_at_proc(&mut self, pid: u32) {
        // Of a process that has ended nothing or an empty line is left.
        let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return };
        if line.is_empty() {
            return;
        }
        self.looks.proc += 1;
        let words = String::from_utf8_lossy(&line).replace('\0', " ");
        self.lines.insert(words.trim_end().to_owned());
    }

    fn look_at_ps(&mut self, pid: u32) -> Result<()> {
        // All processes, those of its children too, with lines as long as they are.
        let output = Command::new("ps").args(["-efww"]).stdin(Stdio::null()).output();
        let output = output.context("cannot start `ps`: install procps")?;
        ensure!(output.status.success(), "`ps -efww` failed ({})", output.status);
        let pid = pid.to_string();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            // User, process, parent, and further fields before the command line.
            let ours = line.split_whitespace().nth(1) == Some(&pid);
            self.looks.ps += usize::from(ours && !line.contains("<defunct>"));
            self.lines.insert(line.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::installed;

    fn shell(script: &str, argument: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", argument]);
        command
    }

    #[test]
    fn an_argument_is_seen_and_the_environment_is_not() {
        if !installed::are_there(&["ps"]).unwrap() {
            return;
        }
        let mut command = shell("sleep 0.5; echo done", "planted-argument-5d1f");
        command.env("PLANTED", "planted-variable-5d1f");
        let (output, seen) = watch(&mut command).unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "done\n");
        assert!(seen.hides("planted-variable-5d1f").is_ok());
        let error = seen.hides("planted-argument-5d1f").unwrap_err().to_string();
        assert!(error.contains("hold the secret") && !error.contains("planted"), "{error}");
        assert!(seen.looks().ps > 0, "{:?}", seen.looks());
        #[cfg(target_os = "linux")]
        assert!(seen.looks().proc > 0, "{:?}", seen.looks());
    }

    #[test]
    fn what_a_child_is_given_is_seen_too() {
        if !installed::are_there(&["ps"]).unwrap() {
            return;
        }
        let long = format!("{}-planted-7a20", "x".repeat(500));
        // Not the last command, which a shell may run in its own place.
        let (_, seen) =
            watch(shell("sh -c 'sleep 0.5; exit 0' sh \"$1\"; exit 0", &long).env("A", "b")).unwrap();
        assert!(seen.hides("x-planted-7a20").is_err());
    }

    #[test]
    fn a_program_that_is_missing_or_an_empty_secret_is_an_error() {
        if !installed::are_there(&["ps"]).unwrap() {
            return;
        }
        let error = watch(&mut Command::new("no-such-program")).err().unwrap();
        assert_eq!(error.to_string(), "cannot start `no-such-program`");
        let (_, seen) = watch(&mut shell("sleep 0.3", "")).unwrap();
        assert!(seen.hides("").is_err());
    }
}
