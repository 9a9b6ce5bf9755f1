//! The outcome of each round, as a page.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{Args, Round};
use crate::system::process;
use crate::workspace::target;

/// How many differences of a round are listed.
const SHOWN: usize = 10;

/// The page.
pub(super) fn file() -> PathBuf {
    target().join("cluster.md")
}

/// A round in one line.
pub(super) fn outcome(round: &Round) -> String {
    let applied = &round.applied;
    let code = applied.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let stored = match round.differences.as_slice() {
        [] => "stored as asked".to_owned(),
        all => format!("not as asked: {}", all[..all.len().min(SHOWN)].join("; ")),
    };
    let said = if applied.said.is_empty() { String::new() } else { format!("\n{}", applied.said) };
    format!(
        "exit code {code} after {} requests, {} retries and {:.1} s, {stored}{said}",
        applied.requests,
        applied.retries,
        applied.time.as_secs_f32()
    )
}

/// Writes the page, with the rounds so far.
pub(super) fn write(rounds: &[Round], args: &Args) -> Result<()> {
    let date = process::today()?;
    let mut text = format!(
        "# A node killed during apply\n\n{}: {} clients each time, `cargo xtask cluster kill --seed {}`.\n\n{HEADER}",
        date, args.clients, args.seed
    );
    for round in rounds {
        text.push_str(&row(round));
    }
    for round in rounds.iter().filter(|round| !round.is_as_asked()) {
        let _ = write!(text, "\nRound {}: {}\n", round.number, outcome(round));
    }
    std::fs::write(file(), text).with_context(|| format!("cannot write {}", file().display()))
}

const HEADER: &str = "\
| Round | Node killed | After requests | Exit code | Requests | Redispatched | Retries | Time | Stored |
|---|---|---|---|---|---|---|---|---|
";

fn row(round: &Round) -> String {
    let applied = &round.applied;
    let killed = match (round.blow, applied.killed_after) {
        (Some((node, _)), Some(after)) => format!("{} | {after}", node + 1),
        (Some(_), None) => "not in time | ".to_owned(),
        (None, _) => "none | ".to_owned(),
    };
    format!(
        "| {} | {killed} | {} | {} | {} | {} | {:.1} s | {} |\n",
        round.number,
        applied.code.map_or_else(|| "none".to_owned(), |code| code.to_string()),
        applied.requests,
        applied.redispatched,
        applied.retries,
        applied.time.as_secs_f32(),
        if round.differences.is_empty() { "as asked" } else { "**not as asked**" },
    )
}
