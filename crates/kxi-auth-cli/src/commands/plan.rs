//! `plan -f FILE`

use clap::Args;

use crate::apply::{self, FileArgs, Plan};
use crate::context::Context;
use crate::failure::{Failure, exit_code};
use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) file: FileArgs,

    /// Exit with code 8 if anything differs, or 0 if nothing does.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

pub(crate) async fn run(context: &Context<'_>, args: &PlanArgs) -> Result<Report, Failure> {
    let located = apply::read(context, &args.file).await?;
    let manager = context.manager().await?;
    let plan = apply::plan(context, &manager, &located, &args.file).await?;
    let exit_code =
        if args.exit_code && !plan.is_unchanged() { exit_code::DIFFERENCES } else { exit_code::OK };
    Ok(report(&plan)?.with_exit_code(exit_code))
}

/// A report of a plan.
pub(super) fn report(plan: &Plan) -> Result<Report, Failure> {
    Ok(Report::with_text(&plan.data(), plan.text())?.with_warnings(plan.warnings()))
}
