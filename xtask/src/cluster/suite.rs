//! `cargo xtask cluster test`: the end-to-end tests, through the load balancer.

use anyhow::{Result, ensure};

use super::Installing;
use super::running::Cluster;
use crate::cargo::{Tls, build_tests};
use crate::system::process;
use crate::test::test_command;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    installing: Installing,
    /// Run only tests with this in their names
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Runs the tests on the cluster that runs, or on one that is started and stopped for them.
pub(super) fn run(args: &Args) -> Result<()> {
    let programs = build_tests(Tls::Rustls, &["--test", "e2e"])?;
    let cluster = Cluster::provide(args.installing.install)?;
    let filter: Vec<&str> = args.name.as_deref().into_iter().collect();
    let kxi_auth = programs.kxi_auth()?;
    let mut passed = true;
    for tests in programs.tests() {
        let mut command = test_command(&tests, &kxi_auth);
        command.envs(cluster.connection().test_variables()).args(&filter);
        passed &= process::run(&mut command).is_ok();
    }
    if !passed {
        cluster.show_errors();
    }
    cluster.finish()?;
    ensure!(passed, "some tests fail on the cluster");
    Ok(())
}
