//! Whether a failed run said the truth: its exit code and kind fit what befell it, and what it says was done, or was
//! not, is so.

use serde_json::Value;

use crate::seeded::facts::Facts;
use crate::seeded::mischief::Kind;
use crate::seeded::stored::Stored;
use crate::seeded::verdict::unlike;
use crate::seeded::wanted::{Roles, Wanted};

/// The kinds of error that a fault of the network or a gateway can be, with their exit codes.
const KINDS: [(&str, &[i32]); 10] = [
    ("unreachable", &[7]),
    ("timeout", &[7]),
    ("server_failed", &[7]),
    ("keycloak_not_found", &[7]),
    ("not_keycloak", &[7]),
    ("not_started", &[7]),
    ("unexpected_answer", &[1]),
    ("unauthorized", &[3]),
    // A prune after a failure.
    ("skipped", &[1]),
    // The code is that of the cause.
    ("incomplete", &[1, 3, 7]),
];

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
    let mut violations = unfit(facts, &error, facts.ended.code);
    let slow = facts.ended.all().contains("no response within");
    if facts.fired.is_empty() && !slow {
        violations.push("it failed although nothing befell it".to_owned());
    }
    if facts.scenario.is_apply() {
        violations.extend(facts.ended.outcomes().iter().flat_map(|outcome| of_outcome(facts, outcome)));
        if facts.ended.outcomes().is_empty() {
            // It failed before its first write.
            violations.extend(facts.scenario.wanted.keys().flat_map(|id| unchanged(facts, id)));
        }
    } else {
        violations.extend(facts.scenario.wanted.keys().flat_map(|id| of_error(facts, id, &error)));
    }
    violations
}

/// What `apply` says of one client.
fn of_outcome(facts: &Facts, outcome: &Value) -> Vec<String> {
    let id = outcome["id"].as_str().unwrap_or_default();
    if outcome["ok"] == true {
        return unlike(facts, id).into_iter().map(|how| format!("said to be done, but {how}")).collect();
    }
    let error = &outcome["error"];
    let mut violations = unfit(facts, error, None);
    violations.extend(of_error(facts, id, error));
    violations
}

/// Whether the kind and the words of an error are those of a fault, and whether the exit code fits the kind.
fn unfit(facts: &Facts, error: &Value, code: Option<i32>) -> Vec<String> {
    let kind = error["kind"].as_str().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or_default();
    let mut violations = Vec::new();
    match KINDS.iter().find(|(known, _)| *known == kind) {
        None => violations.push(format!("no fault is an error of the kind {kind}: {message}")),
        Some((_, codes)) if code.is_some_and(|code| !codes.contains(&code)) => {
            violations.push(format!("the exit code {code:?} does not fit the kind {kind}"));
        }
        Some(_) => {}
    }
    let ended = facts.fired.iter().filter(|fired| **fired == Kind::SessionEnd).count();
    if (kind == "unauthorized" || code == Some(3)) && ended < 2 {
        violations.push(format!("the sign-in was renewed, and is said not to be accepted: {message}"));
    }
    let false_words = NEVER.iter().filter(|words| message.contains(**words));
    violations.extend(false_words.map(|words| format!("a fault is said to be `{words}`: {message}")));
    violations
}

/// Whether what an error says of a client is so.
fn of_error(facts: &Facts, id: &str, error: &Value) -> Vec<String> {
    let message = error["message"].as_str().unwrap_or_default();
    if error["kind"] != "incomplete" {
        return unchanged(facts, id);
    }
    let (before, after) = (facts.first(id), facts.after.get(id).and_then(|clients| clients.first()));
    let secret = |client: Option<&Stored>| client.map(|client| client.secret.clone());
    let has_roles = |roles: &Roles| after.is_some_and(|after| roles.is_subset(&after.roles));
    let wanted_roles = match facts.scenario.wanted.get(id) {
        Some(Wanted::There(there)) => there.roles.clone(),
        _ => Roles::new(),
    };
    let fields = |client: Option<&Stored>| client.map(|client| client.fields.clone());
    let claims = [
        (" was created", after.is_some()),
        (" was not created", after.is_none()),
        (" was deleted", after.is_none()),
        (" was not deleted", after.is_some()),
        (" was changed", fields(before) != fields(after)),
        (" was not changed", fields(before) == fields(after)),
        (" has the new secret", secret(before) != secret(after)),
        (" does not have the new secret", secret(before) == secret(after)),
        (" has the roles", has_roles(&wanted_roles)),
    ];
    // The cause follows, which can be anything.
    let said = message.split(": ").next().unwrap_or_default();
    let untrue = claims.iter().filter(|(claim, is_so)| said.contains(claim) && !is_so);
    untrue.map(|(claim, _)| format!("`{id}` is said to be so, and is not:{claim}")).collect()
}

/// In what a client differs from before the run, although the run says of no step that it was done, or may have been.
fn unchanged(facts: &Facts, id: &str) -> Vec<String> {
    let (before, after) = (facts.before.get(id), facts.after.get(id));
    let changed = before != after;
    changed.then(|| format!("`{id}` was changed, and the run does not say so")).into_iter().collect()
}
