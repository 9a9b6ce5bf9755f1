//! `kxi-auth`: manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.

mod apply;
mod cli;
mod commands;
mod context;
mod declaration;
mod doctor;
mod failure;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod output;
mod secrets;
mod settings;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::cli::Cli;
use crate::context::{Context, Interrupt};
use crate::failure::Failure;
use crate::output::Printer;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::usage::report(&error).into(),
    };
    output::trace::start(cli.output.verbose);
    let printer = Printer::new(&cli.output);
    // One thread is enough: a command waits for the server, not for the processor.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit_code = runtime.block_on(run(&cli, &printer));
            // A prompt that is still open must not keep the program running.
            runtime.shutdown_background();
            exit_code.into()
        }
        Err(error) => printer.fail(&Failure::local(format!("cannot start the runtime: {error}"))).into(),
    }
}

async fn run(cli: &Cli, printer: &Printer) -> u8 {
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(failure) => return printer.fail(&failure),
    };
    let context = Context::new(&cli.connection, &cli.output, printer, &interrupt);
    // Boxed because the future that holds every command is large.
    let running = Box::pin(commands::run(&context, &cli.command, Cli::command));
    let report = interrupt.watch(printer, running).await;
    let exit_code = match report {
        Ok(report) => match interrupt.watch(printer, async { Ok(context.print(report).await) }).await {
            Ok(exit_code) => exit_code,
            Err(failure) => printer.fail(&failure),
        },
        Err(failure) => printer.fail(&failure),
    };
    if interrupt.is_interrupted() { failure::exit_code::INTERRUPTED } else { exit_code }
}
