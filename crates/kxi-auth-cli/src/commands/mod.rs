//! One file per command; each returns data, none prints.

mod client_delete;
mod client_list;
mod client_register;
mod client_token;
mod role_list;

use crate::args::{Cli, ClientCommand, Command, RoleCommand};
use crate::failure::Failure;
use crate::output::Report;
use crate::settings;

/// Runs the command that was asked for.
pub(crate) async fn run(cli: &Cli) -> Result<Report, Failure> {
    let manager = || settings::manager(&cli.connection);
    match &cli.command {
        Command::Client(ClientCommand::Register(args)) => client_register::run(&manager()?, args).await,
        Command::Client(ClientCommand::List) => client_list::run(&manager()?).await,
        Command::Client(ClientCommand::Delete(args)) => client_delete::run(&manager()?, args).await,
        Command::Client(ClientCommand::Token(args)) => client_token::run(&cli.connection, args).await,
        Command::Role(RoleCommand::List) => role_list::run(&manager()?).await,
    }
}
