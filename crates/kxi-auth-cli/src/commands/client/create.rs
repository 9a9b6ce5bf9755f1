//! `client create ID`

use clap::Args;
use kxi_auth_core::Warning;

use crate::commands::client::change::{Change, carry_out, stage};
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
    let Change { arguments, secret, mut file } =
        Change::read(context, &args.id, &args.config, &args.secret, &args.out).await?;
    let manager = context.manager().await?;
    let secret = stage(context, &manager, &args.id, secret, file.as_mut())?;
    let registration = manager.register_new_client(&args.id).arguments(arguments.secret(secret));
    let done = carry_out(context, "creating the client", &args.id, &mut file, registration).await?;
    let warnings: Vec<String> = done.warnings.iter().map(Warning::to_string).collect();
    let shown = Shown::new(&manager, &done.client, &args.out, file)?;
    let shown = shown.with("created", true, "outcome", "created")?.with_data("warnings", &warnings)?;
    Ok(shown.report()?.with_warnings(warnings))
}
