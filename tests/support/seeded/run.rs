//! One run with faults, and the one that completes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::Instant;

use crate::proxies::faults::FaultProxy;
use crate::seeded::delivered;
use crate::seeded::facts::{Earlier, Ended, Facts, Place};
use crate::seeded::kind::RETRIES;
use crate::seeded::lane::{Kept, Lane, files, write_private};
use crate::seeded::scenario::{self, Scenario};
use crate::seeded::schedule::{self, Planned};
use crate::seeded::sent::{Sent, are_covered};
use crate::seeded::stored::State;
use crate::seeded::verdict;
use crate::seeded::wanted::{File, Wanted};

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
    pub(super) planned: Vec<Planned>,
    /// The requests of the run with faults, and what befell each.
    pub(super) requests: Vec<Sent>,
    /// Whether only a slow or failing server explains why it failed.
    pub(super) hindered: bool,
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
    let planned = schedule::draw(&mut draw, seed, scenario.writes);
    let folder = tempfile::tempdir()?;
    for (name, content) in &scenario.inputs {
        write_private(&folder.path().join(name), content)?;
    }
    let observed = prepare_and_observe(lane, &scenario, &planned, folder.path()).await;
    // What went wrong first says more.
    let cleared = lane.clear(&scenario.prefix).await;
    let Observed { ended, completed, requests, hindered, violations, secrets } = observed?;
    cleared?;
    let (ended, completed) =
        (ended.without(&secrets), completed.map(|completed| completed.without(&secrets)));
    let (what, words, time) = (scenario.what, scenario.words, began.elapsed());
    Ok(Report { seed, what, words, planned, requests, hindered, ended, completed, violations, time })
}

impl Report {
    /// The faults, with the requests that they were meant for.
    #[must_use]
    pub fn planned(&self) -> Vec<String> {
        self.planned.iter().map(Planned::to_string).collect()
    }

    /// The requests of the run with faults, and what befell each.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.iter().map(Sent::to_string).collect()
    }
}

struct Observed {
    ended: Ended,
    completed: Option<Ended>,
    requests: Vec<Sent>,
    hindered: bool,
    violations: Vec<String>,
    /// What a report must not repeat.
    secrets: BTreeSet<String>,
}

async fn prepare_and_observe(
    lane: &Lane,
    scenario: &Scenario,
    planned: &[Planned],
    folder: &Path,
) -> Result<Observed> {
    lane.prepare(&scenario.before).await.context("the clients cannot be prepared")?;
    let before = lane.state(&scenario.prefix).await?;
    observe(lane, scenario, planned, &before, folder).await
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
        one.inject(&proxy, &lane.end_session(), lane.timeout());
    }
    let mut command = lane.command(&proxy.host(), folder, &scenario.words)?;
    command.args(["--timeout", &lane.timeout().as_secs().to_string(), "--retries", &RETRIES.to_string()]);
    let earlier = Earlier::now(before)?;
    let ended = end(command).await?;
    // A request that was held up may still change something.
    proxy.drain().await?;
    let requests: Vec<Sent> = proxy.log().iter().map(|met| Sent::new(met, planned, lane.timeout())).collect();
    proxy.heal();
    let after = lane.state(&scenario.prefix).await?;
    let look = Look {
        lane,
        scenario,
        before,
        folder,
        host: proxy.host(),
        requests: &requests,
        judges_retries: true,
    };
    let mut violations = look.at(earlier, &after, &ended, verdict::after_faults).await?;
    let mut secrets: BTreeSet<String> =
        before.values().chain(after.values()).flatten().map(|client| client.secret.clone()).collect();
    secrets.insert(lane.password().to_owned());
    if ended.code == Some(0) {
        return Ok(Observed { ended, completed: None, requests, hindered: false, violations, secrets });
    }
    let hindered = look.was_hindered();
    let is_there =
        scenario.wanted.iter().any(|(id, wanted)| *wanted != Wanted::Untouched && after.contains_key(id));
    let earlier = Earlier::now(&after)?;
    let completed = end(lane.command(&proxy.host(), folder, &scenario.again(is_there))?).await?;
    let state = lane.state(&scenario.prefix).await?;
    let verdict = |facts: &Facts| verdict::after_completion(facts, !is_there);
    secrets.extend(state.values().flatten().map(|client| client.secret.clone()));
    let of_completion = look.at(earlier, &state, &completed, verdict).await?;
    violations.extend(of_completion.into_iter().map(|violation| format!("afterwards: {violation}")));
    Ok(Observed { ended, completed: Some(completed), requests, hindered, violations, secrets })
}

/// Where to look after a run.
pub(super) struct Look<'a> {
    pub(super) lane: &'a Lane,
    pub(super) scenario: &'a Scenario,
    pub(super) before: &'a State,
    pub(super) folder: &'a Path,
    /// The server's address as the command knows it.
    pub(super) host: String,
    pub(super) requests: &'a [Sent],
    /// Whether it has to succeed if the retries of runs with faults cover what befell it.
    pub(super) judges_retries: bool,
}

impl Look<'_> {
    /// What a verdict says of a run, of what is stored before and after it, and of its folder.
    pub(super) async fn at(
        &self,
        earlier: Earlier<'_>,
        after: &State,
        ended: &Ended,
        verdict: impl FnOnce(&Facts) -> Vec<String>,
    ) -> Result<Vec<String>> {
        let files = files(self.folder)?;
        let signs_in = self.signs_in(after, &files).await?;
        let place = Place { host: self.host.clone(), realm: self.lane.realm().to_owned() };
        Ok(verdict(&Facts {
            scenario: self.scenario,
            plain: self.lane.plain(),
            before: self.before,
            earlier,
            after,
            ended,
            files: &files,
            signs_in: &signs_in,
            requests: self.requests,
            judges_retries: self.judges_retries,
            place: &place,
            password: self.lane.password(),
        }))
    }

    /// Whether the retries would have covered the faults, had the server not been slow or failed by itself.
    fn was_hindered(&self) -> bool {
        let faults: Vec<Sent> = self.requests.iter().filter(|sent| !sent.is_hindered()).cloned().collect();
        faults.len() < self.requests.len() && are_covered(&faults, self.scenario.is_one_at_a_time())
    }

    /// The clients that can sign in: with the secret that was delivered, or else with the stored one.
    async fn signs_in(&self, after: &State, files: &BTreeMap<String, Kept>) -> Result<BTreeSet<String>> {
        let mut clients = Vec::new();
        for (id, wanted) in &self.scenario.wanted {
            let Wanted::There(there) = wanted else { continue };
            let Some(stored) = after.get(id).and_then(|clients| clients.first()) else { continue };
            let delivered = |file: &File| delivered::secret(file, &files.get(&file.name)?.content);
            let from_file = there.file.as_ref().and_then(delivered);
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
