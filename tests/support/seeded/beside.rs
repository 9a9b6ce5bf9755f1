//! What two runs of `apply` that met each other may say.

use serde_json::Value;

use crate::seeded::bulk::owner;
use crate::seeded::facts::{Ended, Facts};
use crate::seeded::likeness::unlike;
use crate::seeded::scenario::Scenario;
use crate::seeded::stored::State;

/// The kinds of error that a run can get by another run of the same file: both change a client, or delete it.
const OF_THE_SAME_FILE: [&str; 4] = ["conflict", "server_failed", "incomplete", "skipped"];

/// What a run violates beside which another one of the same file ran. What it says is done is so at the end of both.
pub(super) fn of_the_same_file(facts: &Facts) -> Vec<String> {
    let ended = facts.ended;
    let mut violations = Vec::new();
    if !matches!(ended.code, Some(0 | 1 | 6 | 7)) {
        violations.push(format!("it ended with the code {:?}: {}", ended.code, ended.stderr));
    }
    let outcomes = ended.outcomes();
    for (id, done) in &said(&outcomes) {
        if *done {
            let how = unlike(facts, id).into_iter();
            violations.extend(how.map(|how| format!("said to be done, but {how}")));
        }
    }
    if ended.code == Some(0)
        && said(&outcomes).iter().filter(|(_, done)| *done).count() < known(facts, &outcomes)
    {
        violations.push("it succeeded without a word of each client".to_owned());
    }
    violations.extend(other_kinds(&outcomes, &OF_THE_SAME_FILE));
    violations
}

/// How many clients a successful run has to report: those that are declared, and those that it deleted, which the other
/// can have deleted before its plan.
fn known(facts: &Facts, outcomes: &[Value]) -> usize {
    let gone =
        outcomes.iter().filter(|outcome| ["delete", "gone"].contains(&text(&outcome["action"]))).count();
    facts.scenario.declared() + gone
}

/// What runs of two owners violate: of the clients that both declare, the one that has it says so, and the other names
/// the conflict.
pub(super) fn of_two_owners(sides: [(&(&str, Scenario), &Ended); 2], state: &State) -> Vec<String> {
    let mut violations = Vec::new();
    for ((side, scenario), ended) in sides {
        let outcomes = ended.outcomes();
        violations.extend(other_kinds(&outcomes, &["conflict"]));
        let failed = outcomes.iter().any(|outcome| outcome["ok"] != true);
        let expected = if failed || ended.is_rejected_plan() { 6 } else { 0 };
        if ended.code != Some(expected) {
            violations.push(format!("{side} ended with the code {:?}: {}", ended.code, ended.stderr));
        }
        if ended.is_rejected_plan() {
            continue;
        }
        let said = said(&outcomes);
        for id in scenario.wanted.keys() {
            let has_it = owner(state, id) == Some(*side);
            match said.iter().filter(|(named, _)| *named == id).collect::<Vec<_>>()[..] {
                [(_, done)] if *done == has_it => {}
                [_] => violations.push(format!("{side} says the contrary of `{id}`")),
                _ => violations.push(format!("{side} does not report `{id}` once")),
            }
        }
    }
    violations
}

/// Each client that a run reports, and whether it is done.
fn said(outcomes: &[Value]) -> Vec<(&str, bool)> {
    outcomes.iter().map(|outcome| (text(&outcome["id"]), outcome["ok"] == true)).collect()
}

fn other_kinds(outcomes: &[Value], kinds: &[&str]) -> Vec<String> {
    let failed = outcomes.iter().filter(|outcome| outcome["ok"] != true);
    let others = failed.filter(|outcome| !kinds.contains(&text(&outcome["error"]["kind"])));
    others.map(|outcome| format!("an error of another kind: {}", outcome["error"])).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::seeded::bulk;
    use crate::seeded::draw::Draw;
    use crate::seeded::scenario::OWNER;
    use crate::seeded::stored::Stored;
    use crate::seeded::wanted::Roles;

    fn ended(code: i32, outcomes: &Value) -> Ended {
        Ended { code: Some(code), stdout: outcomes.to_string(), stderr: String::new() }
    }

    /// Two owners of one client each, and of one more that the first of them has.
    fn violations(one: &Ended, other: &Ended) -> Vec<String> {
        let mut draw = Draw::new(1);
        let one_side = ("one", bulk::new_clients("k-", "one", 1..=2, &mut draw));
        let other_side = ("other", bulk::new_clients("k-", "other", 2..=3, &mut draw));
        let stored = |owner: &str| {
            let fields: Map<_, _> = [("attributes".to_owned(), json!({OWNER: owner}))].into_iter().collect();
            let (uuid, secret) = ("5".to_owned(), "s".to_owned());
            vec![Stored { uuid, fields, secret, set_at: None, roles: Some(Roles::new()) }]
        };
        let state = [("k-001", "one"), ("k-002", "one"), ("k-003", "other")];
        let state = state.map(|(id, owner)| (id.to_owned(), stored(owner))).into();
        of_two_owners([(&one_side, one), (&other_side, other)], &state)
    }

    fn done(id: &str) -> Value {
        json!({"id": id, "action": "create", "ok": true})
    }

    fn failed(id: &str, kind: &str) -> Value {
        json!({"id": id, "ok": false, "error": {"kind": kind}})
    }

    #[test]
    fn of_two_owners_each_says_what_it_has() {
        let one = ended(0, &json!([done("k-001"), done("k-002")]));
        let other = ended(6, &json!([failed("k-002", "conflict"), done("k-003")]));
        assert_eq!(violations(&one, &other), [""; 0]);
        assert_eq!(violations(&one, &ended(6, &Value::Null)), [""; 0], "its plan came too late");
        for (wrong, expected) in [
            (ended(0, &json!([done("k-002"), done("k-003")])), "says the contrary of `k-002`"),
            (ended(6, &json!([failed("k-002", "not_found"), done("k-003")])), "of another kind"),
            (ended(0, &json!([failed("k-002", "conflict"), done("k-003")])), "with the code"),
            (ended(0, &json!([done("k-003")])), "does not report `k-002` once"),
            (ended(7, &Value::Null), "with the code"),
        ] {
            let found = violations(&one, &wrong);
            assert!(found.iter().any(|violation| violation.contains(expected)), "{expected}: {found:?}");
        }
    }
}
