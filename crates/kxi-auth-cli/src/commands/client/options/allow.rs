//! `--allow-builtin`

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// Allow changes to a built-in client, which kdb Insights Enterprise or Keycloak needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,
}
