//! `--allow-builtin` and `--allow-self`

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// Allow changes to a built-in client, which kdb Insights Enterprise or Keycloak needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,

    /// Allow changes that end the sign-in of the client that this command signs in as, or take away its permissions.
    #[arg(long)]
    pub(crate) allow_self: bool,
}
