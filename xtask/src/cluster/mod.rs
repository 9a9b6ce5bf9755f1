//! `cargo xtask cluster`: two nodes of Keycloak on one PostgreSQL, behind a load balancer.
//!
//! Everything lies in `target/cluster`, and everything listens on 127.0.0.1. A cluster begins with an empty
//! database.

mod balancer;
mod database;
mod kill;
mod nodes;
mod paths;
mod programs;
mod record;
mod requests;
mod running;
mod suite;

use anyhow::{Context as _, Result, ensure};

use crate::keycloak::provide_realm;
use crate::system::files::lock;
use crate::workspace::{data, say};
use record::{Part, Record};
use running::{Cluster, connection_at};

/// Two nodes of Keycloak on one PostgreSQL, behind a load balancer, bound to 127.0.0.1.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    /// Start it, unless it runs, and print the variables that point kxi-auth at it
    Up(Installing),
    /// Stop it
    Down,
    /// Say whether it runs
    Status,
    /// Print the variables that point kxi-auth at it: eval "$(cargo xtask cluster env)"
    Env,
    /// Kill a node again and again while clients are applied, and compare what is stored with what was asked
    Kill(kill::Args),
    /// Run the end-to-end tests on it
    Test(suite::Args),
}

/// What may be done about programs that are missing.
#[derive(clap::Args)]
struct Installing {
    /// Install PostgreSQL and HAProxy with apt-get if they are missing. On a machine with systemd the packages start
    /// services of their own too, which the cluster does not use
    #[arg(long)]
    install: bool,
}

/// Runs one of the tasks.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.task {
        Task::Up(Installing { install }) => up(*install),
        Task::Down => down(),
        Task::Status => status(),
        Task::Env => env(),
        Task::Kill(args) => kill::run(args),
        Task::Test(args) => suite::run(args),
    }
}

fn up(install: bool) -> Result<()> {
    let cluster = Cluster::provide(install)?;
    let connection = cluster.connection();
    provide_realm(&connection)?;
    cluster.leave_running()?;
    data(&connection.exports())
}

fn down() -> Result<()> {
    let _lock = lock(&paths::folder().join("lock"), "cluster's")?;
    if !record::stop()? {
        say("no cluster runs");
    }
    Ok(())
}

fn status() -> Result<()> {
    let Some(record) = Record::read()? else { return data("stopped\n") };
    let ended = record.ended()?;
    let parts = [Part::Database, Part::Node(0), Part::Node(1), Part::Balancer];
    let lines = parts.map(|part| {
        let state = if ended.contains(&part) { "ended" } else { "runs" };
        let pid = record.member(part).map(|member| format!(", pid {}", member.leader.pid));
        format!("{}: {state}{}\n", part.name(), pid.unwrap_or_default())
    });
    let at = format!("Keycloak {} at {}\n", record.version, connection_at(record.ports.balancer));
    data(&format!("{at}{}", lines.concat()))
}

fn env() -> Result<()> {
    let record = Record::read()?.context("no cluster runs: start it with `cargo xtask cluster up`")?;
    ensure!(record.ended()?.is_empty(), "a part of the cluster has ended: see `cargo xtask cluster status`");
    data(&running::connection_to(&record)?.exports())
}
