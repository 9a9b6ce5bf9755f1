//! `cargo xtask codegen`: builds and runs the generator, a program of its own.

use std::process::Command;

use anyhow::Result;

use crate::cargo::build_generator;
use crate::system::process;

/// Generate the typed client `crates/keycloak-admin-api` from `specs/`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; list what is stale, and fail if anything is.
    #[arg(long)]
    check: bool,
}

/// Generates, or checks.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut command = Command::new(build_generator()?.program("xtask-codegen")?);
    process::run(command.args(args.check.then_some("--check")))
}
