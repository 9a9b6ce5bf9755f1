//! One file per command; each returns data, none prints.

mod apply;
mod client_create;
mod client_delete;
mod client_get;
mod client_list;
mod client_register;
mod client_roles;
mod client_rotate_secret;
mod client_token;
mod client_update;
mod completions;
mod config_path;
mod config_show;
mod doctor;
mod export;
mod inputs;
mod man;
mod plan;
mod role_list;
mod schema;
mod shown;

use crate::args::{ClientCommand, ClientRolesCommand, Command, ConfigCommand, OldWord, RoleCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

/// Runs the command that was asked for.
pub(crate) async fn run(context: &Context<'_>, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Client(command) => client(context, command).await,
        Command::Role(RoleCommand::List) => role_list::run(context).await,
        Command::Plan(args) => plan::run(context, args).await,
        Command::Apply(args) => apply::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Schema => schema::run(context),
        Command::Config(ConfigCommand::Show) => config_show::run(context),
        Command::Config(ConfigCommand::Path) => config_path::run(context),
        Command::Doctor => doctor::run(context).await,
        Command::Completions(args) => Ok(completions::run(args)),
        Command::Man(args) => man::run(args),
        Command::User(word) | Command::OldWord(word) => old_word(context, word).await,
    }
}

async fn client(context: &Context<'_>, command: &ClientCommand) -> Result<Report, Failure> {
    match command {
        ClientCommand::Register(args) => client_register::run(context, args).await,
        ClientCommand::Create(args) => client_create::run(context, args).await,
        ClientCommand::Update(args) => client_update::run(context, args).await,
        ClientCommand::Get(args) => client_get::run(context, args).await,
        ClientCommand::List(args) => client_list::run(context, args).await,
        ClientCommand::Delete(args) => client_delete::run(context, args).await,
        ClientCommand::RotateSecret(args) => client_rotate_secret::run(context, args).await,
        ClientCommand::Token(args) => client_token::run(context, args).await,
        ClientCommand::Roles(ClientRolesCommand::List(args)) => client_roles::list(context, &args.id).await,
        ClientCommand::Roles(ClientRolesCommand::Assign(args)) => {
            client_roles::assign(context, &args.id, args).await
        }
        ClientCommand::Roles(ClientRolesCommand::Revoke(args)) => client_roles::revoke(context, args).await,
    }
}

async fn old_word(context: &Context<'_>, word: &OldWord) -> Result<Report, Failure> {
    match word {
        OldWord::CreateClient(args) => client_create::run(context, args).await,
        OldWord::AssignRoles(args) => {
            // KX's command names the service account's user.
            let id = args.id.strip_prefix("service-account-").unwrap_or(&args.id);
            client_roles::assign(context, id, args).await
        }
        OldWord::GetClientSecret(args) => client_get::run(context, args).await,
        OldWord::GetAvailableRoles => role_list::run(context).await,
    }
}
