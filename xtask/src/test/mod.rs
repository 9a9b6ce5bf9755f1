//! `cargo xtask test`: every test there is, or those of one name; or the end-to-end tests on many versions of Keycloak.
//!
//! The server is one of its own with an empty database, so that a run neither sees nor disturbs
//! the playground. It starts while the tests compile.

mod differences;
mod features;
mod libtest;
mod named;
mod suite;
mod table;
mod versions;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::{Programs, TestProgram, Tls, build_kxi_auth, build_tests, cargo, everything};
use crate::keycloak::{self, Connection, Instance, Lease, Options, Version};
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::{root, say};
use named::Named;
pub(crate) use suite::Suite;
use versions::Versions;

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
    /// Run the end-to-end tests alone, on each of these versions of Keycloak (`all`: the oldest, the newest and
    /// some between them), and write what passed on which to target/versions.md
    #[arg(long, value_name = "VERSION,…", conflicts_with_all = ["offline", "version", "port"])]
    versions: Option<Versions>,
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

impl Args {
    fn tls(&self) -> Tls {
        if self.native_tls { Tls::Native } else { Tls::Rustls }
    }

    /// Where the tests of the name are, if one is given.
    fn named(&self) -> Result<Option<Named<'_>>> {
        self.name.as_ref().map(|name| Named::find(&root(), name)).transpose()
    }

    /// What each test program is asked for; nothing if all its tests are meant.
    fn filter<'a>(&'a self, named: Option<&Named<'a>>) -> Vec<&'a str> {
        let name = named.and_then(|named| named.filter);
        name.into_iter().chain(self.filter.iter().map(String::as_str)).collect()
    }
}

/// Runs the tests; those of each program, even if another's fail.
pub(crate) fn run(args: &Args) -> Result<()> {
    let began = Stopwatch::start();
    if let Some(versions) = &args.versions {
        versions::run(args, versions)?;
        let which =
            if args.name.is_none() && args.filter.is_empty() { "every end-to-end test" } else { "what fits" };
        say(&format!("{which} passed on each version in {} s", began.elapsed().as_secs()));
        return Ok(());
    }
    let named = args.named()?;
    let tls = args.tls();
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

    let filter = args.filter(named.as_ref());
    let whole = named.is_none() && filter.is_empty();
    let mut failed = on_each_program(&programs, &filter, whole, lease)?;
    if args.name.is_none() {
        step("examples in the documentation");
        let mut examples = cargo();
        examples.args(["test", "--quiet", "--doc"]).args(everything(tls)).arg("--").args(&filter);
        failed.extend(process::run(&mut examples).is_err().then(|| "the examples".to_owned()));
    }
    let given = with_server && Connection::from_environment()?.is_some();
    if also_on_the_oldest(args, given) {
        failed.extend(on_the_oldest(args, &programs).err().map(|error| format!("{error:#}")));
    } else if with_server && given && args.name.is_none() {
        say(&format!("leaving out Keycloak {}: KXI_TEST_KEYCLOAK_URL names the server", Version::OLDEST));
    }
    ensure!(failed.is_empty(), "some tests fail: {}", failed.join(", "));

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

/// Whether the oldest supported version comes after the newest: if no server, version or test was chosen. `given` says
/// whether the caller provided a server.
fn also_on_the_oldest(args: &Args, given: bool) -> bool {
    let chosen = given || args.options.version.is_some() || args.name.is_some() || !args.filter.is_empty();
    !args.offline && !chosen
}

/// Runs the end-to-end tests on the oldest supported version.
fn on_the_oldest(args: &Args, programs: &Programs) -> Result<()> {
    step(&format!("the end-to-end tests on Keycloak {}, the oldest supported", Version::OLDEST));
    let outcome = Suite::of(programs, &[])?.on(Version::OLDEST, &args.options);
    outcome.and_then(|outcome| outcome.check()).with_context(|| format!("Keycloak {}", Version::OLDEST))
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

    #[test]
    fn the_oldest_version_follows_unless_something_was_chosen() {
        let follows = |words: &[&str]| also_on_the_oldest(&args(words), false);
        for whole in [&[][..], &["--port", "8081"], &["--relative-path", "/"], &["--native-tls"]] {
            assert!(follows(whole), "{whole:?}");
        }
        for chosen in [&["--offline"][..], &["--version", "26.0.8"], &["--", "register"], &["register"]] {
            assert!(!follows(chosen), "{chosen:?}");
        }
        assert!(!also_on_the_oldest(&args(&[]), true), "a server was given");
    }

    /// A test program ends well if it has no test of a name.
    #[test]
    fn the_test_of_the_whole_suite_is_there() {
        let (module, name) = WHOLE_SUITE.split_once("::").unwrap();
        let source = std::fs::read_to_string(root().join(format!("tests/e2e/{module}.rs"))).unwrap();
        assert!(source.contains(&format!("async fn {name}()")), "{WHOLE_SUITE}");
    }

    #[test]
    fn versions_are_instead_of_one_version_and_may_be_filtered() {
        for given in [&["--offline"][..], &["--version", "26.0.8"], &["--port", "8081"]] {
            let words = [&["test", "--versions", "26.0.8"], given].concat();
            assert!(Line::try_parse_from(words).is_err(), "{given:?}");
        }
        let filtered = args(&["--versions", "all", "e2e::library", "--", "--exact"]);
        let named = filtered.named().unwrap();
        assert_eq!(filtered.filter(named.as_ref()), ["library", "--exact"]);
    }
}
