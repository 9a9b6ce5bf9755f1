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
    /// The YAML or JSON file that declares the clients, or `-` for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Delete the clients of the file's owner that the file no longer declares.
    #[arg(long)]
    pub(crate) prune: bool,

    /// Allow a file without clients. With --prune it deletes all clients of its owner.
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// Take over clients that belong to another owner.
    #[arg(long)]
    pub(crate) take_over: bool,

    /// Allow changes to built-in clients, which kdb Insights Enterprise or Keycloak needs.
    #[arg(long)]
    pub(crate) allow_builtin: bool,

    /// Allow changes that end the sign-in of the client that this command signs in as, or take away its permissions.
    #[arg(long)]
    pub(crate) allow_self: bool,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,

    /// Convert clients of another kind (public, bearer-only, SAML, disabled) to service accounts. This
    /// also turns off the binding of their tokens to a key or a client certificate.
    #[arg(long)]
    pub(crate) convert: bool,

    /// How many clients to work on at the same time; more than 32 count as 32.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
}

/// Reads and checks the file. Nothing is sent.
pub(crate) async fn read(context: &Context<'_>, args: &FileArgs) -> Result<Located, Failure> {
    let text = if args.file == Path::new("-") {
        context.stdin.read_bytes("--file").await?
    } else {
        read_file_bytes(&args.file, "declaration").await?
    };
    let name = args.file.display().to_string();
    let located = declaration::parse(&name, &text).map_err(|faults| rejected(&name, &faults))?;
    if located.declaration.clients.is_empty() && !args.allow_empty {
        return Err(Failure::usage(format!("{name} declares no clients")).with_hint(
            "if this is intended, add --allow-empty; with --prune, `apply` deletes all clients of the owner",
        ));
    }
    Ok(located)
}

fn rejected(name: &str, faults: &Faults) -> Failure {
    Failure::usage(format!("{name} is not a valid declaration")).with_details(faults.lines())
}
