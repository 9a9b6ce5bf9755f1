//! `client get ID`

use clap::Args;
use kxi_auth_core::{ClientDetails, RoleNames, ServiceAccount};

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

    /// Show every role that the client has too: also those of its groups, and those that composite roles include.
    #[arg(long)]
    pub(crate) effective: bool,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &GetArgs) -> Result<Report, Failure> {
    let file = options::secret_out(context, &args.out, &args.id, &[])?;
    let manager = context.manager().await?;
    let (client, account, effective) = context
        .during("looking up the client", async {
            let client = manager.get_client(&args.id).details().await?;
            let service_account = client.is_service_account();
            let account = if service_account {
                manager.service_account(&client).await?
            } else {
                ServiceAccount::default()
            };
            let effective = if args.effective && service_account {
                manager.effective_roles(&client).await?
            } else {
                Vec::new()
            };
            Ok::<_, Failure>((client, account, effective))
        })
        .await?;
    let lines = |roles: &RoleNames| Cell::lines(&roles.shown().collect::<Vec<_>>());
    let roles = RoleNames::from_iter(account.roles);
    let shown = describe(Shown::new(&manager, &client.client, &args.out, file)?, &client)?;
    let mut shown = shown
        .with("roles", &roles.realm, "roles", lines(&roles))?
        .with_data("client_roles", &roles.clients)?
        .with("groups", &account.groups, "groups", Cell::lines(&account.groups))?;
    if args.effective {
        let effective = RoleNames::from_iter(effective);
        shown = shown
            .with("effective_roles", &effective.realm, "effective roles", lines(&effective))?
            .with_data("effective_client_roles", &effective.clients)?;
    }
    shown.report()
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
