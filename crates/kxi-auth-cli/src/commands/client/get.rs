//! `client get ID`

use clap::Args;
use kxi_auth_core::{ClientDetails, Role};

use crate::commands::client::options::{self, SecretOutArgs};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::declaration::OWNER_ATTRIBUTE;
use crate::failure::Failure;
use crate::output::{Cell, Report};

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &GetArgs) -> Result<Report, Failure> {
    let file = options::secret_out(context, &args.out, &args.id, &[])?;
    let manager = context.manager().await?;
    let (client, roles) = context
        .during("looking up the client", async {
            let client = manager.get_client(&args.id).details().await?;
            let service_account = client.is_service_account();
            let roles = if service_account { manager.client_roles(&client).await? } else { Vec::new() };
            Ok::<_, Failure>((client, roles))
        })
        .await?;
    let roles: Vec<String> = roles.into_iter().map(|Role { name, .. }| name).collect();
    let shown = describe(Shown::new(&manager, &client.client, &args.out, file)?, &client)?;
    shown.with("roles", &roles, "roles", Cell::lines(&roles))?.report()
}

fn describe<'a>(shown: Shown<'a>, client: &ClientDetails) -> Result<Shown<'a>, Failure> {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let lifespan = client.token_lifespan();
    let lifespan_text = lifespan.map_or_else(|| "the realm's".to_owned(), |seconds| format!("{seconds} s"));
    let (enabled, service_account) = (client.is_enabled(), client.is_service_account());
    let (description, owner) = (client.description(), client.attribute(OWNER_ATTRIBUTE));
    shown
        .with("enabled", enabled, "enabled", yes(enabled))?
        .with("service_account", service_account, "service account", yes(service_account))?
        .with("description", description, "description", Cell::prose(description.unwrap_or("-")))?
        .with("token_lifespan", lifespan, "token lifespan", lifespan_text)?
        .with("owner", owner, "owner", owner.unwrap_or("-"))
}
