//! `client …`

mod args;
mod change;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod register;
pub(super) mod roles;
pub(super) mod rotate_secret;
mod shown;
pub(super) mod token;
pub(super) mod update;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::commands::client::args::{ConfigArgs, RolesArgs, SecretArgs, SecretOutArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Create a client or bring it up to date, and give its service account realm roles.
    #[command(after_help = "Examples:\n  kxi-auth client register my-service --roles all\n  \
        kxi-auth client register my-service --role insights.query.data --secret-out my-service.secret\n  \
        pass show my-service | kxi-auth client register my-service --secret-stdin")]
    Register(RegisterArgs),
    /// Create a client; it is a conflict (exit code 6) if there is one.
    #[command(after_help = "Example:\n  \
        kxi-auth client create my-service --secret-out my-service.env --secret-format env")]
    Create(CreateArgs),
    /// Change what is named of a client, and nothing else.
    #[command(
        after_help = "Example:\n  kxi-auth client update my-service --token-lifespan 600 --set enabled=true"
    )]
    Update(UpdateArgs),
    /// Show a client, its roles, and where asked its secret.
    #[command(after_help = "Examples:\n  kxi-auth client get my-service\n  \
        kxi-auth client get my-service --secret-out my-service.secret")]
    Get(GetArgs),
    /// List the clients of the realm.
    #[command(after_help = "Examples:\n  kxi-auth client list\n  kxi-auth client list -o jsonl | jq -r .id")]
    List(ListArgs),
    /// Delete a client and its service account.
    #[command(after_help = "Example:\n  kxi-auth client delete my-service --yes")]
    Delete(DeleteArgs),
    /// Give a client a new secret. The old one is void at once.
    #[command(after_help = "Example:\n  \
        kxi-auth client rotate-secret my-service --secret-out my-service.yaml --secret-format kubernetes")]
    RotateSecret(RotateArgs),
    /// Sign in as a client, to prove that its credential works, and show what its token carries.
    #[command(after_help = "Examples:\n  kxi-auth client token my-service\n  \
        kxi-auth client token my-service --secret-file my-service.secret   # needs no admin")]
    Token(TokenArgs),
    /// The realm roles of a client's service account.
    #[command(subcommand)]
    Roles(ClientRolesCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientRolesCommand {
    /// List the roles that are mapped to the service account.
    #[command(after_help = "Example:\n  kxi-auth client roles list my-service")]
    List(IdArgs),
    /// Add roles; what it has stays.
    #[command(
        after_help = "Examples:\n  kxi-auth client roles assign my-service --roles insights.query.data\n  \
        kxi-auth client roles assign my-service --role 'a,b'   # one role of that name"
    )]
    Assign(RoleNames),
    /// Take roles away.
    #[command(after_help = "Example:\n  kxi-auth client roles revoke my-service --roles insights.query.sql")]
    Revoke(RoleNames),
}

#[derive(Debug, Args)]
pub(crate) struct IdArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) roles: RolesArgs,

    /// Revoke the roles that are not named, but for `default-roles-<realm>`.
    #[arg(long)]
    pub(crate) exact_roles: bool,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,

    /// Make a client of another kind (public, bearer-only, SAML, disabled) a service account.
    #[arg(long)]
    pub(crate) convert: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the clients with their secrets.
    #[arg(long)]
    pub(crate) show_secret: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Sign in with the secret that this file holds, `-` for standard input. Default: the one that the
    /// server stores, which an admin can read.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Print the token itself.
    #[arg(long)]
    pub(crate) show_token: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RoleNames {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) roles: RolesArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// Allow a client that kdb Insights Enterprise or Keycloak itself needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,
}
