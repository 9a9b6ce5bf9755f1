//! The declaration, from its file or standard input.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::context::Context;
use crate::declaration::{self, Faults, Located};
use crate::failure::Failure;
use crate::secrets::read_file_bytes;

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

/// Reads and checks the file; nothing is sent.
pub(crate) async fn read(context: &Context<'_>, args: &FileArgs) -> Result<Located, Failure> {
    let text = if args.file == Path::new("-") {
        context.stdin.read_bytes("--file").await?
    } else {
        read_file_bytes(&args.file, "declaration").await?
    };
    let name = args.file.display().to_string();
    let located = declaration::parse(&name, &text).map_err(|faults| refused(&name, &faults))?;
    if located.declaration.clients.is_empty() && !args.allow_empty {
        return Err(Failure::usage(format!("{name} declares no client"))
            .with_hint("--allow-empty allows it; with --prune it deletes all clients of its owner"));
    }
    Ok(located)
}

fn refused(name: &str, faults: &Faults) -> Failure {
    Failure::usage(format!("{name} cannot be used")).with_details(faults.lines())
}
