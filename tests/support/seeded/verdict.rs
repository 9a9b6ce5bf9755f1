//! Compares what a run said with what is stored and delivered. Each violation is a sentence without a secret.

use std::collections::BTreeSet;

use crate::seeded::claims;
use crate::seeded::facts::{Facts, delivered};
use crate::seeded::stored::{Stored, changed, differing};
use crate::seeded::wanted::{Secret, There, Wanted};

/// No secret of these runs is shorter.
const SECRET: usize = 24;

/// What a run with faults violates.
pub(super) fn after_faults(facts: &Facts) -> Vec<String> {
    let mut violations = [unended(facts), of_every_run(facts)].concat();
    if facts.ended.code == Some(0) {
        violations.extend(unlike_wanted(facts));
        violations.extend(left_beside(facts, |_| true));
    } else {
        violations.extend(claims::untrue(facts));
        violations.extend(not_between(facts));
        violations.extend(left_beside(facts, |name| {
            !name.contains(".kxi-auth-staged-") || !facts.ended.all().contains(name)
        }));
    }
    violations
}

/// What the run that completes it violates. To delete what is gone is an error of its own.
pub(super) fn after_completion(facts: &Facts, was_gone: bool) -> Vec<String> {
    let mut violations = [unended(facts), of_every_run(facts)].concat();
    let done = if facts.scenario.is_delete() && was_gone { 5 } else { 0 };
    if facts.ended.code != Some(done) {
        violations.push(format!("the run after it does not complete it: exit code {:?}", facts.ended.code));
    }
    violations.extend(unlike_wanted(facts));
    violations.extend(left_beside(facts, |_| true));
    violations
}

/// How the clients and the files differ from what was asked, whatever the cause.
pub(super) fn as_wanted(facts: &Facts) -> Vec<String> {
    [of_every_run(facts), unlike_wanted(facts), left_beside(facts, |_| true)].concat()
}

/// What a run violates that was killed, or beside which another one ran: of what it did, nothing is lost.
pub(super) fn after_kill(facts: &Facts) -> Vec<String> {
    [of_every_run(facts), not_between(facts)].concat()
}

fn unended(facts: &Facts) -> Vec<String> {
    let unended = facts.ended.code.is_none();
    unended.then(|| "a signal ended it, or it did not end in time".to_owned()).into_iter().collect()
}

/// What holds for each run, however it ends.
fn of_every_run(facts: &Facts) -> Vec<String> {
    let ended = facts.ended;
    let mut violations = Vec::new();
    if ended.code == Some(101) || ended.stderr.contains("panicked at") {
        violations.push("it panicked".to_owned());
    }
    for (id, clients) in facts.after {
        if clients.len() > 1 {
            violations.push(format!("there are {} clients `{id}`", clients.len()));
        }
        if !facts.scenario.wanted.contains_key(id) {
            violations.push(format!("there is a client `{id}`, which was not asked for"));
        }
    }
    violations.extend(shown(facts));
    violations.extend(lost(facts));
    violations
}

/// Secrets that it showed.
fn shown(facts: &Facts) -> Vec<String> {
    let stored = facts.before.values().chain(facts.after.values()).flatten().map(|client| &client.secret);
    let given = facts.scenario.wanted.values().filter_map(|wanted| match wanted {
        Wanted::There(There { secret: Secret::Given(given), .. }) => Some(given),
        _ => None,
    });
    let staged = facts.files.iter().filter(|(name, _)| name.contains(".kxi-auth-"));
    let staged = staged.flat_map(|(_, content)| content.split(|part: char| !part.is_ascii_alphanumeric()));
    let clients = stored.chain(given).map(String::as_str).chain(staged);
    let clients: Vec<&str> = clients.filter(|secret| secret.len() >= SECRET).collect();
    let ended = facts.ended;
    let shows = |text: &str, secrets: &[&str]| secrets.iter().any(|secret| text.contains(secret));
    let mut violations = Vec::new();
    if shows(&ended.stderr, &clients) || shows(&ended.all(), &[facts.password]) {
        violations.push("a secret is on standard error, or the admin's password in what it wrote".to_owned());
    }
    if !facts.scenario.shows_secret && shows(&ended.stdout, &clients) {
        violations.push("a secret is on standard output, where it was not asked for".to_owned());
    }
    violations
}

/// Secrets that the run was to deliver, and that are live while nothing holds them.
fn lost(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for (id, there) in delivering(facts) {
        let Some(live) = facts.after.get(id).and_then(|clients| clients.first()) else { continue };
        let old = facts.before.get(id).and_then(|clients| clients.first()).map(|client| &client.secret);
        let in_a_file = facts.files.values().any(|content| content.contains(&live.secret));
        let on_screen = facts.scenario.shows_secret && facts.ended.stdout.contains(&live.secret);
        if old != Some(&live.secret) && !in_a_file && !on_screen {
            violations.push(format!("the secret of `{id}` is live, and no output holds it"));
        }
        // A secret that is not live must not take the place of another.
        if let Some(file) = &there.file
            && let Some(content) = facts.files.get(&file.name)
            && facts.scenario.inputs.get(&file.name) != Some(content)
            && delivered(file, content).as_ref() != Some(&live.secret)
        {
            violations.push(format!("{} was written, and does not hold the secret of `{id}`", file.name));
        }
    }
    violations
}

/// The clients whose secrets are to be delivered.
fn delivering<'a>(facts: &'a Facts) -> impl Iterator<Item = (&'a String, &'a There)> {
    facts.scenario.wanted.iter().filter_map(|(id, wanted)| match wanted {
        Wanted::There(there) if there.file.is_some() || facts.scenario.shows_secret => Some((id, there)),
        _ => None,
    })
}

/// In what the clients are not exactly as was asked.
pub(super) fn unlike_wanted(facts: &Facts) -> Vec<String> {
    facts.scenario.wanted.keys().flat_map(|id| unlike(facts, id)).collect()
}

/// In what a client is not exactly as was asked.
pub(super) fn unlike(facts: &Facts, id: &str) -> Vec<String> {
    let stored = facts.after.get(id).and_then(|clients| clients.first());
    match (facts.scenario.wanted.get(id), stored) {
        (None, _) | (Some(Wanted::Gone), None) => Vec::new(),
        (Some(Wanted::Gone), Some(_)) => vec![format!("`{id}` is still there")],
        (Some(Wanted::There(_)), None) => vec![format!("`{id}` is not there")],
        (Some(Wanted::There(there)), Some(stored)) => {
            let mut violations = Vec::new();
            let wanted = wanted_fields(facts, id, there);
            if stored.fields != wanted {
                let fields = differing(&stored.fields, &wanted).join("; ");
                violations.push(format!("`{id}` is stored otherwise (stored / wanted): {fields}"));
            }
            if stored.roles != there.roles {
                let (has, wanted) = (&stored.roles, &there.roles);
                violations.push(format!("`{id}` has the roles {has:?}, and is to have {wanted:?}"));
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
fn wanted_fields(facts: &Facts, id: &str, there: &There) -> serde_json::Map<String, serde_json::Value> {
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

/// What is wrong with the secret file of a client.
fn undelivered(facts: &Facts, id: &str, there: &There, stored: &Stored) -> Option<String> {
    let file = there.file.as_ref()?;
    match facts.files.get(&file.name) {
        None => Some(format!("the secret of `{id}` was not delivered: {} is missing", file.name)),
        Some(content) => (delivered(file, content).as_ref() != Some(&stored.secret))
            .then(|| format!("{} does not hold the secret of `{id}`", file.name)),
    }
}

/// Clients that are neither as they were nor as they are to be, nor on the way there.
fn not_between(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for (id, wanted) in &facts.scenario.wanted {
        let before = facts.first(id);
        let after = facts.after.get(id).and_then(|clients| clients.first());
        let Some(after) = after else {
            if before.is_some() && *wanted != Wanted::Gone {
                violations.push(format!("`{id}` is gone"));
            }
            continue;
        };
        let there = match wanted {
            Wanted::There(there) => Some(there),
            Wanted::Gone => None,
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
        let none = BTreeSet::new();
        let old = before.map_or(&none, |before| &before.roles);
        let new = there.map_or(old, |there| &there.roles);
        if !after.roles.is_subset(&(old | new)) || !after.roles.is_superset(&(old & new)) {
            violations.push(format!("`{id}` has the roles {:?}, between {old:?} and {new:?}", after.roles));
        }
    }
    violations
}

/// Files beside the secret files that must not be there.
fn left_beside(facts: &Facts, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let names = facts.files.keys().filter(|name| {
        let is_target =
            delivering(facts).any(|(_, there)| there.file.as_ref().is_some_and(|file| file.name == **name));
        !is_target && !facts.scenario.inputs.contains_key(*name) && is_wrong(name)
    });
    names.map(|name| format!("the file {name} is left, or not named in what it wrote")).collect()
}

#[cfg(test)]
mod tests;
