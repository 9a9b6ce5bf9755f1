//! One run with faults, and the one that completes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::Instant;

use crate::proxies::faults::{FaultProxy, Met};
use crate::seeded::facts::{Ended, Facts, delivered};
use crate::seeded::lane::{Lane, files, write_private};
use crate::seeded::mischief::{self, Kind, Planned, TIMEOUT};
use crate::seeded::scenario::{self, Scenario};
use crate::seeded::stored::State;
use crate::seeded::verdict;
use crate::seeded::wanted::Wanted;

/// Only a run that hangs takes so long.
const BOUND: Duration = Duration::from_mins(3);

/// What became of a seed.
#[derive(Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What the command was to do.
    pub what: &'static str,
    /// The command.
    pub words: Vec<String>,
    /// The faults, with the requests that they were meant for.
    pub planned: Vec<String>,
    /// The requests of the run with faults, and what befell each.
    pub requests: Vec<String>,
    /// The kinds of faults that befell a request, each as often as it did.
    pub fired: Vec<String>,
    /// How the run with faults ended.
    pub ended: Ended,
    /// How the run after it ended, if there was one.
    pub completed: Option<Ended>,
    /// What is wrong.
    pub violations: Vec<String>,
    /// How long all of it took.
    pub time: Duration,
}

/// Runs what a seed stands for. An error means that the run could not be observed.
pub async fn run(lane: &Lane, seed: u64) -> Result<Report> {
    let began = Instant::now();
    let (scenario, mut draw) = scenario::draw(seed);
    let planned = mischief::draw(&mut draw, scenario.writes);
    let folder = tempfile::tempdir()?;
    for (name, content) in &scenario.inputs {
        write_private(&folder.path().join(name), content)?;
    }
    lane.prepare(&scenario.before).await.context("the clients cannot be prepared")?;
    let before = lane.state(&scenario.prefix).await?;
    let observed = observe(lane, &scenario, &planned, &before, folder.path()).await;
    lane.clear(&scenario.prefix).await?;
    let Observed { ended, completed, log, violations, secrets } = observed?;
    let (ended, completed) =
        (ended.without(&secrets), completed.map(|completed| completed.without(&secrets)));
    let fault = |met: &Met| met.fault.and_then(|index| planned.get(index)).map(|planned| planned.kind);
    Ok(Report {
        seed,
        what: scenario.what,
        words: scenario.words,
        planned: planned.iter().map(Planned::to_string).collect(),
        requests: log.iter().map(|met| shown(met, fault(met))).collect(),
        fired: log.iter().filter_map(fault).map(|kind| kind.to_string()).collect(),
        ended,
        completed,
        violations,
        time: began.elapsed(),
    })
}

struct Observed {
    ended: Ended,
    completed: Option<Ended>,
    log: Vec<Met>,
    violations: Vec<String>,
    /// What a report must not repeat.
    secrets: BTreeSet<String>,
}

async fn observe(
    lane: &Lane,
    scenario: &Scenario,
    planned: &[Planned],
    before: &State,
    folder: &Path,
) -> Result<Observed> {
    let proxy = FaultProxy::start(&lane.host()).await?;
    for one in planned {
        one.inject(&proxy, &lane.end_session());
    }
    let mut command = lane.command(&proxy.host(), folder, &scenario.words)?;
    command.args(["--timeout", TIMEOUT, "--retries", "3"]);
    let ended = end(command).await?;
    let log = proxy.log();
    // A request that was held up may still change something.
    proxy.settle().await;
    proxy.heal();
    let fired: Vec<Kind> =
        log.iter().filter_map(|met| planned.get(met.fault?)).map(|planned| planned.kind).collect();
    let after = lane.state(&scenario.prefix).await?;
    let look = Look { lane, scenario, before, folder, fired: &fired };
    let mut violations = look.at(&after, &ended, verdict::after_faults).await?;
    let mut secrets: BTreeSet<String> =
        before.values().chain(after.values()).flatten().map(|client| client.secret.clone()).collect();
    secrets.insert(lane.password().to_owned());
    if ended.code == Some(0) {
        return Ok(Observed { ended, completed: None, log, violations, secrets });
    }
    let is_there = !after.is_empty();
    let completed = end(lane.command(&proxy.host(), folder, &scenario.again(is_there))?).await?;
    let state = lane.state(&scenario.prefix).await?;
    let verdict = |facts: &Facts| verdict::after_completion(facts, !is_there);
    secrets.extend(state.values().flatten().map(|client| client.secret.clone()));
    let of_completion = look.at(&state, &completed, verdict).await?;
    violations.extend(of_completion.into_iter().map(|violation| format!("afterwards: {violation}")));
    Ok(Observed { ended, completed: Some(completed), log, violations, secrets })
}

/// Where to look after a run.
pub(super) struct Look<'a> {
    pub(super) lane: &'a Lane,
    pub(super) scenario: &'a Scenario,
    pub(super) before: &'a State,
    pub(super) folder: &'a Path,
    pub(super) fired: &'a [Kind],
}

impl Look<'_> {
    /// What a verdict says of a run, and of what is stored and in the folder now.
    pub(super) async fn at(
        &self,
        after: &State,
        ended: &Ended,
        verdict: impl FnOnce(&Facts) -> Vec<String>,
    ) -> Result<Vec<String>> {
        let files = files(self.folder)?;
        let signs_in = self.signs_in(after, &files).await?;
        Ok(verdict(&Facts {
            scenario: self.scenario,
            plain: self.lane.plain(),
            before: self.before,
            after,
            ended,
            files: &files,
            signs_in: &signs_in,
            fired: self.fired,
            password: self.lane.password(),
        }))
    }

    /// The clients that can sign in: with the secret that was delivered, or else with the stored one.
    async fn signs_in(&self, after: &State, files: &BTreeMap<String, String>) -> Result<BTreeSet<String>> {
        let mut clients = Vec::new();
        for (id, wanted) in &self.scenario.wanted {
            let Wanted::There(there) = wanted else { continue };
            let Some(stored) = after.get(id).and_then(|clients| clients.first()) else { continue };
            let from_file = there.file.as_ref().and_then(|file| delivered(file, files.get(&file.name)?));
            let secret = from_file.unwrap_or_else(|| stored.secret.clone());
            clients.push((id.clone(), secret));
        }
        self.lane.sign_in(clients).await
    }
}

/// Runs a command to its end, or ends it.
pub(super) async fn end(command: Command) -> Result<Ended> {
    let output =
        tokio::task::spawn_blocking(move || assert_cmd::Command::from_std(command).timeout(BOUND).output());
    let output = output.await?.context("the command cannot be run")?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) })
}

fn shown(met: &Met, kind: Option<Kind>) -> String {
    let fault = kind.map(|kind| format!("  <- {kind}")).unwrap_or_default();
    format!("{} {}{fault}", met.method, met.path)
}
