//! `cargo xtask record`: the fixtures of the tests, from a real Keycloak.
//!
//! The recording itself is a program of the `tests` member, for it drives the core; it is started
//! here, with a server to record from.

use anyhow::{Context as _, Result};

use crate::cargo::cargo;
use crate::keycloak::{self, Connection, Instance, Options};
use crate::process;

/// Record the test fixtures from a real Keycloak, or check them against one.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; report every fixture that no longer says what the server says
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    options: Options,
    /// Scenarios (default: all)
    #[arg(value_name = "SCENARIO")]
    names: Vec<String>,
}

/// Records, or checks, on the server asked for.
pub(crate) fn run(args: &Args) -> Result<()> {
    let here = |options: &Options| {
        keycloak::with_server(Instance::Scratch, options, |connection| record(args, connection))
    };
    // A server that is given has one base path, and names say which one they need.
    let fixed = args.options.relative_path.is_some() || !args.names.is_empty();
    if fixed || Connection::from_environment()?.is_some() {
        return here(&args.options);
    }
    for relative_path in ["/auth", "/"] {
        let mut options = args.options.clone();
        options.relative_path = Some(relative_path.parse()?);
        here(&options).with_context(|| format!("Keycloak at {relative_path}"))?;
    }
    Ok(())
}

/// Runs the recorder; the server's address and the password go by the environment.
fn record(args: &Args, connection: &Connection) -> Result<()> {
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--package", "kxi-auth-tests", "--bin", "record", "--"])
        .args(args.check.then_some("--check"))
        .args(&args.names)
        .envs(connection.test_variables());
    process::run(&mut command)
}
