//! A run of `kxi-auth apply` through the load balancer, with a node killed in the middle.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::asked::{Asked, Client};
use crate::cargo::without_settings;
use crate::cluster::requests::{Requests, Seen};
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
    /// How many requests were done when the node was killed; none if the command ended before.
    pub(super) killed_after: Option<u64>,
    /// The last line that it said on standard error, if it failed.
    pub(super) said: String,
}

impl Applied {
    /// Whether the kill came in time, and the command met the dead node.
    pub(super) fn noticed(&self) -> bool {
        self.killed_after.is_some_and(|after| self.requests > after)
            && (self.retries > 0 || self.redispatched > 0)
    }

    /// How the run ended, for people.
    pub(super) fn sentence(&self) -> String {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let said = if self.said.is_empty() { String::new() } else { format!(" ({})", self.said) };
        format!(
            "exit code {code} after {} requests, {} retries and {:.1} s{said}",
            self.requests,
            self.retries,
            self.time.as_secs_f32()
        )
    }
}

/// A program that ends with this value, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually ended, and then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Apply<'_> {
    /// Runs `apply`, and calls `kill` after so many requests.
    pub(super) fn run(&self, after: Option<u64>, kill: impl FnOnce() -> Result<()>) -> Result<Applied> {
        let mut requests = Requests::watch()?;
        let began = Stopwatch::start();
        // `-v` has a line for each retry.
        let words = ["apply", "-f", "clients.json", "-v", "-o", "json"];
        let mut child = Running(self.command(&words, "apply")?.spawn().context("cannot start kxi-auth")?);
        let mut ended = move || child.0.try_wait().context("cannot watch kxi-auth");
        let mut kill = Some(kill);
        let mut killed_after = None;
        let status = loop {
            let Seen { requests: done, .. } = requests.seen()?;
            if let Some(status) = ended()? {
                break status;
            }
            if after.is_some_and(|after| done >= after)
                && let Some(kill) = kill.take()
            {
                kill()?;
                // One that ended meanwhile has not met the dead node.
                killed_after = ended()?.is_none().then_some(done);
            }
            ensure!(began.elapsed() < LIMIT, "kxi-auth did not end within {} s", LIMIT.as_secs());
            sleep(LOOK_EVERY);
        };
        let time = began.elapsed();
        // The last line is written after the response.
        sleep(Duration::from_millis(200));
        let Seen { requests, redispatched, .. } = requests.seen()?;
        let text = self.read("apply.err")?;
        let retries = text.lines().filter(|line| line.contains(" retrying ")).count();
        let said = if status.success() { String::new() } else { last_lines(&text, 1) };
        Ok(Applied { code: status.code(), time, requests, redispatched, retries, killed_after, said })
    }

    /// How what `apply` reported differs from what was asked.
    pub(super) fn reported(&self, asked: &Asked) -> Result<Vec<String>> {
        let report: Vec<Value> =
            serde_json::from_str(&self.read("apply.out")?).context("the report of apply is no list")?;
        Ok([unlike(&report, asked), warnings(&self.read("apply.err")?)].concat())
    }

    fn read(&self, name: &str) -> Result<String> {
        let file = self.folder.join(name);
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
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

/// The clients that were not reported as created with their roles, each once.
fn unlike(report: &[Value], asked: &Asked) -> Vec<String> {
    let created = |client: &&Client| {
        let mut roles = client.roles.clone();
        roles.sort_unstable();
        let fits = |entry: &&Value| {
            let added = entry["roles_added"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut added: Vec<&str> = added.collect();
            added.sort_unstable();
            let is = |name: &str, value: Value| entry[name] == value;
            is("id", json!(client.id))
                && is("action", json!("create"))
                && is("ok", json!(true))
                && added == roles
        };
        report.iter().filter(fits).count() == 1
    };
    let unlike = asked.clients.iter().filter(|client| !created(client));
    let mut differences: Vec<String> =
        unlike.map(|client| format!("{} is not reported as created with its roles", client.id)).collect();
    if report.len() != asked.clients.len() {
        differences.push(format!("{} clients are reported", report.len()));
    }
    differences
}

/// The warnings and errors among the traces.
fn warnings(said: &str) -> Vec<String> {
    let is_about = |line: &&str| ["{\"warning\"", "{\"error\""].iter().any(|start| line.starts_with(start));
    said.lines().filter(is_about).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_not_reported_as_created_is_a_difference() {
        let asked = Asked::of(2);
        let entry = |number: usize, action: &str| {
            let client = &asked.clients[number];
            json!({"id": client.id, "action": action, "ok": true, "roles_added": client.roles})
        };
        assert_eq!(unlike(&[entry(0, "create"), entry(1, "create")], &asked), [""; 0]);
        let unlike = unlike(&[entry(0, "create"), entry(1, "update"), entry(1, "update")], &asked);
        assert_eq!(unlike, ["svc-0001 is not reported as created with its roles", "3 clients are reported"]);
    }

    #[test]
    fn a_warning_among_the_traces_is_found() {
        let said = "2026 DEBUG retrying\n{\"plan\":{}}\n{\"warning\":\"x\"}\n";
        assert_eq!(warnings(said), ["{\"warning\":\"x\"}"]);
    }
}
