//! The end-to-end tests on one server: what passed, and which differences between versions they met.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::differences::{self, Met};
use super::libtest::{End, Report};
use super::{E2E, WHOLE_SUITE, test_command};
use crate::cargo::{Programs, TestProgram};
use crate::keycloak::{Connection, Instance, Lease, Options, Version};
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::say;

/// How long the tests may take on one server; they take some minutes.
const LIMIT: Duration = Duration::from_mins(45);

/// The end-to-end tests, or those that fit a filter.
pub(crate) struct Suite<'a> {
    program: TestProgram,
    kxi_auth: PathBuf,
    filter: &'a [&'a str],
}

/// What a suite showed on one version.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The tests.
    pub(super) report: Report,
    /// The differences that they met.
    pub(super) differences: Vec<Met>,
    /// How long they took, the start of the server not included.
    pub(super) time: Duration,
}

impl<'a> Suite<'a> {
    /// The suite of these programs.
    pub(crate) fn of(programs: &Programs, filter: &'a [&'a str]) -> Result<Self> {
        let program = programs.tests().into_iter().find(|tests| tests.name == E2E);
        let program = program.context("the end-to-end tests were not built")?;
        Ok(Self { program, kxi_auth: programs.kxi_auth()?, filter })
    }

    /// Starts this version with an empty database, runs the tests on it and stops it. Tests that fail are in the
    /// outcome; an error means that not all could be run.
    pub(super) fn on(&self, version: Version, options: &Options) -> Result<Outcome> {
        let options = Options { version: Some(version), ..options.clone() };
        let mut lease = Lease::begin(Instance::Scratch, &options)?;
        let connection = lease.ready()?.clone();
        let outcome = self.with(&connection, || lease.show_errors());
        if let Err(error) = lease.finish() {
            say(&format!("Keycloak {version} was not stopped: {error:#}"));
        }
        let outcome = outcome?;
        say(&format!("Keycloak {version}: {}", outcome.summary()));
        Ok(outcome)
    }

    /// Runs the tests on a server that is ready. `show_errors` is called if some fail.
    pub(crate) fn with(&self, connection: &Connection, show_errors: impl FnOnce()) -> Result<Outcome> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let file = folder.path().join("differences");
        let mut command = self.command(&file);
        command.envs(connection.test_variables());
        let began = Stopwatch::start();
        let mut report = Report::default();
        let ended = process::run_read(&mut command, LIMIT, |line| report.read(line));
        let time = began.elapsed();
        if ended.is_err() {
            show_errors();
        }
        if report.named(End::Failed).next().is_none() {
            ended.with_context(|| report.progress())?;
        }
        report.check().with_context(|| report.progress())?;
        let outcome = Outcome { report, differences: differences::read(&file)?, time };
        outcome.names_its_tests()?;
        if self.filter.is_empty() {
            outcome.report.is_whole(&[WHOLE_SUITE])?;
        }
        Ok(outcome)
    }

    fn command(&self, differences: &Path) -> Command {
        let mut command = test_command(&self.program, &self.kxi_auth);
        command.args(self.filter).env(differences::FILE, differences);
        // With a single thread the tests run in the main one, and what they record does not name them.
        let one = std::thread::available_parallelism().is_ok_and(|threads| threads.get() == 1);
        if one || std::env::var_os("RUST_TEST_THREADS").is_some_and(|threads| threads == "1") {
            command.env("RUST_TEST_THREADS", "2");
        }
        command
    }
}

impl Outcome {
    /// How many tests passed and failed, and how long they took.
    pub(crate) fn summary(&self) -> String {
        let [passed, failed] = [End::Passed, End::Failed].map(|end| self.report.named(end).count());
        format!("{passed} passed, {failed} failed, in {} s", self.time.as_secs())
    }

    /// Fails with the names of the tests that failed.
    pub(crate) fn check(&self) -> Result<()> {
        let failed: Vec<&str> = self.report.named(End::Failed).collect();
        ensure!(failed.is_empty(), "these tests fail: {}", failed.join(", "));
        Ok(())
    }

    /// Fails if a difference was met by something that is no test, for then no feature shows it.
    fn names_its_tests(&self) -> Result<()> {
        for Met { test, sentence } in &self.differences {
            ensure!(
                self.report.has(test),
                "`{test}` met a difference, and is no test: let the test ask for it in its own thread, and leave out \
                 `--test-threads=1` ({sentence})"
            );
        }
        Ok(())
    }
}
