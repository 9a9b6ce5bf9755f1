//! `plan`, `apply`, `export`

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(crate) struct FileArgs {
    /// The YAML or JSON file that declares the clients, `-` for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Delete the clients of the file's owner that it no longer declares.
    #[arg(long)]
    pub(crate) prune: bool,

    /// Allow a file without clients, which with --prune deletes all of its owner's.
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// Take over clients that another owner's file declares.
    #[arg(long)]
    pub(crate) take_over: bool,

    /// Allow clients that kdb Insights Enterprise or Keycloak itself needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,

    /// Make clients of another kind (public, bearer-only, SAML, disabled) service accounts.
    #[arg(long)]
    pub(crate) convert: bool,

    /// How many clients to work on at once.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) file: FileArgs,

    /// End with 8 if anything differs, 0 if nothing does.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) file: FileArgs,

    /// Show the plan and stop there.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do not ask before clients are deleted.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The owner that the file names. Clients of another owner are left out. Default: the one that the
    /// realm's clients have, or the realm's name if they have none or several.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,

    /// Leave out clients that have no owner yet, too.
    #[arg(long)]
    pub(crate) owned_only: bool,
}
