//! `cargo xtask test`: every test there is.
//!
//! The server is one of its own with an empty database, so that a run neither sees nor disturbs
//! the playground. It starts while the tests compile.

use anyhow::{Context as _, Result};

use crate::cargo::{build_kxi_auth, cargo};
use crate::codegen;
use crate::keycloak::{Instance, Lease, Options};
use crate::process;
use crate::stopwatch::Stopwatch;
use crate::workspace::say;

/// Run every test, the end-to-end ones on a real Keycloak.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the end-to-end tests: no Keycloak, Java or Maven is needed
    #[arg(long, conflicts_with_all = ["version", "port", "relative_path"])]
    offline: bool,
    #[command(flatten)]
    options: Options,
    /// What to hand to the tests, such as a part of a test's name
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Runs the tests, and stops at the first step that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let began = Stopwatch::start();
    step("generated code against specs/");
    codegen::run(&codegen::Args { check: true })?;

    let mut lease = None;
    if args.offline {
        say("--offline: the end-to-end tests are left out");
    } else {
        step("a Keycloak, to be ready by the time the tests are built");
        lease = Some(Lease::begin(Instance::Scratch, &args.options)?);
    }

    step("building kxi-auth and the tests");
    let selection = selection(args);
    // In one go: the features that the tests add to shared dependencies would build those twice.
    let binary = build_kxi_auth(&[&selection[..], &["--tests"]].concat())?;

    let mut tests = cargo();
    // Every failure at once is worth more than an early end.
    tests.args(["test", "--no-fail-fast"]).args(selection).env("KXI_TEST_BIN", binary);
    tests.arg("--").args(&args.filter);
    if let Some(lease) = &mut lease {
        step("waiting for Keycloak");
        tests.envs(lease.ready()?.test_variables());
    }
    step("tests");
    process::run(&mut tests).context("some tests fail")?;
    lease.map_or(Ok(()), Lease::finish)?;

    let left_out = if args.offline { " (without the end-to-end tests)" } else { "" };
    say(&format!("every test passed{left_out} in {} s", began.elapsed().as_secs()));
    Ok(())
}

/// The packages and features of the tests, alike for building and running.
fn selection(args: &Args) -> [&'static str; 3] {
    let features = if args.offline { "kxi-auth-tests/cli" } else { "kxi-auth-tests/cli,kxi-auth-tests/e2e" };
    ["--workspace", "--features", features]
}

fn step(name: &str) {
    say(&format!("== {name}"));
}
