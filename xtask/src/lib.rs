//! Tasks of this repository: `cargo xtask <task>`.
//!
//! It compiles in seconds, because everything waits for it: what takes long to compile (the client, the
//! generator, the tests) the tasks start as programs of their own, while Keycloak starts beside.

mod bench;
mod cargo;
mod cluster;
mod codegen;
mod demo;
mod faults;
mod fuzz;
mod hostile;
mod keycloak;
mod record;
pub mod spec;
mod system;
mod test;
pub mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Reproduce the upstream OpenAPI document in `specs/` from the published Maven artifacts.
    Spec(spec::Args),
    /// Generate the typed client `crates/keycloak-admin-api` from `specs/`.
    Codegen(codegen::Args),
    /// Run a real Keycloak (fetch, start, wait, stop).
    Keycloak(keycloak::Args),
    /// Run two nodes of Keycloak behind a load balancer.
    Cluster(cluster::Args),
    /// Show the main job on a real Keycloak.
    Demo(demo::Args),
    /// Run every test, the end-to-end ones on a real Keycloak.
    Test(test::Args),
    /// Record the test fixtures from a real Keycloak, or check them against one.
    Record(record::Args),
    /// Run the command with seeded faults between it and a real Keycloak.
    Faults(faults::Args),
    /// Run the fuzz targets for a bounded number of executions each.
    Fuzz(fuzz::Args),
    /// Run the tests with hostile servers, and write a table of what each led to.
    Hostile(hostile::Args),
    /// Measure what a start of the release binary costs, next to the goals.
    Bench(bench::Args),
}

/// Runs the task that the command line names.
#[must_use]
pub fn main() -> ExitCode {
    let task = Cli::parse().task;
    if keycloak::needs_https()
        && !matches!(
            task,
            Task::Spec(_) | Task::Codegen(_) | Task::Fuzz(_) | Task::Hostile(_) | Task::Bench(_)
        )
    {
        return workspace::exit(cargo::again_with_https());
    }
    let result = match task {
        Task::Spec(args) => spec::run(&args),
        Task::Codegen(args) => codegen::run(&args),
        Task::Keycloak(args) => keycloak::run(&args),
        Task::Cluster(args) => cluster::run(&args),
        Task::Demo(args) => demo::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Record(args) => record::run(&args),
        Task::Faults(args) => faults::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Hostile(args) => hostile::run(&args),
        Task::Bench(args) => bench::run(&args),
    };
    workspace::exit(result)
}
