//! Options for showing a client's secret and for writing it to a file.

use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::{Delivery, Folders, SecretFile, SecretFormat};

#[derive(Debug, Args)]
pub(crate) struct SecretOutArgs {
    /// Show the secret instead of a mask.
    #[arg(long)]
    pub(crate) show_secret: bool,

    /// Write the secret to this file, readable only by you. A new secret is stored beside it before it becomes live.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_out: Option<PathBuf>,

    /// Format of the secret file.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", requires = "secret_out")]
    pub(crate) secret_format: SecretFormat,

    /// Name of the Kubernetes Secret. Default: the client ID.
    #[arg(long, value_name = "NAME", requires = "secret_out")]
    pub(crate) secret_name: Option<String>,

    /// Namespace of the Kubernetes Secret. Default: not set, so `kubectl` uses the current one.
    #[arg(long, value_name = "NAME", requires = "secret_out")]
    pub(crate) secret_namespace: Option<String>,
}

/// The file that the secret is written to, after a proof that it can be written. It must not be a file that this command reads: one of
/// `inputs` or a file named by the settings.
pub(crate) fn secret_out(
    context: &Context<'_>,
    args: &SecretOutArgs,
    client_id: &str,
    inputs: &[Option<&PathBuf>],
) -> Result<Option<SecretFile>, Failure> {
    let Some(path) = &args.secret_out else { return Ok(None) };
    let mut kept = context.settings()?.input_files();
    inputs.iter().flatten().for_each(|input| kept.add(input));
    kept.reject(path)?;
    let delivery = Delivery {
        path: path.clone(),
        format: args.secret_format,
        name: args.secret_name.clone(),
        namespace: args.secret_namespace.clone(),
    };
    Ok(Some(delivery.open(client_id, &mut Folders::default())?))
}
