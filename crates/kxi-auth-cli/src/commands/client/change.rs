//! The inputs of a command that changes a client.

use kxi_auth_core::{ClientArguments, ClientManager, Error, SecretString, generate_secret};

use crate::commands::client::options::{self, ConfigArgs, SecretArgs, SecretOutArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::secrets::{Owner, SecretFile, failed_change};

/// The inputs of a command that changes a client. They are read before anything is sent.
pub(super) struct Change {
    pub(super) arguments: ClientArguments,
    /// The secret that is given, which the arguments contain.
    pub(super) secret: Option<SecretString>,
    /// The file that the client's secret is written to.
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
        let secret = options::secret(context, secret).await?;
        if let Some(secret) = &secret {
            arguments = arguments.secret(secret.clone());
        }
        let file = options::secret_out(context, out, client_id, &inputs)?;
        Ok(Self { arguments, secret, file })
    }
}

/// The secret that the client will get: the given one, or else a random one. It is staged in the file, if there is one,
/// so that no secret becomes live that is nowhere.
pub(super) fn stage(
    context: &Context<'_>,
    manager: &ClientManager,
    client_id: &str,
    given: Option<SecretString>,
    file: Option<&mut SecretFile>,
) -> Result<SecretString, Failure> {
    let secret = given.map_or_else(generate_secret, Ok)?;
    if let Some(file) = file {
        let owner = Owner { host: manager.host(), realm: manager.realm(), client_id };
        file.stage(owner, &secret, context.interrupt.changing())?;
    }
    Ok(secret)
}

/// Carries out a change. After a failure, the error shows what may have changed, and the staged secret is where it
/// belongs.
pub(super) async fn carry_out<T>(
    context: &Context<'_>,
    doing: &str,
    client_id: &str,
    file: &mut Option<SecretFile>,
    change: impl IntoFuture<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let outcome = context.during(doing, change.into_future()).await;
    outcome.map_err(|error| failed_change(error, client_id, file.take()))
}
