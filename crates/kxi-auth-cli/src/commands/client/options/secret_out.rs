//! Where the secret of a client goes: to the output, to a file.

use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::{Delivery, SecretFile, SecretFormat};

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

/// The file that the secret goes to, opened. It must be none of the files that this command reads, of which
/// `inputs` are those that the settings do not name.
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
    Ok(Some(delivery.open(client_id)?))
}
