//! `cargo xtask test`: every test there is.
//!
//! The server is one of its own with an empty database, so that a run neither sees nor disturbs
//! the playground. It starts while the tests compile.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::{Programs, build_kxi_auth, cargo};
use crate::codegen;
use crate::keycloak::{self, Connection, Instance, Lease, Options};
use crate::process;
use crate::stopwatch::Stopwatch;
use crate::workspace::say;

/// Older versions of Keycloak on which the end-to-end tests run as well whose names contain
/// [`EVERY_VERSION`]: those of behaviour that the versions differ in.
const ALSO_ON: [&str; 1] = ["24.0.5"];

const EVERY_VERSION: &str = "every_version";

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
    let programs = build_kxi_auth(&[&selection[..], &["--tests"]].concat())?;
    let binary = programs.kxi_auth()?;

    let mut tests = cargo();
    // Every failure at once is worth more than an early end.
    tests.args(["test", "--no-fail-fast"]).args(selection).env("KXI_TEST_BIN", &binary);
    tests.arg("--").args(&args.filter);
    if let Some(lease) = &mut lease {
        step("waiting for Keycloak");
        tests.envs(lease.ready()?.test_variables());
    }
    step("tests");
    process::run(&mut tests).context("some tests fail")?;
    lease.map_or(Ok(()), Lease::finish)?;

    let given = !args.offline && Connection::from_environment()?.is_some();
    for version in further_versions(args, given) {
        on_version(version, args, &programs).with_context(|| format!("Keycloak {version}"))?;
    }

    let left_out = if args.offline { " (without the end-to-end tests)" } else { "" };
    say(&format!("every test passed{left_out} in {} s", began.elapsed().as_secs()));
    Ok(())
}

/// The versions to go on with after the first; `given` tells whether that was a server of the caller's.
fn further_versions(args: &Args, given: bool) -> &'static [&'static str] {
    // Whoever names a server, a version or a test wants that one; unless it is the tests of every version.
    if args.offline || given || args.options.version.is_some() {
        return &[];
    }
    if !args.filter.is_empty() && args.filter != [EVERY_VERSION] {
        say(&format!("with a filter, the tests on Keycloak {} are left out", ALSO_ON.join(", ")));
        return &[];
    }
    &ALSO_ON
}

/// Runs the tests of every version on this one, which was not asked for.
fn on_version(version: &str, args: &Args, programs: &Programs) -> Result<()> {
    step(&format!("the tests of every version, on Keycloak {version}"));
    // Not by cargo: for the end-to-end tests alone it would build shared dependencies once more.
    let tests = || -> Result<Command> {
        let mut command = programs.tests("e2e")?;
        command.arg(EVERY_VERSION).env("KXI_TEST_BIN", programs.kxi_auth()?);
        Ok(command)
    };
    let list = process::capture(tests()?.arg("--list"))?;
    ensure!(
        list.lines().any(|line| line.ends_with(": test")),
        "no end-to-end test has {EVERY_VERSION} in its name, so that nothing is tested on it"
    );
    let mut options = args.options.clone();
    options.version = Some(version.parse()?);
    keycloak::with_server(Instance::Scratch, &options, |connection| {
        process::run(tests()?.envs(connection.test_variables())).context("some tests fail")
    })
}

/// The packages and features of the tests, alike for building and running.
fn selection(args: &Args) -> [&'static str; 3] {
    let features = if args.offline { "kxi-auth-tests/cli" } else { "kxi-auth-tests/cli,kxi-auth-tests/e2e" };
    ["--workspace", "--features", features]
}

fn step(name: &str) {
    say(&format!("== {name}"));
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &[&str]) -> Args {
        Line::try_parse_from([&["test"], words].concat()).unwrap().args
    }

    fn further(words: &[&str]) -> &'static [&'static str] {
        further_versions(&args(words), false)
    }

    #[test]
    fn other_versions_follow_unless_something_was_chosen() {
        assert_eq!(further(&["--port", "8081"]), ALSO_ON);
        assert_eq!(further(&["--relative-path", "/"]), ALSO_ON);
        assert_eq!(further(&["--", EVERY_VERSION]), ALSO_ON, "just what is for them");
        for chosen in [&["--offline"][..], &["--version", "26.0.8"], &["--", "register"]] {
            assert_eq!(further(chosen), [""; 0], "{chosen:?}");
        }
        assert_eq!(further_versions(&args(&[]), true), [""; 0], "a server was given");
    }

    #[test]
    fn the_other_versions_are_versions() {
        for version in ALSO_ON {
            assert!(args(&["--version", version]).options.version.is_some());
        }
    }
}
