//! `kxi-auth`: manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.

mod args;
mod commands;
#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "`plan`, `apply`, `export` and `schema` are to use it")
)]
mod declaration;
mod exit_code;
mod failure;
mod output;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output::Printer;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(cli.output);
    match run(&cli).and_then(|report| printer.print(&report)) {
        Ok(()) => exit_code::OK.into(),
        Err(failure) => {
            printer.fail(&failure);
            failure.exit_code().into()
        }
    }
}

/// One thread is enough: a command waits for the server, not for the processor.
fn run(cli: &Cli) -> Result<output::Report, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(commands::run(cli))
}
