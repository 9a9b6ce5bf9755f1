//! Compares what a run said with what is stored and delivered. Each violation is a sentence without a secret.

use crate::seeded::claims;
use crate::seeded::facts::Facts;
use crate::seeded::likeness::{not_between, touched, unlike_wanted};
use crate::seeded::output;
use crate::seeded::secrets::{Holder, delivering, lost, shown, wrong_files};

/// What a run with faults violates.
pub(super) fn after_faults(facts: &Facts) -> Vec<String> {
    let mut violations = [unended(facts), of_every_run(facts, Holder::Named)].concat();
    if facts.ended.code == Some(0) {
        violations.extend(unlike_wanted(facts));
        violations.extend(output::wrong(facts));
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
    let mut violations = unended(facts);
    let done = if facts.scenario.is_delete() && was_gone { 5 } else { 0 };
    if facts.ended.code != Some(done) {
        violations.push(format!("the run after it does not complete it: exit code {:?}", facts.ended.code));
    }
    violations.extend(as_wanted(facts));
    violations
}

/// How the clients and the files differ from what was asked, whatever the cause.
pub(super) fn as_wanted(facts: &Facts) -> Vec<String> {
    [of_every_run(facts, Holder::Named), unlike_wanted(facts), left_beside(facts, |_| true)].concat()
}

/// What a run violates that was killed, or beside which another one ran: of what it did, nothing is lost.
pub(super) fn after_kill(facts: &Facts) -> Vec<String> {
    [of_every_run(facts, Holder::Any), not_between(facts)].concat()
}

fn unended(facts: &Facts) -> Vec<String> {
    let unended = facts.ended.code.is_none();
    unended.then(|| "a signal ended it, or it did not end in time".to_owned()).into_iter().collect()
}

/// What holds for each run, however it ends.
fn of_every_run(facts: &Facts, holder: Holder) -> Vec<String> {
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
    violations.extend(touched(facts));
    violations.extend(shown(facts));
    violations.extend(lost(facts, holder));
    violations.extend(wrong_files(facts));
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
