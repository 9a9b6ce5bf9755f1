//! `--allow-builtin`

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// Allow a client that kdb Insights Enterprise or Keycloak itself needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,
}
