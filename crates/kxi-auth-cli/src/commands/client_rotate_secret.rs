//! `client rotate-secret ID`

use crate::args::RotateArgs;
use crate::commands::inputs;
use crate::commands::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Report;

pub(crate) async fn run(context: &Context<'_>, args: &RotateArgs) -> Result<Report, Failure> {
    let file = inputs::secret_out(context, &args.out, &args.id, &[])?;
    let manager = context.manager().await?;
    let client =
        context.during("looking the client up", async { manager.get_client(&args.id).await }).await?;
    let rotation = manager.rotate_secret(&client).allow_builtin(args.allow.allow_builtin);
    let client = context.during("rotating the secret", async { rotation.await }).await?;
    Shown::new(&manager, &client, &args.out, file)?.with("rotated", true, "outcome", "new secret")?.report()
}
