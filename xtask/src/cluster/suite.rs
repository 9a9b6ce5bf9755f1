//! `cargo xtask cluster test`: the end-to-end tests, through the load balancer.

use anyhow::{Result, ensure};

use super::Installing;
use super::requests::Requests;
use super::running::Cluster;
use crate::cargo::{Tls, build_tests};
use crate::test::Suite;
use crate::workspace::say;

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
    let filter: Vec<&str> = args.name.as_deref().into_iter().collect();
    let suite = Suite::of(&programs, &filter)?;
    let cluster = Cluster::provide(args.installing.install)?;
    let mut requests = Requests::watch()?;
    let outcome = suite.with(&cluster.connection(), || cluster.show_errors())?;
    let [one, two] = requests.seen()?.nodes;
    say(&format!("{}: {one} requests to node 1, {two} to node 2", outcome.summary()));
    let passed = outcome.check();
    // A node that ended is not missed by the tests: the load balancer leaves it out.
    let balanced = cluster.balanced(2);
    let finished = cluster.finish();
    passed.and(balanced).and(finished)?;
    // One test may send a single request.
    ensure!(args.name.is_some() || (one > 0 && two > 0), "all requests went to one node");
    Ok(())
}
