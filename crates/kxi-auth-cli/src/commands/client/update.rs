//! `client update ID`

use clap::Args;
use kxi_auth_core::Warning;

use crate::commands::client::change::{Change, carry_out, stage};
use crate::commands::client::options::{AllowArgs, ConfigArgs, SecretArgs, SecretOutArgs};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &UpdateArgs) -> Result<Report, Failure> {
    let Change { arguments, secret, mut file } =
        Change::read(context, &args.id, &args.config, &args.secret, &args.out).await?;
    if arguments.is_empty() {
        return Err(Failure::usage("nothing to change").with_hint(
            "use --token-lifespan, --description, --attribute, --set, --config, --secret-file or --secret-stdin",
        ));
    }
    let manager = context.manager().await?;
    let client =
        context.during("looking up the client", async { manager.get_client(&args.id).await }).await?;
    let update = manager.update_client(&client).arguments(arguments);
    let update = update.allow_builtin(args.allow.allow_builtin).allow_self(args.allow.allow_self);
    if secret.is_some() {
        stage(context, &manager, &client.id, secret, file.as_mut())?;
    }
    let done = carry_out(context, "updating the client", &args.id, &mut file, update).await?;
    let warnings: Vec<String> = done.warnings.iter().map(Warning::to_string).collect();
    let shown = Shown::new(&manager, &done.client, &args.out, file)?.with_data("updated", done.updated)?;
    Ok(shown.with_data("warnings", &warnings)?.report()?.with_warnings(warnings))
}
