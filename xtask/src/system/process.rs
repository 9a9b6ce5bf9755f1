//! Running other programs to their end.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How many lines an error shows of a failed program's output, from either end: Maven, for one,
/// gives its reason first and then advice.
const SHOWN_LINES: usize = 6;

/// Runs `command` with the output of this process; any exit code but zero is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(error, &name, None))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// As [`run`], and hands each line of standard output to `read` as well. It is killed when the time is over.
pub(crate) fn run_read(command: &mut Command, limit: Duration, mut read: impl FnMut(&str)) -> Result<()> {
    let name = name(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_started(error, &name, None))?;
    let watchdog = Watchdog::of(&child, limit)?;
    if let Some(output) = child.stdout.take() {
        let (mut output, mut line) = (BufReader::new(output), Vec::new());
        while output.read_until(b'\n', &mut line).with_context(|| format!("cannot read from `{name}`"))? > 0 {
            // A reader that went away (`| head`) is no reason to stop it.
            let _ = std::io::stdout().lock().write_all(&line);
            read(String::from_utf8_lossy(&line).trim_end_matches('\n'));
            line.clear();
        }
    }
    // Before the process is collected, so that its pid is not another's.
    let killed = watchdog.end();
    let status = child.wait().with_context(|| format!("cannot wait for `{name}`"))?;
    if killed {
        bail!(
            "`{}` did not end within {} minutes, and was killed",
            self::line(command),
            limit.as_secs() / 60
        );
    }
    if !status.success() {
        bail!("`{}` failed ({status})", self::line(command));
    }
    Ok(())
}

/// Kills a process when its time is over.
struct Watchdog {
    /// Closed when the process has ended.
    alive: Sender<()>,
    thread: JoinHandle<bool>,
}

impl Watchdog {
    fn of(child: &Child, limit: Duration) -> Result<Self> {
        let pid = Pid::from_raw(i32::try_from(child.id()).context("a pid is a small number")?);
        let (alive, ended) = channel();
        let thread = std::thread::spawn(move || {
            let is_late = ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            is_late && kill(pid, Signal::SIGKILL).is_ok()
        });
        Ok(Self { alive, thread })
    }

    /// Whether it killed the process.
    fn end(self) -> bool {
        drop(self.alive);
        self.thread.join().unwrap_or(false)
    }
}

/// Runs `command` and returns what it wrote to standard output; its standard error stays visible.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let name = name(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(error, &name, None))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{name}` wrote no UTF-8"))
}

/// Runs `command` in silence; the first and last lines of its output become the error's text if it
/// fails.
/// `remedy` says what to install where the program is missing.
pub(crate) fn run_quiet(command: &mut Command, remedy: &str) -> Result<Output> {
    let name = name(command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| not_started(error, &name, Some(remedy)))?;
    if !output.status.success() {
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        bail!("`{name}` failed ({}):\n{}", output.status, ends(&text, SHOWN_LINES));
    }
    Ok(output)
}

/// The date (UTC), as in `2026-12-31`.
pub(crate) fn today() -> Result<String> {
    Ok(capture(Command::new("date").args(["-u", "+%F"]))?.trim().to_owned())
}

/// The command as one would type it; only its name and arguments, never its environment.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The last `count` lines of `text`.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The first and the last `count` lines of `text`.
fn ends(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() <= 2 * count {
        return lines.join("\n");
    }
    let (first, last) = (&lines[..count], &lines[lines.len() - count..]);
    format!("{}\n...\n{}", first.join("\n"), last.join("\n"))
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn not_started(error: std::io::Error, name: &str, remedy: Option<&str>) -> anyhow::Error {
    match remedy {
        Some(remedy) if error.kind() == ErrorKind::NotFound => {
            anyhow::anyhow!("`{name}` was not found: {remedy}")
        }
        _ => anyhow::Error::new(error).context(format!("cannot start `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_one_line_with_the_remedy() {
        let error = run_quiet(&mut Command::new("no-such-program"), "install it").unwrap_err();
        assert_eq!(format!("{error:#}"), "`no-such-program` was not found: install it");
    }

    #[test]
    fn a_failure_shows_what_the_program_said() {
        let error = run_quiet(Command::new("sh").args(["-c", "echo why >&2; exit 3"]), "").unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("exit status: 3") && text.ends_with("why"), "{text}");
    }

    #[test]
    fn each_line_is_read_also_the_last_without_an_end() {
        let mut lines = Vec::new();
        let mut read = |script: &str| {
            let ended = run_read(Command::new("sh").args(["-c", script]), Duration::from_mins(1), |line| {
                lines.push(line.to_owned());
            });
            (ended.is_ok(), std::mem::take(&mut lines))
        };
        assert_eq!(read("printf 'a\\n\\377\\nb'"), (true, ["a", "\u{fffd}", "b"].map(str::to_owned).into()));
        assert_eq!(read("echo a; exit 3"), (false, vec!["a".to_owned()]));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let mut forever = Command::new("sh");
        forever.args(["-c", "echo a; exec sleep 600"]);
        let mut lines = Vec::new();
        let error = run_read(&mut forever, Duration::from_millis(300), |line| lines.push(line.to_owned()));
        assert!(error.unwrap_err().to_string().contains("did not end within"));
        assert_eq!(lines, ["a"]);
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }

    #[test]
    fn both_ends_are_kept() {
        assert_eq!(ends("a\nb\n\nc\nd\ne\n", 2), "a\nb\n...\nd\ne");
        assert_eq!(ends("a\nb\nc\nd", 2), "a\nb\nc\nd");
    }
}
