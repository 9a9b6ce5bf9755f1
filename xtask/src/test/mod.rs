//! `cargo xtask test`: every test there is, or those of one name.
//!
//! The server is one of its own with an empty database, so that a run neither sees nor disturbs
//! the playground. It starts while the tests compile.

mod named;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cargo::{Programs, TestProgram, Tls, build_kxi_auth, build_tests, cargo, everything};
use crate::keycloak::{self, Connection, Instance, Lease, Options};
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::{root, say};
use named::Named;

/// Older versions of Keycloak. On these, the end-to-end tests with [`EVERY_VERSION`] in their names run too: they test
/// behavior that differs between versions.
const ALSO_ON: [&str; 1] = ["24.0.5"];

const EVERY_VERSION: &str = "every_version";
/// The end-to-end tests.
const E2E: &str = "e2e";
/// The one of them that runs all others, at `TRACE`, and searches what they traced for secrets.
const WHOLE_SUITE: &str = "trace::no_secret_and_no_token_of_the_whole_suite_is_traced";

/// Run every test, the end-to-end ones on a real Keycloak.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the end-to-end tests: no Keycloak, Java or Maven is needed
    #[arg(long, conflicts_with_all = ["version", "port", "relative_path"])]
    offline: bool,
    /// Build with the TLS library of the system in place of rustls
    #[arg(long)]
    native_tls: bool,
    #[command(flatten)]
    options: Options,
    /// Run only tests with this in their names, such as `doctor` or `library::bulk`: builds what holds them,
    /// and uses the playground if it runs (`cargo xtask keycloak up`)
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// What to hand to each test program, such as a part of a test's name
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Runs the tests; those of each program, even if another's fail.
pub(crate) fn run(args: &Args) -> Result<()> {
    let began = Stopwatch::start();
    let named = args.name.as_ref().map(|name| Named::find(&root(), name)).transpose()?;
    let tls = if args.native_tls { Tls::Native } else { Tls::Rustls };
    let build = || match &named {
        Some(named) => build_tests(tls, &named.targets),
        None => build_kxi_auth(tls, &["--tests", "--bin", "xtask-codegen"]),
    };
    let with_server = !args.offline && named.as_ref().is_none_or(|named| named.targets.contains(&E2E));
    let (lease, programs) = if with_server {
        step("building kxi-auth and the tests, and starting a Keycloak beside");
        let (lease, programs) = keycloak::beside(instance(args)?, &args.options, build)?;
        (Some(lease), programs)
    } else {
        say("leaving out the end-to-end tests");
        step("building kxi-auth and the tests");
        (None, build()?)
    };
    if args.name.is_none() {
        step("generated code against specs/");
        process::run(Command::new(programs.program("xtask-codegen")?).arg("--check"))?;
    }

    let filter: Vec<&str> = match &named {
        Some(named) => named.filter.into_iter().chain(args.filter.iter().map(String::as_str)).collect(),
        None => args.filter.iter().map(String::as_str).collect(),
    };
    let whole = named.is_none() && filter.is_empty();
    let mut failed = on_each_program(&programs, &filter, whole, lease)?;
    if args.name.is_none() {
        step("examples in the documentation");
        let mut examples = cargo();
        examples.args(["test", "--quiet", "--doc"]).args(everything(tls)).arg("--").args(&filter);
        failed.extend(process::run(&mut examples).is_err().then(|| "the examples".to_owned()));
    }
    ensure!(failed.is_empty(), "some tests fail: {}", failed.join(", "));

    let given = !args.offline && Connection::from_environment()?.is_some();
    for version in further_versions(args, given) {
        on_version(version, args, &programs).with_context(|| format!("Keycloak {version}"))?;
    }

    let left_out = if with_server { "" } else { " (without the end-to-end tests)" };
    say(&format!("every test passed{left_out} in {} s", began.elapsed().as_secs()));
    Ok(())
}

/// The server for the tests. A developer who works on one test may keep a server running.
fn instance(args: &Args) -> Result<Instance> {
    let playground = args.name.is_some() && keycloak::playground_runs()?;
    Ok(if playground { Instance::Playground } else { Instance::Scratch })
}

/// Runs each program, and returns the names of those whose tests fail. The end-to-end tests come last, when
/// the server is ready; the `whole` suite by the one of them that searches what it traces.
fn on_each_program(
    programs: &Programs,
    filter: &[&str],
    whole: bool,
    lease: Option<Lease>,
) -> Result<Vec<String>> {
    let kxi_auth = programs.kxi_auth()?;
    let (e2e, others): (Vec<_>, Vec<_>) = programs.tests().into_iter().partition(|tests| tests.name == E2E);
    let mut failed = Vec::new();
    let mut run = |tests: &TestProgram, command: &mut Command| {
        step(&tests.name);
        // Every failure at once is worth more than an early end.
        failed.extend(process::run(command).is_err().then(|| tests.name.clone()));
    };
    for tests in &others {
        run(tests, test_command(tests, &kxi_auth).args(filter));
    }
    let Some(mut lease) = lease else { return Ok(failed) };
    step("waiting for Keycloak");
    let variables = lease.ready()?.test_variables();
    for tests in &e2e {
        let command = || {
            let mut command = test_command(tests, &kxi_auth);
            command.envs(variables);
            command
        };
        if whole {
            run(tests, command().arg("trace::"));
            run(tests, command().args(["--ignored", "--exact", "--nocapture", WHOLE_SUITE]));
        } else {
            run(tests, command().args(filter));
        }
    }
    if failed.iter().any(|name| name == E2E) {
        lease.show_errors();
    }
    lease.finish()?;
    Ok(failed)
}

/// The command that runs a test program. Tests find `kxi-auth` by the variable.
fn test_command(tests: &TestProgram, kxi_auth: &Path) -> Command {
    let mut command = tests.command();
    command.env("KXI_TEST_BIN", kxi_auth);
    command
}

/// The versions to go on with after the first; `given` says whether the caller provided that server.
fn further_versions(args: &Args, given: bool) -> &'static [&'static str] {
    // With a server, a version or a test chosen, nothing else runs, unless the choice is the tests of every version.
    if args.offline || given || args.options.version.is_some() {
        return &[];
    }
    if args.name.iter().chain(&args.filter).any(|name| name.trim_start_matches("e2e::") != EVERY_VERSION) {
        say(&format!("with a filter, the tests on Keycloak {} are left out", ALSO_ON.join(", ")));
        return &[];
    }
    &ALSO_ON
}

/// Runs the tests of every version on this one, which was not asked for.
fn on_version(version: &str, args: &Args, programs: &Programs) -> Result<()> {
    step(&format!("the tests of every version, on Keycloak {version}"));
    let Some(e2e) = programs.tests().into_iter().find(|tests| tests.name == E2E) else {
        bail!("the end-to-end tests were not built");
    };
    let kxi_auth = programs.kxi_auth()?;
    let list = process::capture(e2e.command().args([EVERY_VERSION, "--list"]))?;
    ensure!(
        list.lines().any(|line| line.ends_with(": test")),
        "no end-to-end test has {EVERY_VERSION} in its name, so that nothing is tested on it"
    );
    let mut options = args.options.clone();
    options.version = Some(version.parse()?);
    keycloak::with_server(Instance::Scratch, &options, |connection| {
        let mut command = test_command(&e2e, &kxi_auth);
        process::run(command.arg(EVERY_VERSION).envs(connection.test_variables())).context("some tests fail")
    })
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
        assert_eq!(further(&[EVERY_VERSION]), ALSO_ON);
        assert_eq!(further(&["e2e::every_version"]), ALSO_ON);
        for chosen in [&["--offline"][..], &["--version", "26.0.8"], &["--", "register"], &["register"]] {
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
