//! `apply` of many clients that ends in the middle: the command is killed, or the server, or another `apply` runs at the
//! same time. Nothing may be live that no file holds, and the next run completes it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use crate::proxies::faults::{Fault, FaultProxy, Hook};
use crate::seeded::bulk;
use crate::seeded::draw::Draw;
use crate::seeded::facts::Ended;
use crate::seeded::killable::Killable;
use crate::seeded::lane::{Lane, write_private};
use crate::seeded::mischief::Kind;
use crate::seeded::run::{Look, end};
use crate::seeded::scenario::Scenario;
use crate::seeded::stored::State;
use crate::seeded::verdict;

/// How many requests an `apply` sends at least for each new client, not counting the few that it sends once.
const REQUESTS: usize = 3;

/// A server that can be killed (`kill -9`) and started again.
pub trait Control: Send {
    /// Kills it.
    fn kill(&mut self) -> Result<()>;
    /// Starts it again at the same address, with what it has stored, and waits until it responds.
    fn start(&mut self) -> Result<()>;
}

/// What became of an `apply` that ended in the middle.
#[derive(Debug)]
pub struct Killed {
    /// The seed of the declaration and of the moment.
    pub seed: u64,
    /// What ended it.
    pub what: &'static str,
    /// After how many requests it was killed.
    pub after: Option<usize>,
    /// The exit codes of the runs; none for one that was killed.
    pub codes: Vec<Option<i32>>,
    /// How many of the clients there were then.
    pub there: usize,
    /// What is wrong.
    pub violations: Vec<String>,
    /// How long all of it took.
    pub time: Duration,
}

/// A declaration in a folder, and a proxy that waits for the moment.
struct Desk<'a> {
    lane: &'a Lane,
    scenario: Scenario,
    folder: tempfile::TempDir,
    proxy: FaultProxy,
    /// After how many requests something is killed.
    after: Option<usize>,
    began: Instant,
    /// Draws what else there is to decide.
    draw: Draw,
}

impl<'a> Desk<'a> {
    async fn new(lane: &'a Lane, seed: u64, count: usize) -> Result<Self> {
        let began = Instant::now();
        let mut draw = Draw::new(seed);
        let scenario = bulk::declared(&format!("k{seed}-"), "kills", 1..=count, &mut draw);
        let folder = tempfile::tempdir()?;
        for (name, content) in &scenario.inputs {
            write_private(&folder.path().join(name), content)?;
        }
        let proxy = FaultProxy::start(&lane.host()).await?;
        Ok(Self { lane, scenario, folder, proxy, after: None, began, draw })
    }

    /// Does something when a number of requests has come, which is drawn.
    fn at_a_moment(&mut self, hook: Hook) {
        let after = self.draw.number(1..=REQUESTS * self.scenario.wanted.len());
        self.proxy.inject_any(after..=after, Fault::After(hook));
        self.after = Some(after);
    }

    fn command(&self, more: &[&str]) -> Result<std::process::Command> {
        let mut command = self.lane.command(&self.proxy.host(), self.folder.path(), &self.scenario.words)?;
        command.args(more);
        Ok(command)
    }

    fn look<'b>(&'b self, before: &'b State, fired: &'b [Kind]) -> Look<'b> {
        let folder = self.folder.path();
        Look { lane: self.lane, scenario: &self.scenario, before, folder, fired }
    }

    /// What is wrong after the runs, and after the one that completes them.
    async fn settle(self, seed: u64, what: &'static str, ended: Vec<Ended>) -> Result<Killed> {
        // What is on its way may still change something.
        self.proxy.settle().await;
        self.proxy.heal();
        let before = State::new();
        let look = self.look(&before, &[Kind::Lost]);
        let state = self.lane.state(&self.scenario.prefix).await?;
        let mut violations = Vec::new();
        for one in &ended {
            let of_one = look.at(&state, one, |facts| match one.code {
                Some(0) if ended.len() == 1 => verdict::after_faults(facts),
                _ => verdict::after_kill(facts),
            });
            violations.extend(of_one.await?);
        }
        let completed = end(self.command(&[])?).await?;
        let last = self.lane.state(&self.scenario.prefix).await?;
        let of_last = look.at(&last, &completed, |facts| verdict::after_completion(facts, false)).await?;
        violations.extend(of_last.into_iter().map(|violation| format!("afterwards: {violation}")));
        self.lane.clear(&self.scenario.prefix).await?;
        let codes = ended.iter().map(|ended| ended.code).collect();
        let (after, time) = (self.after, self.began.elapsed());
        Ok(Killed { seed, what, after, codes, there: state.len(), violations, time })
    }
}

/// Kills the command in the middle.
pub async fn kill_command(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let mut desk = Desk::new(lane, seed, count).await?;
    let child = Killable::default();
    let victim = child.clone();
    desk.at_a_moment(Hook::new(move || {
        let victim = victim.clone();
        async move { victim.kill().await }
    }));
    let ended = child.run(desk.command(&[])?).await?;
    desk.settle(seed, "the command is killed", vec![ended]).await
}

/// Kills the server in the middle, and starts it again: when the command has ended, or while it tries again.
pub async fn kill_server(
    lane: &Lane,
    seed: u64,
    count: usize,
    control: Arc<Mutex<dyn Control>>,
) -> Result<Killed> {
    let mut desk = Desk::new(lane, seed, count).await?;
    let at_once = desk.draw.percent(50);
    let victim = Arc::clone(&control);
    desk.at_a_moment(Hook::new(move || {
        let victim = Arc::clone(&victim);
        async move {
            tokio::task::spawn_blocking(move || {
                let mut victim = victim.lock().unwrap_or_else(PoisonError::into_inner);
                victim.kill()?;
                if at_once { victim.start() } else { Ok(()) }
            })
            .await?
        }
    }));
    let more = if at_once { &["--retries", "12"][..] } else { &["--retries", "2"] };
    let ended = end(desk.command(more)?).await?;
    desk.proxy.settle().await;
    if !at_once {
        tokio::task::spawn_blocking(move || control.lock().unwrap_or_else(PoisonError::into_inner).start())
            .await??;
    }
    lane.forget_sign_in().await;
    let what = if at_once { "the server is killed and started" } else { "the server is killed" };
    desk.settle(seed, what, vec![ended]).await
}

/// Applies the same declaration twice at the same time, from the same folder.
pub async fn twice(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let desk = Desk::new(lane, seed, count).await?;
    let (one, other) = tokio::join!(end(desk.command(&[])?), end(desk.command(&[])?));
    desk.settle(seed, "two at once", vec![one?, other?]).await
}

/// Applies declarations of two owners at the same time, of which each has half of its clients in common with the other.
/// The first of them has each of these.
pub async fn owners(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let began = Instant::now();
    let mut draw = Draw::new(seed);
    let (folder, prefix) = (tempfile::tempdir()?, format!("k{seed}-"));
    let quarter = count / 4;
    let mut sides = Vec::new();
    for (owner, numbers) in [("one", 1..=count - quarter), ("other", quarter + 1..=count)] {
        let scenario = bulk::declared(&prefix, owner, numbers, &mut draw);
        std::fs::create_dir(folder.path().join(owner))?;
        for (name, content) in &scenario.inputs {
            write_private(&folder.path().join(owner).join(name), content)?;
        }
        sides.push((owner, scenario));
    }
    let run = |(owner, scenario): &(&str, Scenario)| {
        let command = lane.command(&lane.host(), &folder.path().join(owner), &scenario.words);
        async move { end(command?).await }
    };
    let ended = tokio::try_join!(run(&sides[0]), run(&sides[1]))?;
    let state = lane.state(&prefix).await?;
    let both = bulk::of_both([(&sides[0], &ended.0), (&sides[1], &ended.1)], &state);
    let before = State::new();
    let look = Look { lane, scenario: &both, before: &before, folder: folder.path(), fired: &[] };
    let mut violations = Vec::new();
    for one in [&ended.0, &ended.1] {
        violations.extend(look.at(&state, &one.as_success(), verdict::after_faults).await?);
        violations.extend(verdict::other_than_conflicts(one));
    }
    // Again, one after the other: each has what it had.
    for side in &sides {
        let again = run(side).await?;
        violations.extend(verdict::other_than_conflicts(&again));
    }
    if lane.state(&prefix).await? != state {
        violations.push("afterwards: the clients are not what they were".to_owned());
    }
    lane.clear(&prefix).await?;
    let (codes, there) = (vec![ended.0.code, ended.1.code], state.len());
    let (what, time) = ("two owners at once", began.elapsed());
    Ok(Killed { seed, what, after: None, codes, there, violations, time })
}
