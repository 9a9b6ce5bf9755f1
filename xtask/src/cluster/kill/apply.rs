//! A run of `kxi-auth apply` through the load balancer, with a node killed in the middle.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::requests::{Requests, Seen};
use crate::cargo::without_settings;
use crate::keycloak::Connection;
use crate::system::process::last_lines;
use crate::system::stopwatch::Stopwatch;

/// How often the number of requests is looked at: several pass in this time.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// More than a run takes that uses all its retries: one that is not over then hangs.
const LIMIT: Duration = Duration::from_mins(15);

/// What is run.
pub(super) struct Apply<'a> {
    pub(super) kxi_auth: &'a Path,
    pub(super) connection: &'a Connection,
    pub(super) realm: &'a str,
    /// The folder of the declaration.
    pub(super) folder: &'a Path,
}

/// How a run ended.
pub(super) struct Applied {
    /// Nothing if a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) time: Duration,
    pub(super) requests: u64,
    /// Requests that the load balancer sent to the other node itself.
    pub(super) redispatched: u64,
    /// Requests that the command sent again.
    pub(super) retries: usize,
    /// How many requests were done when the node was killed.
    pub(super) killed_after: Option<u64>,
    /// The end of what it said on standard error, if it failed.
    pub(super) said: String,
}

impl Apply<'_> {
    /// Runs `apply`, and calls `kill` after so many requests.
    pub(super) fn run(&self, after: Option<u64>, kill: impl FnOnce() -> Result<()>) -> Result<Applied> {
        let errors = self.folder.join("apply.err");
        let mut requests = Requests::watch()?;
        let began = Stopwatch::start();
        // `-v` has a line for each retry.
        let mut child = self.command(&["apply", "-f", "clients.json", "-v"], "apply")?.spawn()?;
        let mut kill = Some(kill);
        let mut killed_after = None;
        let status = loop {
            let Seen { requests: done, .. } = requests.seen()?;
            if after.is_some_and(|after| done >= after)
                && let Some(kill) = kill.take()
            {
                kill()?;
                killed_after = Some(done);
            }
            if let Some(status) = child.try_wait().context("cannot watch kxi-auth")? {
                break status;
            }
            if began.elapsed() > LIMIT {
                return Err(hangs(&mut child));
            }
            sleep(LOOK_EVERY);
        };
        let time = began.elapsed();
        // The last line is written after the response.
        sleep(Duration::from_millis(200));
        let Seen { requests, redispatched } = requests.seen()?;
        let text = std::fs::read(&errors).with_context(|| format!("cannot read {}", errors.display()))?;
        let text = String::from_utf8_lossy(&text);
        let retries = text.lines().filter(|line| line.contains(" retrying ")).count();
        let said = if status.success() { String::new() } else { last_lines(&text, 5) };
        Ok(Applied { code: status.code(), time, requests, redispatched, retries, killed_after, said })
    }

    /// What a plan would still change after the run, as sentences.
    pub(super) fn plan(&self) -> Result<Option<String>> {
        let status = self.command(&["plan", "-f", "clients.json", "--exit-code"], "plan")?.status()?;
        Ok((!status.success()).then(|| format!("`plan --exit-code` ends with {status}")))
    }

    fn command(&self, words: &[&str], name: &str) -> Result<Command> {
        let file = |end: &str| {
            let file = self.folder.join(format!("{name}.{end}"));
            File::create(&file).with_context(|| format!("cannot create {}", file.display()))
        };
        let mut command = Command::new(self.kxi_auth);
        without_settings(&mut command);
        command
            .current_dir(self.folder)
            .args(words)
            .envs(self.connection.insights_variables())
            .env("INSIGHTS_REALM", self.realm)
            .stdin(Stdio::null())
            .stdout(file("out")?)
            .stderr(file("err")?);
        Ok(command)
    }
}

fn hangs(child: &mut Child) -> anyhow::Error {
    let killed = child.kill().and_then(|()| child.wait());
    let limit = LIMIT.as_secs();
    match killed {
        Ok(_) => anyhow::anyhow!("kxi-auth did not end within {limit} s"),
        Err(error) => anyhow::anyhow!("kxi-auth did not end within {limit} s, and cannot be killed: {error}"),
    }
}
