//! `cargo xtask cluster kill`: a node is killed while `kxi-auth apply` creates many clients.
//!
//! It is to cost retries and nothing else: the command succeeds, and what is stored is what was asked.

mod apply;
mod asked;
mod round;
mod stored;
mod table;

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use super::Installing;
use super::paths;
use super::running::Cluster;
use crate::cargo::{Tls, build_kxi_auth};
use crate::workspace::say;
use round::{Blow, Verdict};
use table::Table;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    installing: Installing,
    /// How many times a node is killed, with an effect on the command
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    rounds: u16,
    /// How many clients are applied each time
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=5000))]
    clients: u16,
    /// What the points and the nodes are drawn from (default: another one each time)
    #[arg(long)]
    seed: Option<u64>,
    /// Only this one of the rounds, counted from 1
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "rounds")]
    round: Option<u16>,
}

/// Kills nodes of a cluster that is started and stopped for it.
pub(super) fn run(args: &Args) -> Result<()> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let built = build_kxi_auth(Tls::Rustls, &[])?.kxi_auth()?;
    let mut cluster = Cluster::own(args.installing.install)?;
    // Another build in the meantime does not change what is tested.
    let kxi_auth = paths::folder().join("kxi-auth");
    std::fs::copy(&built, &kxi_auth).with_context(|| format!("cannot copy {}", built.display()))?;
    let mut table = Table::begin(&cluster, args.clients, seed)?;
    let undisturbed = round::play(&mut cluster, &kxi_auth, args.clients, 0, None);
    let requests = undisturbed.requests();
    say(&format!("round 0: {}", undisturbed.sentence()));
    table.add(undisturbed)?;
    let played = match requests.filter(|_| table.bad().is_empty()) {
        Some(requests) => rounds(args, seed, requests, &mut cluster, &kxi_auth, &mut table),
        None => Ok(()),
    };
    cluster.finish()?;
    say(&format!("the rounds are listed in {}", table::file().display()));
    let bad = table.bad();
    ensure!(bad.is_empty(), "not as asked: {}", bad.join(", "));
    played
}

/// Plays rounds until so many had an effect. A kill that came too late is listed, and another is drawn.
fn rounds(
    args: &Args,
    seed: u64,
    undisturbed: u64,
    cluster: &mut Cluster,
    kxi_auth: &Path,
    table: &mut Table,
) -> Result<()> {
    let wanted = if args.round.is_some() { 1 } else { usize::from(args.rounds) };
    let drawn = Blow::drawn(seed).take(if args.round.is_some() { usize::MAX } else { 2 * wanted });
    let only = args.round.map(usize::from);
    let mut effects = 0;
    for (number, blow) in (1..).zip(drawn).skip(only.map_or(0, |only| only - 1)) {
        let round = round::play(cluster, kxi_auth, args.clients, number, Some(blow.at(undisturbed)));
        say(&format!("round {number}: {}", round.sentence()));
        effects += usize::from(round.verdict() != Verdict::WithoutEffect);
        table.add(round)?;
        // Whatever happened, the next round begins with two nodes.
        cluster.mend()?;
        if effects == wanted || only.is_some() {
            return Ok(());
        }
    }
    bail!("only {effects} of {wanted} kills had an effect")
}
