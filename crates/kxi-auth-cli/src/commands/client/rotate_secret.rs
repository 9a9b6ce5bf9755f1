//! `client rotate-secret ID`

use clap::Args;
use kxi_auth_core::ClientDetails;

use crate::commands::client::change::{carry_out, stage};
use crate::commands::client::options::{self, AllowArgs, SecretOutArgs};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

pub(crate) async fn run(context: &Context<'_>, args: &RotateArgs) -> Result<Report, Failure> {
    let mut file = options::secret_out(context, &args.out, &args.id, &[])?;
    let manager = context.manager().await?;
    let look_up = manager.get_client(&args.id).details();
    let client = context.during("looking up the client", async { look_up.await }).await?;
    // For a built-in client, the core's own error comes first.
    if args.allow.allow_builtin || !client.is_builtin() {
        reject_without_secret(&client)?;
    }
    let secret = stage(context, &manager, &client.id, None, file.as_mut())?;
    let rotation = manager.rotate_secret(&client).secret(secret);
    let rotation = rotation.allow_builtin(args.allow.allow_builtin).allow_self(args.allow.allow_self);
    let client = carry_out(context, "rotating the secret", &args.id, &mut file, rotation).await?;
    Shown::new(&manager, &client, &args.out, file)?.with("rotated", true, "outcome", "new secret")?.report()
}

/// Rejects a client that cannot sign in with a secret. The server stores a secret for any client, even for one
/// that cannot use it. One whose tokens are bound to a key or a certificate signs in with its secret and a proof.
fn reject_without_secret(client: &ClientDetails) -> Result<(), Failure> {
    // A disabled client keeps its secret, and can be enabled again.
    let mut reasons = client.other_obstacles();
    reasons.retain(|reason| !reason.starts_with("`attributes."));
    if reasons.is_empty() {
        return Ok(());
    }
    let message = format!("client `{}` cannot sign in with a secret: {}", client.id, reasons.join(", "));
    Err(Failure::no_secret(message))
}
