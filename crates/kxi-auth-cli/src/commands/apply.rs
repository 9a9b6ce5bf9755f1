//! `apply -f FILE`

use crate::args::ApplyArgs;
use crate::commands::plan;
use crate::context::Context;
use crate::exit_code;
use crate::failure::Failure;
use crate::output::{Report, Table};
use crate::reconcile::{self, Action, Outcome, Plan};

/// How many clients a question names.
const NAMED: usize = 10;

pub(crate) async fn run(context: &Context<'_>, args: &ApplyArgs) -> Result<Report, Failure> {
    let located = reconcile::read(context, &args.file)?;
    let manager = context.manager()?;
    let plan = reconcile::plan(context, &manager, &located, &args.file).await?;
    if args.dry_run {
        return plan::report(&plan);
    }
    context.printer.note(plan.text().trim_end());
    if !plan.prune.is_empty() {
        context.confirm(args.yes, &question(&plan), "deleting clients").await?;
    }
    let warnings = plan.warnings();
    let concurrency = args.file.concurrency;
    let outcomes = reconcile::carry_out(context, &manager, &located, plan, concurrency).await?;
    let report = Report::new(&outcomes, table(&outcomes))?.with_warnings(warnings);
    Ok(match failure(&outcomes) {
        Some(failure) => report.with_failure(failure),
        None => report,
    })
}

fn question(plan: &Plan) -> String {
    let named: Vec<&str> = plan.prune.iter().take(NAMED).map(|client| client.id.as_str()).collect();
    let more = plan.prune.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "Delete {} of {} from the realm {}: {}{more}?",
        if plan.prune.len() == 1 { "1 client".to_owned() } else { format!("{} clients", plan.prune.len()) },
        plan.owner,
        plan.realm,
        named.join(", ")
    )
}

fn table(outcomes: &[Outcome]) -> Table {
    let rows = outcomes.iter().map(|outcome| {
        let what = match (outcome.ok, outcome.action) {
            (false, _) => "failed",
            (true, Action::Create) => "created",
            (true, Action::Update) => "updated",
            (true, Action::Deliver) => "secret file written",
            (true, Action::Unchanged) => "unchanged",
            (true, Action::Delete) => "deleted",
        };
        [outcome.id.as_str().into(), what.into(), detail(outcome).into()]
    });
    Table::rows(["client", "outcome", "detail"], rows)
}

fn detail(outcome: &Outcome) -> String {
    if let Some(failure) = &outcome.error {
        return failure.message().to_owned();
    }
    let roles =
        |what: &str, roles: &[String]| (!roles.is_empty()).then(|| format!("{} roles {what}", roles.len()));
    let parts = [
        roles("added", &outcome.roles_added),
        roles("revoked", &outcome.roles_revoked),
        outcome.secret_file.as_ref().map(|file| format!("secret in {file}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// That some failed, under their exit code if they all have the same.
fn failure(outcomes: &[Outcome]) -> Option<Failure> {
    let failures: Vec<&Failure> = outcomes.iter().filter_map(|outcome| outcome.error.as_ref()).collect();
    let first = failures.first()?;
    let alike = failures.iter().all(|failure| failure.exit_code() == first.exit_code());
    let code = if alike { first.exit_code() } else { exit_code::ERROR };
    let message = format!("{} of {} clients are not as declared", failures.len(), outcomes.len());
    Some(
        Failure::new("incomplete", code, message)
            .with_hint("run the same command again: what is done stays done"),
    )
}
