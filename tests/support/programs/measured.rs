//! The memory that a run takes, and an end to a run that hangs.

use std::io::{Read as _, Seek as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Names the file that [`Measured::note`] writes to. `cargo xtask hostile` sets it.
const TABLE: &str = "KXI_TEST_HOSTILE_TABLE";
/// Longer than any limit of the command in these tests: what takes longer hangs.
const HANGS: Duration = Duration::from_mins(4);
/// How often the memory is read.
const PAUSE: Duration = Duration::from_millis(1);

/// How a run ended.
#[derive(Debug)]
pub struct Measured {
    /// The exit code. None if a signal ended the run.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The most memory that it used, in bytes. None where the system does not show it.
    pub peak: Option<u64>,
}

/// Runs a command to its end without standard input, and reads its memory all the while. It waits in the background: what
/// the command talks to may live on the same runtime.
///
/// # Errors
/// The command cannot be started, or it hangs.
pub async fn measured(command: Command) -> Result<Measured> {
    tokio::task::spawn_blocking(move || run(command)).await?
}

fn run(mut command: Command) -> Result<Measured> {
    let (mut output, mut errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(errors.try_clone()?);
    let mut child = command.spawn().context("the command cannot be run")?;
    let status = format!("/proc/{}/status", child.id());
    let bytes = || std::fs::read_to_string(&status).ok().and_then(|status| high_water_mark(&status));
    let (mut peak, mut waited) = (None, Duration::ZERO);
    let code = loop {
        peak = bytes().or(peak);
        if let Some(status) = child.try_wait()? {
            break status.code();
        }
        if waited > HANGS {
            child.kill()?;
            child.wait()?;
            bail!("it hangs: {command:?}");
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    };
    let text = |file: &mut std::fs::File| -> Result<String> {
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        Ok(text)
    };
    Ok(Measured { code, stdout: text(&mut output)?, stderr: text(&mut errors)?, peak })
}

/// `VmHWM` of Linux, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

impl Measured {
    /// Whether it used less than this many bytes, as far as the system shows it.
    #[must_use]
    pub fn took_less_than(&self, bytes: u64) -> bool {
        self.peak.is_none_or(|peak| peak < bytes)
    }

    /// Adds a line to the table of hostile servers, if one is written: what the server does, the exit code, and the peak.
    ///
    /// # Errors
    /// The table cannot be written.
    pub fn note(&self, behavior: &str) -> Result<()> {
        let Some(file) = std::env::var_os(TABLE) else { return Ok(()) };
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let line = format!("{behavior}\t{code}\t{}\n", self.peak.unwrap_or_default());
        // In one piece: other tests write at the same time.
        let mut file = std::fs::File::options().create(true).append(true).open(file)?;
        Ok(file.write_all(line.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_is_measured_and_its_output_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 0.2; echo out; echo err >&2; exit 3"]);
        let ran = measured(command).await.unwrap();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(3), "out\n", "err\n"));
        assert!(ran.peak.is_some() || !cfg!(target_os = "linux"));
        assert!(ran.took_less_than(1 << 30) && (ran.peak.is_none() || !ran.took_less_than(1)));
    }
}
