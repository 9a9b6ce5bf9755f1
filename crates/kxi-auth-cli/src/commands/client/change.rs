//! The inputs of a command that changes a client.

use kxi_auth_core::ClientArguments;

use crate::commands::client::options::{self, ConfigArgs, SecretArgs, SecretOutArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::SecretFile;

/// The inputs of a command that changes a client. They are read before anything is sent.
pub(super) struct Change {
    pub(super) arguments: ClientArguments,
    /// The open file that the client's secret is written to.
    pub(super) file: Option<SecretFile>,
}

impl Change {
    pub(super) async fn read(
        context: &Context<'_>,
        client_id: &str,
        config: &ConfigArgs,
        secret: &SecretArgs,
        out: &SecretOutArgs,
    ) -> Result<Self, Failure> {
        let inputs = [secret.secret_file.as_ref(), config.config.as_ref()];
        let mut arguments = ClientArguments::new().config(options::config(context, config).await?);
        if let Some(seconds) = config.token_lifespan {
            arguments = arguments.token_lifespan(seconds);
        }
        if let Some(secret) = options::secret(context, secret).await? {
            arguments = arguments.secret(secret);
        }
        let file = options::secret_out(context, out, client_id, &inputs)?;
        Ok(Self { arguments, file })
    }
}
