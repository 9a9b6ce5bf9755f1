//! `client create ID`

use clap::Args;

use crate::commands::client::change::Change;
use crate::commands::client::options::{ConfigArgs, SecretArgs, SecretOutArgs};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &CreateArgs) -> Result<Report, Failure> {
    let change = Change::read(context, &args.id, &args.config, &args.secret, &args.out).await?;
    let Change { config, secret, file } = change;
    let manager = context.manager().await?;
    let mut registration = manager.register_new_client(&args.id).config(config);
    if let Some(secret) = secret {
        registration = registration.secret(secret);
    }
    if let Some(seconds) = args.config.token_lifespan {
        registration = registration.token_lifespan(seconds);
    }
    let client = context.during("creating the client", async { registration.await }).await?;
    Shown::new(&manager, &client, &args.out, file)?.with("created", true, "outcome", "created")?.report()
}
