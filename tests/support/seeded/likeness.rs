//! Whether the stored clients are as they were, as they are to be, or on the way there.

use serde_json::{Map, Value};

use crate::seeded::facts::Facts;
use crate::seeded::secrets::undelivered;
use crate::seeded::stored::{Stored, changed, differing, with_default};
use crate::seeded::wanted::{Roles, Secret, There, Wanted};

/// What no run may do to a client, however it ends.
pub(super) fn touched(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for (id, wanted) in &facts.scenario.wanted {
        if *wanted == Wanted::Untouched && facts.after.get(id) != facts.before.get(id) {
            violations.push(format!("`{id}`, which the run has nothing to do with, was changed"));
        }
        let earlier = facts.earlier.state.get(id).and_then(|clients| clients.first());
        let Some((earlier, now)) = earlier.zip(facts.now(id)) else { continue };
        if earlier.uuid != now.uuid {
            violations.push(format!("`{id}` was deleted and created again"));
        }
        let set_at = |client: &Stored| client.set_at.as_ref().and_then(|time| time.parse::<u64>().ok());
        let fits = if earlier.secret == now.secret {
            earlier.set_at == now.set_at
        } else {
            set_at(now) >= Some(facts.earlier.until)
        };
        if !fits {
            let (was, is) = (&earlier.set_at, &now.set_at);
            violations.push(format!("the time of the secret of `{id}` does not fit it: {was:?}, {is:?}"));
        }
    }
    violations
}

/// In what the clients are not exactly as was asked.
pub(super) fn unlike_wanted(facts: &Facts) -> Vec<String> {
    facts.scenario.wanted.keys().flat_map(|id| unlike(facts, id)).collect()
}

/// In what a client is not exactly as was asked.
pub(super) fn unlike(facts: &Facts, id: &str) -> Vec<String> {
    match (facts.scenario.wanted.get(id), facts.now(id)) {
        (None | Some(Wanted::Untouched), _) | (Some(Wanted::Gone), None) => Vec::new(),
        (Some(Wanted::Gone), Some(_)) => vec![format!("`{id}` is still there")],
        (Some(Wanted::There(_)), None) => vec![format!("`{id}` is not there")],
        (Some(Wanted::There(there)), Some(stored)) => {
            let mut violations = Vec::new();
            let wanted = wanted_fields(facts, id, there);
            if stored.fields != wanted {
                let fields = differing(&stored.fields, &wanted).join("; ");
                violations.push(format!("`{id}` is stored otherwise (stored / wanted): {fields}"));
            }
            match &stored.roles {
                None => violations.push(format!("`{id}` has no service account")),
                Some(has) if *has != with_default(&there.roles) => {
                    let wanted = with_default(&there.roles);
                    violations.push(format!("`{id}` has the roles {has:?}, and is to have {wanted:?}"));
                }
                Some(_) => {}
            }
            if !has_wanted_secret(facts, id, there, stored) {
                violations.push(format!("`{id}` does not have the secret that it is to have"));
            }
            if !facts.signs_in.contains(id) {
                violations.push(format!("`{id}` cannot sign in with its secret"));
            }
            violations.extend(undelivered(facts, id, there, stored));
            violations
        }
    }
}

/// The fields that a client is to have.
fn wanted_fields(facts: &Facts, id: &str, there: &There) -> Map<String, Value> {
    let before = facts.first(id).map_or(facts.plain, |client| &client.fields);
    changed(before, &there.change)
}

fn has_wanted_secret(facts: &Facts, id: &str, there: &There, stored: &Stored) -> bool {
    let before = facts.scenario.before(id).map(|before| &before.secret);
    match &there.secret {
        Secret::Given(given) => stored.secret == *given,
        Secret::New => !stored.secret.is_empty() && before != Some(&stored.secret),
        Secret::Kept => before.is_none_or(|before| *before == stored.secret),
    }
}

/// Clients that are neither as they were nor as they are to be, nor on the way there.
pub(super) fn not_between(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for (id, wanted) in &facts.scenario.wanted {
        let before = facts.first(id);
        let Some(after) = facts.now(id) else {
            if before.is_some() && *wanted != Wanted::Gone {
                violations.push(format!("`{id}` is gone"));
            }
            continue;
        };
        let there = match wanted {
            Wanted::There(there) => Some(there),
            Wanted::Gone | Wanted::Untouched => None,
        };
        let fields = there.map(|there| wanted_fields(facts, id, there));
        let is_old = before.is_some_and(|before| before.fields == after.fields);
        if !is_old && fields.as_ref() != Some(&after.fields) {
            let as_wanted = fields.map(|fields| differing(&after.fields, &fields).join("; "));
            violations.push(format!("`{id}` has fields that were never asked for: {as_wanted:?}"));
        }
        let has_old_secret = before.is_some_and(|before| before.secret == after.secret);
        if !has_old_secret && !there.is_some_and(|there| has_wanted_secret(facts, id, there, after)) {
            violations.push(format!("`{id}` has a secret that was never asked for"));
        }
        let Some(roles) = &after.roles else {
            violations.push(format!("`{id}` has no service account"));
            continue;
        };
        let old = before.and_then(|before| before.roles.clone());
        let old = old.unwrap_or_else(|| with_default(&Roles::new()));
        let new = there.map_or_else(|| old.clone(), |there| with_default(&there.roles));
        if !roles.is_subset(&(&old | &new)) || !roles.is_superset(&(&old & &new)) {
            violations.push(format!("`{id}` has the roles {roles:?}, between {old:?} and {new:?}"));
        }
    }
    violations
}
