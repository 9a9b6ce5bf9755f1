//! Kills the server and starts it again where a program asks for it.
//!
//! The program writes `kill` or `start` as a line on its standard output, and reads `done` on its standard input.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::keycloak::Lease;
use crate::system::process;

/// Runs the program to its end with a server that it may have killed.
pub(super) fn run(command: &mut Command, lease: &mut Lease) -> Result<()> {
    let line = process::line(command);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let child = child.as_mut().map_err(|error| anyhow::anyhow!("cannot start `{line}`: {error}"))?;
    let (requests, answers) = (child.stdout.take(), child.stdin.take());
    let obeyed = obey(BufReader::new(requests.context("no output")?), answers.context("no input")?, lease);
    // Without its input, it ends.
    let status = child.wait().context("cannot wait for it")?;
    obeyed?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

fn obey(
    requests: BufReader<impl std::io::Read>,
    mut answers: impl std::io::Write,
    lease: &mut Lease,
) -> Result<()> {
    for request in requests.lines() {
        match request?.as_str() {
            "kill" => lease.kill()?,
            "start" => lease.start_again()?,
            other => bail!("the program asks for `{other}`, which is no request"),
        }
        writeln!(answers, "done").context("the program does not listen")?;
    }
    Ok(())
}
