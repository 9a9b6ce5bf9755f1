//! Whether a failed run said the truth: its exit code and kind fit what befell it, and what it says was done, or was
//! not, is so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::seeded::facts::Facts;
use crate::seeded::sent::{Sent, are_covered};
use crate::seeded::{report, steps};

/// The kinds of error that a fault of the network or a gateway can be, with their exit codes.
const CODES: [(&str, i32); 8] = [
    ("unreachable", 7),
    ("timeout", 7),
    ("server_failed", 7),
    ("keycloak_not_found", 7),
    ("not_keycloak", 7),
    ("not_started", 7),
    ("unexpected_answer", 7),
    ("unauthorized", 3),
];

/// The kinds that follow from another error of an `apply`.
const FOLLOWING: [&str; 2] = ["not_started", "skipped"];

/// What no fault of the network says anything about.
const NEVER: [&str; 7] = [
    "does not exist",
    "permission denied",
    "unknown role",
    "conflict over",
    "cannot sign in as",
    "not a service account",
    "is stored with a fault",
];

/// What a failed run said that is not so.
pub(super) fn untrue(facts: &Facts) -> Vec<String> {
    let Some(error) = facts.ended.error() else {
        return vec!["it failed without an error on standard error".to_owned()];
    };
    let mut violations = Vec::new();
    if facts.judges_retries && are_covered(facts.requests, facts.scenario.is_one_at_a_time()) {
        violations
            .push(format!("it failed, although the retries cover what befell it: {}", error["message"]));
    }
    let outcomes = facts.ended.outcomes();
    if facts.scenario.is_apply() && !outcomes.is_empty() {
        violations.extend(report::untrue(facts, &outcomes));
        violations.extend(false_words(&error));
        let expected = report::code(&outcomes);
        if facts.ended.code != expected {
            let code = facts.ended.code;
            violations.push(format!("the exit code is {code:?}, and its outcomes make it {expected:?}"));
        }
        return violations;
    }
    violations.extend(unfit(facts, &error));
    if facts.ended.code != code(&error) {
        violations.push(format!("the exit code {:?} does not fit the error: {error}", facts.ended.code));
    }
    // An `apply` without a report failed before its first write.
    violations.extend(facts.scenario.wanted.keys().flat_map(|id| of_error(facts, id, &error)));
    violations
}

/// The exit code that belongs to an error.
pub(super) fn code(error: &Value) -> Option<i32> {
    let (kind, message) = (text(error, "kind"), text(error, "message"));
    match kind {
        "incomplete" => steps::code(message),
        "skipped" => Some(1),
        kind => CODES.iter().find(|(known, _)| *known == kind).map(|(_, code)| *code),
    }
}

/// Whether the kind and the words of an error are those of a fault that befell the run.
pub(super) fn unfit(facts: &Facts, error: &Value) -> Vec<String> {
    let (kind, message) = (text(error, "kind"), text(error, "message"));
    let mut violations = false_words(error);
    let possible: BTreeSet<&str> = facts.requests.iter().flat_map(Sent::errors).collect();
    let follows = facts.scenario.is_apply() && FOLLOWING.contains(&kind);
    if kind == "incomplete" {
        if code(error).is_none_or(|code| !CODES.iter().any(|(k, c)| possible.contains(k) && *c == code)) {
            violations.push(format!("no fault that befell it is such a cause: {message}"));
        }
    } else if !follows && !possible.contains(kind) {
        violations.push(format!("no fault that befell it is an error of the kind {kind}: {message}"));
    }
    violations
}

fn false_words(error: &Value) -> Vec<String> {
    let message = text(error, "message");
    let false_words = NEVER.iter().filter(|words| message.contains(**words));
    false_words.map(|words| format!("a fault is said to be `{words}`: {message}")).collect()
}

/// Whether what an error says of a client is so.
pub(super) fn of_error(facts: &Facts, id: &str, error: &Value) -> Vec<String> {
    // The error of a command for one client says nothing of another.
    let is_named = text(error, "message").contains(&format!("`{id}`"));
    if error["kind"] == "incomplete" && (facts.scenario.is_apply() || is_named) {
        return steps::untrue(facts, id, text(error, "message"));
    }
    unchanged(facts, id)
}

/// In what a client differs from before the run, although the run says of no step that it was done, or may have been.
pub(super) fn unchanged(facts: &Facts, id: &str) -> Vec<String> {
    let changed = facts.before.get(id) != facts.after.get(id);
    changed.then(|| format!("`{id}` was changed, and the run does not say so")).into_iter().collect()
}

fn text<'a>(error: &'a Value, name: &str) -> &'a str {
    error[name].as_str().unwrap_or_default()
}
