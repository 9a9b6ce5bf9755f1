//! The secret to set, from a file or standard input.

use std::path::PathBuf;

use clap::Args;
use kxi_auth_core::SecretString;

use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::secret_file;

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Set the secret from this file, or `-` for standard input. A trailing line break is ignored.
    /// Default: an existing client keeps its secret, a new client gets a random one.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Set the secret from standard input.
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

/// The secret to set, if given.
pub(crate) async fn secret(
    context: &Context<'_>,
    args: &SecretArgs,
) -> Result<Option<SecretString>, Failure> {
    if args.secret_stdin {
        return context.stdin.secret("--secret-stdin").await.map(Some);
    }
    match &args.secret_file {
        Some(path) => secret_file(path, &context.stdin, "--secret-file").await.map(Some),
        None => Ok(None),
    }
}
