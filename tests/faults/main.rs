//! Runs the command with seeded faults between it and a real Keycloak. `cargo xtask faults` starts this, with a server
//! named by the environment.

mod kills;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::seeded::{Ended, Lane, Report, many, run};
use tokio::time::Instant;

/// How many runs are between two lines that show the progress.
const EVERY: usize = 50;

/// Runs the command of `KXI_TEST_BIN` against the Keycloak of `KXI_TEST_KEYCLOAK_URL`.
#[derive(Parser)]
struct Args {
    /// How many seeds to run.
    #[arg(long, default_value_t = 50)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run this one alone, and show it.
    #[arg(long)]
    seed: Option<u64>,
    /// How many run at a time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    lanes: u8,
    /// Kill the command and the server in the middle of `apply`, and run two at once.
    #[arg(long)]
    kill: bool,
    /// How many clients an `apply` has then.
    #[arg(long, default_value_t = 300)]
    clients: usize,
    /// How often each of these is done.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// The file for the figures.
    #[arg(long)]
    report: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match work(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn work(args: &Args) -> Result<()> {
    let server = Server::from_env()?;
    if let Some(seed) = args.seed {
        let lane = Lane::start(&server).await?;
        let report = run(&lane, seed).await?;
        lane.finish().await?;
        say(&whole(&report));
        ensure!(report.violations.is_empty(), "the run of seed {seed} has violations");
        return Ok(());
    }
    if args.kill {
        let (page, is_good) = kills::run(&server, args.from, args.rounds, args.clients).await?;
        write(args, &page)?;
        ensure!(is_good, "there are violations");
        return Ok(());
    }
    let began = Instant::now();
    let tally = many(&server, args.from, args.seeds, args.lanes.into(), move |report, tally| {
        if !report.violations.is_empty() {
            say(&format!("{}\nrerun it with: cargo xtask faults --seed {}\n", whole(report), report.seed));
        }
        if tally.runs().is_multiple_of(EVERY) {
            let (runs, faults, failed) = (tally.runs(), tally.faults(), tally.failed().len());
            let seconds = began.elapsed().as_secs();
            say(&format!("{runs} runs, {faults} faults, {failed} with a violation, {seconds} s"));
        }
    })
    .await?;
    let last = args.from.saturating_add(args.seeds).saturating_sub(1);
    let of = format!("Keycloak {}, seeds {} to {last}", server.version().await?, args.from);
    let page = tally.page(&of, began.elapsed());
    write(args, &page)?;
    let failed: Vec<String> = tally.failed().iter().map(|(seed, _)| seed.to_string()).collect();
    ensure!(failed.is_empty(), "the runs of these seeds have violations: {}", failed.join(", "));
    ensure!(tally.gaps().is_empty(), "the runs prove too little: {}", tally.gaps().join("; "));
    Ok(())
}

/// Writes the figures to their file, and shows them.
fn write(args: &Args, page: &str) -> Result<()> {
    say(page);
    std::fs::write(&args.report, page).with_context(|| format!("cannot write {}", args.report.display()))
}

/// All that is known of a run.
fn whole(report: &Report) -> String {
    let mut text = format!("seed {}: {}\n$ kxi-auth {}\n", report.seed, report.what, report.words.join(" "));
    for (title, lines) in [("faults", report.planned()), ("requests", report.requests())] {
        let _ = writeln!(text, "{title}:\n  {}", lines.join("\n  "));
    }
    let mut ended = |title: &str, ended: &Ended| {
        let code = ended.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let _ = writeln!(text, "{title}: exit code {code}\n{}{}", ended.stdout, ended.stderr);
    };
    ended("the run", &report.ended);
    if let Some(completed) = &report.completed {
        ended("the run after it", completed);
    }
    let _ = write!(text, "took {} ms", report.time.as_millis());
    for violation in &report.violations {
        let _ = write!(text, "\nVIOLATION: {violation}");
    }
    text
}

pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
