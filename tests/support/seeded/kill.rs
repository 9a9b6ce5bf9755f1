//! `apply` of many clients that ends in the middle: the command is killed, or the server, or another `apply` runs at the
//! same time. Nothing may be live that no file holds, and the next run completes it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use crate::proxies::faults::{Fault, FaultProxy, Hook};
use crate::seeded::draw::Draw;
use crate::seeded::facts::{Earlier, Ended, Facts};
use crate::seeded::killable::{Killable, SIGKILL};
use crate::seeded::lane::{Lane, write_private};
use crate::seeded::run::{Look, end};
use crate::seeded::scenario::Scenario;
use crate::seeded::sent::Sent;
use crate::seeded::stored::State;
use crate::seeded::{beside, bulk, verdict};

/// How long one attempt of a request may take without `--timeout`.
const TIMEOUT: Duration = Duration::from_secs(15);

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

/// A declaration in a folder, clients that are there before, and a proxy that waits for the moment.
struct Desk<'a> {
    lane: &'a Lane,
    scenario: Scenario,
    before: State,
    /// When these were laid out: the runs follow.
    until: u64,
    folder: tempfile::TempDir,
    proxy: FaultProxy,
    /// After how many requests something is killed.
    after: Option<usize>,
    /// Whether it was killed.
    came: Arc<AtomicBool>,
    began: Instant,
    /// Draws what else there is to decide.
    draw: Draw,
}

/// What to expect of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It was killed.
    Killed,
    /// It ended by itself, whatever befell it.
    ByItself,
    /// Another run of the same file met it.
    Beside,
}

impl<'a> Desk<'a> {
    async fn new(lane: &'a Lane, seed: u64, count: usize) -> Result<Self> {
        let began = Instant::now();
        let mut draw = Draw::new(seed);
        let scenario = bulk::mixed(&format!("k{seed}-"), "kills", count, &mut draw);
        let (folder, before) = laid_out(lane, &scenario).await?;
        let until = Earlier::now(&before)?.until;
        let proxy = FaultProxy::start(&lane.host()).await?;
        let came = Arc::default();
        Ok(Self { lane, scenario, before, until, folder, proxy, after: None, came, began, draw })
    }

    /// Draws a moment between the first request and the last one, which a whole run shows, and kills then.
    async fn kill_at_a_moment<F, W>(&mut self, kill: F) -> Result<()>
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        let whole = end(self.command(&[])?).await?;
        ensure!(whole.code == Some(0), "the declaration cannot be applied: {}", whole.stderr);
        // The number differs a little from run to run, by who comes first.
        let after = self.draw.number(1..=self.proxy.log().len() * 9 / 10);
        self.lane.clear(&self.scenario.prefix).await?;
        (self.folder, self.before) = laid_out(self.lane, &self.scenario).await?;
        self.until = Earlier::now(&self.before)?.until;
        self.proxy = FaultProxy::start(&self.lane.host()).await?;
        let came = Arc::clone(&self.came);
        let hook = Hook::new(move || {
            let (killed, came) = (kill(), Arc::clone(&came));
            async move {
                killed.await?;
                came.store(true, Ordering::SeqCst);
                Ok(())
            }
        });
        self.proxy.inject_any(after..=after, Fault::After(hook));
        self.after = Some(after);
        Ok(())
    }

    fn command(&self, more: &[&str]) -> Result<std::process::Command> {
        let mut command = self.lane.command(&self.proxy.host(), self.folder.path(), &self.scenario.words)?;
        command.args(more);
        Ok(command)
    }

    /// What is wrong after the runs, and after the one that completes them.
    async fn settle(self, seed: u64, what: &'static str, ended: Vec<(Ended, Manner)>) -> Result<Killed> {
        // What is on its way may still change something.
        self.proxy.drain().await?;
        self.proxy.heal();
        let (lane, scenario, folder) = (self.lane, &self.scenario, self.folder.path());
        let requests: Vec<Sent> = self.proxy.log().iter().map(|met| Sent::new(met, &[], TIMEOUT)).collect();
        let (before, host) = (&self.before, self.proxy.host());
        let look = Look { lane, scenario, before, folder, host, requests: &requests, judges_retries: false };
        let state = lane.state(&scenario.prefix).await?;
        let earlier = Earlier { state: before, until: self.until };
        let mut violations = Vec::new();
        if self.after.is_some() && !self.came.load(Ordering::SeqCst) {
            violations.push("it ended before the moment came".to_owned());
        }
        for (one, manner) in &ended {
            let verdict = |facts: &Facts| match manner {
                Manner::Killed => verdict::after_kill(facts),
                Manner::ByItself => verdict::after_faults(facts),
                Manner::Beside => [verdict::after_kill(facts), beside::of_the_same_file(facts)].concat(),
            };
            violations.extend(look.at(earlier, &state, one, verdict).await?);
        }
        let earlier = Earlier::now(&state)?;
        let completed = end(self.command(&[])?).await?;
        let last = lane.state(&scenario.prefix).await?;
        let of_last =
            look.at(earlier, &last, &completed, |facts| verdict::after_completion(facts, false)).await?;
        violations.extend(of_last.into_iter().map(|violation| format!("afterwards: {violation}")));
        lane.clear(&scenario.prefix).await?;
        let codes = ended.iter().map(|(ended, _)| ended.code).collect();
        let (after, time) = (self.after, self.began.elapsed());
        Ok(Killed { seed, what, after, codes, there: state.len(), violations, time })
    }
}

/// The files of a scenario in a new folder, and the clients that are there before it.
async fn laid_out(lane: &Lane, scenario: &Scenario) -> Result<(tempfile::TempDir, State)> {
    let folder = tempfile::tempdir()?;
    for (name, content) in &scenario.inputs {
        write_private(&folder.path().join(name), content)?;
    }
    lane.prepare(&scenario.before).await?;
    Ok((folder, lane.state(&scenario.prefix).await?))
}

/// Kills the command in the middle.
pub async fn kill_command(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let mut desk = Desk::new(lane, seed, count).await?;
    let child = Killable::default();
    let victim = child.clone();
    desk.kill_at_a_moment(move || {
        let victim = victim.clone();
        async move { victim.kill().await }
    })
    .await?;
    let (ended, signal) = child.run(desk.command(&[])?).await?;
    let manner = if signal == Some(SIGKILL) { Manner::Killed } else { Manner::ByItself };
    desk.settle(seed, "the command is killed", vec![(ended, manner)]).await
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
    desk.kill_at_a_moment(move || {
        let victim = Arc::clone(&victim);
        async move {
            tokio::task::spawn_blocking(move || {
                let mut victim = victim.lock().unwrap_or_else(PoisonError::into_inner);
                victim.kill()?;
                if at_once { victim.start() } else { Ok(()) }
            })
            .await?
        }
    })
    .await?;
    let more = if at_once { &["--retries", "12"][..] } else { &["--retries", "2"] };
    let ended = end(desk.command(more)?).await?;
    desk.proxy.drain().await?;
    if !at_once && desk.came.load(Ordering::SeqCst) {
        let start = move || control.lock().unwrap_or_else(PoisonError::into_inner).start();
        tokio::task::spawn_blocking(start).await??;
    }
    lane.forget_sign_in().await;
    let what = if at_once { "the server is killed and started" } else { "the server is killed" };
    desk.settle(seed, what, vec![(ended, Manner::ByItself)]).await
}

/// Applies the same declaration twice at the same time, from the same folder.
pub async fn twice(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let desk = Desk::new(lane, seed, count).await?;
    let (one, other) = tokio::try_join!(end(desk.command(&[])?), end(desk.command(&[])?))?;
    let ended = vec![(one, Manner::Beside), (other, Manner::Beside)];
    desk.settle(seed, "two at once", ended).await
}

/// Applies declarations of two owners at the same time. They have half of their clients in common, and each of these goes
/// to the owner that comes first.
pub async fn owners(lane: &Lane, seed: u64, count: usize) -> Result<Killed> {
    let began = Instant::now();
    let mut draw = Draw::new(seed);
    let (folder, prefix) = (tempfile::tempdir()?, format!("k{seed}-"));
    let quarter = count / 4;
    let mut sides = Vec::new();
    for (owner, numbers) in [("one", 1..=count - quarter), ("other", quarter + 1..=count)] {
        let scenario = bulk::new_clients(&prefix, owner, numbers, &mut draw);
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
    let before = State::new();
    let earlier = Earlier::now(&before)?;
    let ended = tokio::try_join!(run(&sides[0]), run(&sides[1]))?;
    let state = lane.state(&prefix).await?;
    let both_sides = [(&sides[0], &ended.0), (&sides[1], &ended.1)];
    let both = bulk::of_both(both_sides, &state);
    let look = Look {
        lane,
        scenario: &both,
        before: &before,
        folder: folder.path(),
        host: lane.host(),
        requests: &[],
        judges_retries: false,
    };
    let mut violations = beside::of_two_owners(both_sides, &state);
    for one in [&ended.0, &ended.1] {
        violations.extend(look.at(earlier, &state, one, verdict::as_wanted).await?);
    }
    // Again, one after the other: each has what it had, and the plan shows a conflict.
    for (side, first) in [(&sides[0], &ended.0), (&sides[1], &ended.1)] {
        let again = run(side).await?;
        if again.code != first.code {
            violations.push(format!("afterwards: {} ends with {:?}", side.0, again.code));
        }
    }
    if lane.state(&prefix).await? != state {
        violations.push("afterwards: the clients are not what they were".to_owned());
    }
    lane.clear(&prefix).await?;
    let (codes, there) = (vec![ended.0.code, ended.1.code], state.len());
    let (what, time) = ("two owners at once", began.elapsed());
    Ok(Killed { seed, what, after: None, codes, there, violations, time })
}
