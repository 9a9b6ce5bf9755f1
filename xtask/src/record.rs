//! `cargo xtask record`: the fixtures of the tests, from a real Keycloak.
//!
//! The recording itself is a program of the `tests` member, for it drives the core; it is started
//! here, with a server to record from.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cargo::{Tls, build_kxi_auth, without_settings};
use crate::keycloak::{self, Connection, Instance, Options};
use crate::system::process;
use crate::workspace::root;

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
    // A server that is given has one base path, and names say which one they need.
    let one = args.options.relative_path.is_some() || !args.names.is_empty();
    if one || Connection::from_environment()?.is_some() {
        return on_server(args, &args.options, &[]);
    }
    at_each(["/auth", "/"], args.check, |relative_path| {
        let mut options = args.options.clone();
        options.relative_path = Some(relative_path.parse()?);
        on_server(args, &options, &["--part"])
    })
}

/// Runs `work` for each base path. A check that fails at one is made at the others all the same,
/// so that one run reports everything; a recording stops there.
fn at_each(relative_paths: [&str; 2], check: bool, mut work: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let mut failures = Vec::new();
    for relative_path in relative_paths {
        let result = work(relative_path).with_context(|| format!("Keycloak at {relative_path}"));
        match result {
            Err(error) if check => failures.push(format!("{error:#}")),
            result => result?,
        }
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("; "));
    }
    Ok(())
}

/// Runs the recorder with a server; its address and the password go by the environment.
fn on_server(args: &Args, options: &Options, further: &[&str]) -> Result<()> {
    let build = || build_kxi_auth(Tls::Rustls, &["--bin", "record"])?.program("record");
    let (mut lease, record) = keycloak::beside(Instance::Scratch, options, build)?;
    let mut command = Command::new(record);
    without_settings(&mut command);
    command
        .current_dir(root())
        .args(args.check.then_some("--check"))
        .args(further)
        .args(&args.names)
        .envs(lease.ready()?.test_variables());
    process::run(&mut command)?;
    lease.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said, and where the work was tried, if it fails at `/auth` or everywhere.
    fn tried(check: bool, fails_at: &[&str]) -> (String, Vec<String>) {
        let mut tried = Vec::new();
        let result = at_each(["/auth", "/"], check, |path| {
            tried.push(path.to_owned());
            anyhow::ensure!(!fails_at.contains(&path), "stale");
            Ok(())
        });
        (result.err().map_or_else(String::new, |error| format!("{error:#}")), tried)
    }

    #[test]
    fn a_check_reports_the_failures_of_both_base_paths() {
        let both = ["/auth".to_owned(), "/".to_owned()].to_vec();
        assert_eq!(tried(true, &[]), (String::new(), both.clone()));
        assert_eq!(tried(true, &["/auth"]), ("Keycloak at /auth: stale".to_owned(), both.clone()));
        let said = "Keycloak at /auth: stale; Keycloak at /: stale".to_owned();
        assert_eq!(tried(true, &["/auth", "/"]), (said, both));
    }

    #[test]
    fn a_recording_stops_at_a_failure() {
        let said = "Keycloak at /auth: stale".to_owned();
        assert_eq!(tried(false, &["/auth"]), (said, vec!["/auth".to_owned()]));
    }
}
