//! Arguments that several commands take: roles, configuration, secrets in and out.

use std::path::PathBuf;

use clap::Args;

use crate::secrets::SecretFormat;

#[derive(Debug, Args)]
pub(crate) struct RolesArgs {
    /// Realm roles: `all`, `none`, or names separated by commas.
    #[arg(long, value_name = "all|none|A,B")]
    pub(crate) roles: Option<String>,

    /// One realm role by its literal name, which may be `all` or hold a comma. Repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// How long the client's access tokens live. Default: as the realm says.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) token_lifespan: Option<i64>,

    /// What the client is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// An attribute of the client; an empty value removes it. Repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,

    /// A field of Keycloak's `ClientRepresentation`, its value in JSON. Repeatable.
    #[arg(long = "set", value_name = "FIELD=JSON")]
    pub(crate) fields: Vec<String>,

    /// A YAML or JSON file with fields of Keycloak's `ClientRepresentation`, `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Set the secret that this file holds, `-` for standard input; a line end at its end is not part of
    /// it. Default: an existing client keeps its secret, a new one gets a random one.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Set the secret that standard input holds.
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SecretOutArgs {
    /// Print the secret instead of a mask.
    #[arg(long)]
    pub(crate) show_secret: bool,

    /// Write the secret to this file, readable by you alone. It is opened before anything is sent.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_out: Option<PathBuf>,

    /// What the file holds.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", requires = "secret_out")]
    pub(crate) secret_format: SecretFormat,

    /// Name of the Kubernetes Secret. Default: the client id.
    #[arg(long, value_name = "NAME", requires = "secret_out")]
    pub(crate) secret_name: Option<String>,

    /// Namespace of the Kubernetes Secret. Default: none, so that it goes to the current one.
    #[arg(long, value_name = "NAME", requires = "secret_out")]
    pub(crate) secret_namespace: Option<String>,
}
