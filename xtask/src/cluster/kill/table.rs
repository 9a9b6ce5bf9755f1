//! The outcome of each round, as a page.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::round::{Round, Verdict};
use crate::cluster::running::Cluster;
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::target;

/// The rounds so far.
pub(super) struct Table {
    /// What ran, and when.
    head: String,
    /// How to repeat it, but for the round.
    again: String,
    began: Stopwatch,
    rounds: Vec<Round>,
}

/// The page.
pub(super) fn file() -> PathBuf {
    target().join("cluster.md")
}

impl Table {
    pub(super) fn begin(cluster: &Cluster, clients: u16, seed: u64) -> Result<Self> {
        let date = process::today()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let head = format!(
            "{date}: two nodes of {}, {cores} cores, {clients} clients each time.",
            cluster.versions()?
        );
        let again = format!("cargo xtask cluster kill --clients {clients} --seed {seed}");
        Ok(Self { head, again, began: Stopwatch::start(), rounds: Vec::new() })
    }

    /// Adds a round and writes the page, so that an interruption leaves what is known.
    pub(super) fn add(&mut self, round: Round) -> Result<()> {
        self.rounds.push(round);
        std::fs::write(file(), self.text()).with_context(|| format!("cannot write {}", file().display()))
    }

    /// The command that repeats each round that is not as asked.
    pub(super) fn bad(&self) -> Vec<String> {
        let bad = self.rounds.iter().filter(|round| round.verdict() == Verdict::NotAsAsked);
        // No node was killed in round 0, which each run begins with.
        bad.map(|round| format!("`{} --round {}`", self.again, round.number.max(1))).collect()
    }

    fn text(&self) -> String {
        let undisturbed = self.rounds.first().and_then(Round::requests);
        let mut text = format!(
            "# A node killed during apply\n\n{} {} s in all. Repeat: `{}`.\n\n{HEADER}",
            self.head,
            self.began.elapsed().as_secs(),
            self.again
        );
        for round in &self.rounds {
            text.push_str(&row(round, undisturbed));
        }
        text.push_str(LEGEND);
        for round in self.rounds.iter().filter(|round| round.verdict() == Verdict::NotAsAsked) {
            let _ = write!(text, "\nRound {}: {}\n", round.number, round.sentence());
        }
        text
    }
}

const HEADER: &str = "\
| Round | Node killed | After requests | Requests | More than round 0 | Redispatched | Retries | Time | Exit code | Outcome |
|---|---|---|---|---|---|---|---|---|---|
";

const LEGEND: &str = "
- Requests: those that HAProxy responded to. Those that the dead node cut off are not among them.
- Redispatched: those that HAProxy sent to the other node, because the dead one refused the connection.
- Retries: those that `kxi-auth` sent again.
";

fn row(round: &Round, undisturbed: Option<u64>) -> String {
    let number = round.number;
    let node = round.at.map_or_else(|| "none".to_owned(), |at| (at.node + 1).to_string());
    let outcome = match round.verdict() {
        Verdict::AsAsked => "as asked",
        Verdict::WithoutEffect => "as asked, no effect",
        Verdict::NotAsAsked => "**not as asked**",
    };
    let Some(applied) = &round.applied else {
        return format!("| {number} | {node} | | | | | | | | {outcome} |\n");
    };
    let after = match (round.at, applied.killed_after) {
        (None, _) => String::new(),
        (_, Some(after)) => after.to_string(),
        (_, None) => "too late".to_owned(),
    };
    let more =
        undisturbed.map_or(0, |undisturbed| applied.requests.cast_signed() - undisturbed.cast_signed());
    format!(
        "| {number} | {node} | {after} | {} | {more} | {} | {} | {:.1} s | {} | {outcome} |\n",
        applied.requests,
        applied.redispatched,
        applied.retries,
        applied.time.as_secs_f32(),
        applied.code.map_or_else(|| "none".to_owned(), |code| code.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::round::tests::round;
    use super::*;

    #[test]
    fn a_row_shows_what_came_of_a_round() {
        let of = |round| row(&round, Some(48));
        assert_eq!(of(round(0, Some(40), 3)), "| 7 | 2 | 40 | 50 | 2 | 0 | 3 | 1.0 s | 0 | as asked |\n");
        assert!(of(round(0, None, 0)).contains("| 2 | too late |"));
        assert!(of(round(6, Some(40), 3)).ends_with("| 6 | **not as asked** |\n"));
    }

    #[test]
    fn a_round_that_is_not_as_asked_is_named_with_its_command() {
        let again = "cargo xtask cluster kill --seed 3".to_owned();
        let rounds = vec![round(0, Some(40), 3), round(6, Some(40), 3)];
        let table = Table { head: "today".to_owned(), again, began: Stopwatch::start(), rounds };
        assert_eq!(table.bad(), ["`cargo xtask cluster kill --seed 3 --round 7`"]);
        assert!(table.text().contains("error: away"), "{}", table.text());
    }
}
