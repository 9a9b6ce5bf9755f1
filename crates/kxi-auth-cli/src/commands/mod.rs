//! One file per command; each returns data, none prints.

mod apply;
pub(crate) mod client;
mod completions;
mod config;
mod doctor;
mod export;
mod man;
pub(crate) mod old_words;
mod plan;
mod role;
mod schema;

use crate::cli::{Command, ConfigCommand, RoleCommand};
use crate::commands::client::{ClientCommand, ClientRolesCommand};
use crate::commands::config::{path, show};
use crate::commands::old_words::OldWord;
use crate::commands::role::list;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

/// Runs the command that was asked for.
pub(crate) async fn run(context: &Context<'_>, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Client(command) => client(context, command).await,
        Command::Role(RoleCommand::List) => list::run(context).await,
        Command::Plan(args) => plan::run(context, args).await,
        Command::Apply(args) => apply::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Schema => schema::run(context),
        Command::Config(ConfigCommand::Show) => show::run(context),
        Command::Config(ConfigCommand::Path) => path::run(context),
        Command::Doctor => doctor::run(context).await,
        Command::Completions(args) => Ok(completions::run(args)),
        Command::Man(args) => man::run(args),
        Command::User(word) | Command::OldWord(word) => old_word(context, word).await,
    }
}

async fn client(context: &Context<'_>, command: &ClientCommand) -> Result<Report, Failure> {
    match command {
        ClientCommand::Register(args) => client::register::run(context, args).await,
        ClientCommand::Create(args) => client::create::run(context, args).await,
        ClientCommand::Update(args) => client::update::run(context, args).await,
        ClientCommand::Get(args) => client::get::run(context, args).await,
        ClientCommand::List(args) => client::list::run(context, args).await,
        ClientCommand::Delete(args) => client::delete::run(context, args).await,
        ClientCommand::RotateSecret(args) => client::rotate_secret::run(context, args).await,
        ClientCommand::Token(args) => client::token::run(context, args).await,
        ClientCommand::Roles(ClientRolesCommand::List(args)) => client::roles::list(context, &args.id).await,
        ClientCommand::Roles(ClientRolesCommand::Assign(args)) => {
            client::roles::assign(context, &args.id, args).await
        }
        ClientCommand::Roles(ClientRolesCommand::Revoke(args)) => client::roles::revoke(context, args).await,
    }
}

async fn old_word(context: &Context<'_>, word: &OldWord) -> Result<Report, Failure> {
    match word {
        OldWord::CreateClient(args) => client::create::run(context, args).await,
        OldWord::AssignRoles(args) => {
            // KX's command names the service account's user.
            let id = args.id.strip_prefix("service-account-").unwrap_or(&args.id);
            client::roles::assign(context, id, args).await
        }
        OldWord::GetClientSecret(args) => client::get::run(context, args).await,
        OldWord::GetAvailableRoles => list::run(context).await,
    }
}
