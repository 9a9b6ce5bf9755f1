//! `cargo xtask faults`: the command with seeded faults between it and a real Keycloak.
//!
//! The runs themselves are a program of the `tests` member; it is started here, with a server to run against.

mod control;

use std::process::Command;

use anyhow::Result;

use crate::cargo::{Tls, build_kxi_auth, without_settings};
use crate::keycloak::{self, Instance, Lease, Options};
use crate::system::process;
use crate::workspace::{root, target};

/// Run the command with seeded faults between it and a real Keycloak, and compare what it says with what is stored.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many seeds to run; the figures are written to target/faults.md
    #[arg(long, default_value_t = 50)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run this seed alone, and show its faults, its requests and what the command wrote
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// In place of the faults, kill the command and the server (`kill -9`) in the middle of `apply`, and run two at once;
    /// the figures are written to target/kills.md
    #[arg(long, conflicts_with_all = ["seeds", "seed"])]
    kill: bool,
    /// How many clients an `apply` with --kill has
    #[arg(long, default_value_t = 300, requires = "kill")]
    clients: usize,
    /// How often each of these is done
    #[arg(long, default_value_t = 5, requires = "kill")]
    rounds: u64,
    #[command(flatten)]
    options: Options,
}

/// Runs the seeds on the server asked for.
pub(crate) fn run(args: &Args) -> Result<()> {
    let build = || build_kxi_auth(Tls::Rustls, &["--bin", "faults"]);
    let (mut lease, programs) = if args.kill {
        // Only a server of its own can be killed.
        let programs = build()?;
        (Lease::own(Instance::Durable, &args.options)?, programs)
    } else {
        keycloak::beside(Instance::Scratch, &args.options, build)?
    };
    let mut command = Command::new(programs.program("faults")?);
    without_settings(&mut command);
    command
        .current_dir(root())
        .args(["--from", &args.from.to_string(), "--report"])
        .arg(target().join(if args.kill { "kills.md" } else { "faults.md" }))
        .env("KXI_TEST_BIN", programs.kxi_auth()?)
        .envs(lease.ready()?.test_variables());
    let result = if args.kill {
        let (rounds, clients) = (args.rounds.to_string(), args.clients.to_string());
        command.args(["--kill", "--rounds", &rounds, "--clients", &clients]);
        control::run(&mut command, &mut lease)
    } else {
        match args.seed {
            Some(seed) => command.args(["--seed", &seed.to_string()]),
            None => command.args(["--seeds", &args.seeds.to_string()]),
        };
        process::run(&mut command)
    };
    if result.is_err() {
        lease.show_errors();
    }
    result?;
    lease.finish()
}
