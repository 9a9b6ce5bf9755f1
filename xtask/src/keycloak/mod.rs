//! `cargo xtask keycloak`: a real Keycloak on this machine.
//!
//! Everything lies in `target/keycloak`: the fetched archives in `dist`, and per instance
//! (playground, scratch) its record and one folder per version.

mod admin;
mod connection;
mod credentials;
pub(crate) mod dist;
pub(crate) mod java;
mod lease;
mod logs;
mod options;
mod paths;
mod relative_path;
pub(crate) mod script;
mod server;
mod state;
mod version;
mod version_folder;

use std::time::Duration;

use anyhow::{Result, bail};

pub(crate) use admin::{Admin, provide_realm};
pub(crate) use connection::{Connection, http, needs_https};
pub(crate) use credentials::{Credentials, password};
pub(crate) use lease::{Lease, beside};
pub(crate) use logs::show_errors;
pub(crate) use options::Options;
pub(crate) use state::Instance;
pub(crate) use version::Version;
pub(crate) use version_folder::VersionFolder;

use crate::system::group::Leader;
use crate::workspace::{data, say};
use state::{Condition, State};

/// A real Keycloak, its database under `target/`, bound to 127.0.0.1.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    /// Start it, unless it runs, and print the variables that point kxi-auth at it
    Up(Options),
    /// Stop it
    Down,
    /// Say whether it runs
    Status,
    /// Print the variables that point kxi-auth at it: eval "$(cargo xtask keycloak env)"
    Env,
    /// Print what it wrote since its last start
    Logs(logs::Args),
}

/// Runs one of the tasks.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.task {
        Task::Up(options) => up(options),
        Task::Down => down(),
        Task::Status => status(),
        Task::Env => data(&lease::reuse(&running()?, &Options::default())?.exports()),
        Task::Logs(args) => logs::run(args),
    }
}

fn up(options: &Options) -> Result<()> {
    let mut lease = Lease::own(Instance::Playground, options)?;
    let connection = lease.ready()?;
    provide_realm(connection)?;
    let exports = connection.exports();
    lease.leave_running()?;
    data(&exports)
}

fn down() -> Result<()> {
    let instance = Instance::Playground;
    let _lock = instance.lock()?;
    match instance.condition()? {
        Condition::Stopped => {
            say("no Keycloak runs");
            Ok(())
        }
        Condition::Running(state) | Condition::Orphaned(state) => instance.stop(state.leader.pid),
        Condition::Ended(_) | Condition::Unreadable(_) => {
            say("no Keycloak runs any more: the last one ended by itself or was killed");
            instance.forget()
        }
    }
}

fn status() -> Result<()> {
    let line = match Instance::Playground.condition()? {
        Condition::Stopped => "stopped".to_owned(),
        Condition::Running(state) => {
            let http = connection::http(Duration::from_secs(5));
            let url = state.base_url();
            let what = format!("Keycloak {} at {url}, pid {}", state.version, state.leader.pid);
            match connection::ask(&http, &url) {
                Ok(()) => format!("running: {what}"),
                Err(refusal) => format!("running, but not answering ({refusal}): {what}"),
            }
        }
        Condition::Ended(State { leader: Leader { pid, .. }, .. }) => {
            format!("stale: pid {pid} ended without `down`, `up` starts it again")
        }
        Condition::Orphaned(State { leader: Leader { pid, .. }, .. }) => {
            format!("stale: kc.sh (pid {pid}) was killed and its Java runs on, `down` stops it")
        }
        Condition::Unreadable(reason) => format!("stale: the record is unreadable: {reason}"),
    };
    data(&format!("{line}\n"))
}

/// Whether there is a playground that runs.
pub(crate) fn playground_runs() -> Result<bool> {
    Ok(matches!(Instance::Playground.condition()?, Condition::Running(_)))
}

/// The playground's record, if it runs.
fn running() -> Result<State> {
    match Instance::Playground.condition()? {
        Condition::Running(state) => Ok(state),
        _ => bail!("no Keycloak runs: start it with `cargo xtask keycloak up`"),
    }
}
