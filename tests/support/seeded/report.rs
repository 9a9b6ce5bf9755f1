//! What `apply` reports: each client of the declaration once, with what was done about it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::seeded::claims::{code as code_of, of_error, unchanged, unfit};
use crate::seeded::facts::Facts;
use crate::seeded::likeness::unlike;
use crate::seeded::stored::with_default;
use crate::seeded::wanted::{Roles, Wanted};

/// What the outcomes of a run say that is not so, and what they leave out.
pub(super) fn untrue(facts: &Facts, outcomes: &[Value]) -> Vec<String> {
    let mut violations = Vec::new();
    for (id, wanted) in &facts.scenario.wanted {
        let of_one: Vec<&Value> = outcomes.iter().filter(|outcome| outcome["id"] == **id).collect();
        match (of_one.as_slice(), wanted) {
            ([], Wanted::Untouched) => {}
            ([], _) => {
                violations.push(format!("`{id}` is not in the report"));
                violations.extend(unchanged(facts, id));
            }
            ([outcome], Wanted::Gone | Wanted::There(_)) => violations.extend(of_outcome(facts, id, outcome)),
            (of_one, _) => violations.push(format!("`{id}` is in the report {} times", of_one.len())),
        }
    }
    let ids = outcomes.iter().map(|outcome| outcome["id"].as_str().unwrap_or_default());
    let strangers = ids.filter(|id| !facts.scenario.wanted.contains_key(*id));
    violations.extend(strangers.map(|id| format!("`{id}` is in the report, and not in the declaration")));
    violations
}

/// The exit code that belongs to the outcomes of a failed run: that of the failed clients if they have the same one.
/// What was not deleted because of them does not count.
pub(super) fn code(outcomes: &[Value]) -> Option<i32> {
    let failed = || outcomes.iter().filter(|outcome| outcome["ok"] != true);
    let is_other = |outcome: &&Value| outcome["action"] != "delete";
    let codes: BTreeSet<Option<i32>> = if failed().any(|outcome| is_other(&outcome)) {
        failed().filter(is_other).map(|outcome| code_of(&outcome["error"])).collect()
    } else {
        failed().map(|outcome| code_of(&outcome["error"])).collect()
    };
    match codes.len() {
        1 => codes.into_iter().next().flatten(),
        _ => Some(1),
    }
}

/// What a run says of one client.
fn of_outcome(facts: &Facts, id: &str, outcome: &Value) -> Vec<String> {
    if outcome["ok"] == true {
        let mut violations: Vec<String> =
            unlike(facts, id).into_iter().map(|how| format!("said to be done, but {how}")).collect();
        violations.extend(of_success(facts, id, outcome));
        return violations;
    }
    let error = &outcome["error"];
    let mut violations = unfit(facts, error);
    violations.extend(of_error(facts, id, error));
    violations
}

/// Whether the action, the roles and the file of a client that is as declared are what was done.
fn of_success(facts: &Facts, id: &str, outcome: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    let (before, after) = (facts.first(id), facts.now(id));
    let file = match facts.scenario.wanted.get(id) {
        Some(Wanted::There(there)) => there.file.as_ref(),
        _ => None,
    };
    let written = file.is_some_and(|file| facts.content(&file.name) != facts.scenario.inputs.get(&file.name));
    let expected: &[&str] = match (before, after) {
        (_, None) => &["delete", "gone"],
        (None, Some(_)) => &["create"],
        (Some(before), Some(after)) if before != after => &["update"],
        _ if written => &["deliver"],
        _ => &["unchanged"],
    };
    let action = outcome["action"].as_str().unwrap_or_default();
    if !expected.contains(&action) {
        violations.push(format!("`{id}` is reported as {action}, and was {expected:?}"));
    }
    if let Some(after) = after {
        let none = || with_default(&Roles::new());
        let old = before.and_then(|before| before.roles.clone()).unwrap_or_else(none);
        let new = after.roles.clone().unwrap_or_else(none);
        violations.extend(unlike_roles(id, &outcome["roles_added"], &(&new - &old)));
        violations.extend(unlike_roles(id, &outcome["roles_revoked"], &(&old - &new)));
    }
    if outcome["secret_file"].is_string() != written {
        violations.push(format!("`{id}`: the report is wrong about its secret file"));
    }
    violations
}

/// Whether the names of roles are these.
pub(super) fn unlike_roles(id: &str, said: &Value, expected: &Roles) -> Option<String> {
    let names = said.as_array().into_iter().flatten();
    let names: Roles = names.filter_map(Value::as_str).map(str::to_owned).collect();
    (names != *expected).then(|| format!("`{id}`: the roles are said to be {names:?}, and are {expected:?}"))
}
