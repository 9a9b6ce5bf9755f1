//! `client rotate-secret ID`

use clap::Args;
use kxi_auth_core::ClientDetails;

use crate::commands::client::options::{self, AllowArgs, SecretOutArgs};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Keycloak client id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &RotateArgs) -> Result<Report, Failure> {
    let file = options::secret_out(context, &args.out, &args.id, &[])?;
    let manager = context.manager().await?;
    let look_up = manager.get_client(&args.id).details();
    let client = context.during("looking the client up", async { look_up.await }).await?;
    // That the platform needs it comes first, which the core tells.
    if args.allow.allow_builtin || !client.is_builtin() {
        refuse_without_secret(&client)?;
    }
    let rotation = manager.rotate_secret(&client).allow_builtin(args.allow.allow_builtin);
    let client = context.during("rotating the secret", async { rotation.await }).await?;
    Shown::new(&manager, &client, &args.out, file)?.with("rotated", true, "outcome", "new secret")?.report()
}

/// The server makes a secret for any client, and nobody can sign in with that of a public one.
fn refuse_without_secret(client: &ClientDetails) -> Result<(), Failure> {
    let mut reasons = client.obstacles();
    // A disabled client keeps its secret, and can be enabled again.
    reasons.retain(|reason| !reason.starts_with("`enabled`"));
    if reasons.is_empty() {
        return Ok(());
    }
    let message = format!("the client `{}` signs in by no secret: {}", client.id, reasons.join(", "));
    Err(Failure::no_secret(message))
}
