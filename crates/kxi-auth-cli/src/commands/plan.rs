//! `plan -f FILE`

use crate::apply::{self, Plan};
use crate::cli::PlanArgs;
use crate::context::Context;
use crate::failure::{Failure, exit_code};
use crate::output::Report;

pub(crate) async fn run(context: &Context<'_>, args: &PlanArgs) -> Result<Report, Failure> {
    let located = apply::read(context, &args.file).await?;
    let manager = context.manager().await?;
    let plan = apply::plan(context, &manager, &located, &args.file).await?;
    let exit_code =
        if args.exit_code && !plan.is_unchanged() { exit_code::DIFFERENCES } else { exit_code::OK };
    Ok(report(&plan)?.with_exit_code(exit_code))
}

/// A plan as the result of a command.
pub(super) fn report(plan: &Plan) -> Result<Report, Failure> {
    Ok(Report::with_text(&plan.data(), plan.text())?.with_warnings(plan.warnings()))
}
