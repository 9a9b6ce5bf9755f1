//! `apply -f FILE`

use std::collections::BTreeSet;

use clap::Args;

use crate::apply::{self, Action, ClientResult, FileArgs, Plan};
use crate::commands::plan;
use crate::context::Context;
use crate::failure::{Failure, exit_code};
use crate::output::{Report, Table};

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) file: FileArgs,

    /// Show the plan without applying it.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do not ask for confirmation before clients are deleted.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// How many clients the confirmation prompt names.
const NAMED: usize = 10;

pub(crate) async fn run(context: &Context<'_>, args: &ApplyArgs) -> Result<Report, Failure> {
    let located = apply::read(context, &args.file).await?;
    if !args.dry_run {
        apply::check_places(&located, &context.settings()?.input_files())?;
    }
    let manager = context.manager().await?;
    let plan = apply::plan(context, &manager, &located, &args.file).await?;
    if args.dry_run {
        return plan::report(&plan);
    }
    context.printer.announce("plan", &plan.data(), || plan.text().trim_end().to_owned());
    if !plan.prune.is_empty() {
        context.confirm(args.yes, &question(&plan), "deleting clients").await?;
    }
    let mut warnings = plan.warnings();
    let concurrency = usize::from(args.file.concurrency);
    let outcomes = apply::carry_out(context, &manager, &located, plan, concurrency).await?;
    // A registration repeats the warnings of its plan.
    let more = outcomes.iter().flat_map(|outcome| &outcome.warnings);
    let more: Vec<String> = more.filter(|warning| !warnings.contains(warning)).cloned().collect();
    warnings.extend(more);
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
        "Delete {} of owner {} from realm {}: {}{more}?",
        if plan.prune.len() == 1 { "1 client".to_owned() } else { format!("{} clients", plan.prune.len()) },
        plan.owner,
        plan.realm,
        named.join(", ")
    )
}

fn table(outcomes: &[ClientResult]) -> Table {
    let rows = outcomes.iter().map(|outcome| {
        let what = match (outcome.ok, outcome.action) {
            (false, _) if is_not_started(outcome) => "not started",
            (false, _) => "failed",
            (true, Action::Create) => "created",
            (true, Action::Update) => "updated",
            (true, Action::Deliver) => "secret file written",
            (true, Action::Unchanged) => "unchanged",
            (true, Action::Delete) => "deleted",
            (true, Action::Gone) => "already gone",
        };
        [outcome.id.as_str().into(), what.into(), detail(outcome).into()]
    });
    Table::rows(["client", "outcome", "detail"], rows)
}

/// Whether an interrupt came before the work on this client, or the server was away before it.
fn is_not_started(outcome: &ClientResult) -> bool {
    outcome
        .error
        .as_ref()
        .is_some_and(|failure| failure.exit_code() == exit_code::INTERRUPTED || failure.is_not_started())
}

fn detail(outcome: &ClientResult) -> String {
    if let Some(failure) = &outcome.error {
        return failure.message().to_owned();
    }
    let counted = |count: usize, thing: &str, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {thing} {what}")),
        count => Some(format!("{count} {thing}s {what}")),
    };
    let parts = [
        counted(outcome.roles_added.len(), "role", "added"),
        counted(outcome.roles_revoked.len(), "role", "revoked"),
        counted(outcome.groups_joined.len(), "group", "joined"),
        counted(outcome.groups_left.len(), "group", "left"),
        outcome.secret_file.as_ref().map(|file| format!("secret in {file}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The failure that summarizes all failed clients. It has their exit code if they all have the same one.
fn failure(outcomes: &[ClientResult]) -> Option<Failure> {
    let failed = |outcome: &&ClientResult| outcome.error.is_some();
    let mut failed: Vec<&ClientResult> = outcomes.iter().filter(failed).collect();
    let all = failed.len();
    // If a registration failed, the deletions were skipped because of it and add no reason of their own.
    if failed.iter().any(|outcome| outcome.action != Action::Delete) {
        failed.retain(|outcome| outcome.action != Action::Delete);
    }
    let codes: BTreeSet<u8> =
        failed.iter().filter_map(|outcome| outcome.error.as_ref()).map(Failure::exit_code).collect();
    let total = outcomes.len();
    let untried = failed.iter().filter_map(|outcome| outcome.error.as_ref());
    let untried = untried.filter(|failure| failure.is_not_started()).count();
    let untried = match untried {
        0 => String::new(),
        untried => format!("; {untried} were not tried, because the server is away"),
    };
    let message = format!("{all} of {total} clients do not match the declaration{untried}");
    let failure = match (codes.first(), codes.len()) {
        (None, _) => return None,
        _ if codes.contains(&exit_code::INTERRUPTED) => {
            Failure::interrupted(format!("interrupted: {message}"))
        }
        (Some(code), 1) => Failure::new("incomplete", *code, message),
        _ => Failure::new("incomplete", exit_code::ERROR, message),
    };
    let hint = Failure::remedies(failed.iter().filter_map(|outcome| outcome.error.as_ref()));
    Some(failure.with_details(reasons(&failed)).with_hint_if(hint))
}

/// Why clients failed. A reason that several clients share is listed once.
fn reasons(failed: &[&ClientResult]) -> Vec<String> {
    let mut reasons: Vec<(&str, &str, usize)> = Vec::new();
    for outcome in failed {
        let Some(failure) = &outcome.error else { continue };
        match reasons.iter_mut().find(|(_, message, _)| *message == failure.message()) {
            Some((_, _, count)) => *count += 1,
            None => reasons.push((&outcome.id, failure.message(), 1)),
        }
    }
    let line = |(id, message, count): (&str, &str, usize)| match count {
        1 => format!("{id}: {message}"),
        count => format!("{id} and {} more: {message}", count - 1),
    };
    reasons.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use kxi_auth_core::RoleNames;

    use super::*;

    fn failed(action: Action, failure: Failure) -> ClientResult {
        ClientResult {
            id: "feed-writer".to_owned(),
            action,
            ok: false,
            roles_added: RoleNames::default(),
            roles_revoked: RoleNames::default(),
            groups_joined: Vec::new(),
            groups_left: Vec::new(),
            secret_file: None,
            warnings: Vec::new(),
            error: Some(failure),
        }
    }

    #[test]
    fn clients_that_were_not_tried_are_counted() {
        let untried = || failed(Action::Create, Failure::new("not_started", exit_code::UNAVAILABLE, "away"));
        let tried = failed(Action::Create, Failure::new("unreachable", exit_code::UNAVAILABLE, "refused"));
        let outcomes = [tried, untried(), untried()];
        let failure = failure(&outcomes).unwrap();
        assert_eq!(failure.exit_code(), exit_code::UNAVAILABLE);
        let said =
            "3 of 3 clients do not match the declaration; 2 were not tried, because the server is away";
        assert_eq!(failure.message(), said);
        assert!(is_not_started(&outcomes[1]) && !is_not_started(&outcomes[0]));
    }

    #[test]
    fn to_run_it_again_is_advised_only_where_that_can_help() {
        let rejected = || Failure::new("rejected", exit_code::ERROR, "400");
        let forbidden = || Failure::new("forbidden", exit_code::FORBIDDEN, "403").with_hint("get the role");
        let away = || {
            Failure::new("unreachable", exit_code::UNAVAILABLE, "away").with_hint("check it").temporary(true)
        };
        let skipped = || failed(Action::Delete, Failure::new("skipped", exit_code::ERROR, "not deleted"));
        let hint = |failures: Vec<Failure>| {
            let mut outcomes: Vec<_> = failures.into_iter().map(|one| failed(Action::Update, one)).collect();
            outcomes.push(skipped());
            failure(&outcomes).unwrap().hint().map(ToOwned::to_owned)
        };
        let again = "run the same command again; completed changes are kept";
        assert_eq!(hint(vec![rejected()]), None);
        assert_eq!(hint(vec![rejected(), forbidden(), forbidden()]).unwrap(), "get the role");
        assert_eq!(hint(vec![rejected(), away(), away()]).unwrap(), again);
        assert_eq!(hint(vec![forbidden(), away()]).unwrap(), format!("get the role; {again}"));
        assert_eq!(hint(vec![Failure::interrupted("stopped")]).unwrap(), again);
    }

    #[test]
    fn one_role_is_no_plural() {
        let roles = |count: usize| {
            let mut roles = RoleNames::default();
            roles.realm = vec!["insights.role.viewer".to_owned(); count];
            roles
        };
        let text = |added, revoked, file: Option<&str>| {
            detail(&ClientResult {
                id: "feed-writer".to_owned(),
                action: Action::Update,
                ok: true,
                roles_added: roles(added),
                roles_revoked: roles(revoked),
                groups_joined: vec!["/feeds".to_owned()],
                groups_left: Vec::new(),
                secret_file: file.map(str::to_owned),
                warnings: Vec::new(),
                error: None,
            })
        };
        assert_eq!(text(0, 0, None), "1 group joined");
        assert_eq!(
            text(1, 0, Some("feed-writer.env")),
            "1 role added, 1 group joined, secret in feed-writer.env"
        );
        assert_eq!(text(2, 1, None), "2 roles added, 1 role revoked, 1 group joined");
    }
}
