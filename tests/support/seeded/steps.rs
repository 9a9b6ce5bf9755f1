//! What an error of the kind `incomplete` says of a client: each step that it names must be so, and each change must be
//! named.

use crate::seeded::facts::Facts;
use crate::seeded::sent::Purpose;
use crate::seeded::stored::{Stored, with_default};
use crate::seeded::wanted::{Roles, Wanted};

/// A step of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Create,
    Update,
    SetSecret,
    Assign,
    Revoke,
    Delete,
    SignIn,
}

impl Step {
    /// The request that carries it out. None where the words also fit a request that was never sent.
    fn purpose(self) -> Option<Purpose> {
        match self {
            Self::Create => Some(Purpose::Create),
            Self::Update => Some(Purpose::Update),
            Self::SetSecret => Some(Purpose::Rotate),
            Self::Delete => Some(Purpose::Delete),
            Self::Assign | Self::Revoke | Self::SignIn => None,
        }
    }
}

/// Whether a step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Done,
    InDoubt,
    NotDone,
}

/// The words for each step.
const WORDS: [(&str, Step, Is); 18] = [
    ("was created", Step::Create, Is::Done),
    ("may have been created", Step::Create, Is::InDoubt),
    ("was not created", Step::Create, Is::NotDone),
    ("was changed", Step::Update, Is::Done),
    ("may have been changed", Step::Update, Is::InDoubt),
    ("was not changed", Step::Update, Is::NotDone),
    ("has the new secret", Step::SetSecret, Is::Done),
    ("may have the new secret", Step::SetSecret, Is::InDoubt),
    ("does not have the new secret", Step::SetSecret, Is::NotDone),
    ("has the roles", Step::Assign, Is::Done),
    ("may not have all of the roles yet", Step::Assign, Is::InDoubt),
    ("lost the revoked roles", Step::Revoke, Is::Done),
    ("may still have roles that were to be revoked", Step::Revoke, Is::InDoubt),
    ("was deleted", Step::Delete, Is::Done),
    ("may have been deleted", Step::Delete, Is::InDoubt),
    ("was not deleted", Step::Delete, Is::NotDone),
    ("can sign in with its secret", Step::SignIn, Is::Done),
    ("cannot sign in with its secret", Step::SignIn, Is::NotDone),
];

/// The words of causes, with the exit codes.
const CAUSES: [(&str, i32); 7] = [
    ("unexpected response", 7),
    ("no response within", 7),
    ("cannot reach the server", 7),
    ("the server responded with", 7),
    ("something other than Keycloak responded", 7),
    ("no Keycloak found", 7),
    ("does not accept the sign-in", 3),
];

/// What is not so, or is left out, in the message of such an error.
pub(super) fn untrue(facts: &Facts, id: &str, message: &str) -> Vec<String> {
    let said = match said(id, message) {
        Ok(said) => said,
        Err(unknown) => return vec![unknown],
    };
    let (before, after) = (facts.first(id), facts.now(id));
    let mut violations = Vec::new();
    for (words, step, is) in &said {
        let is_done = is_done(facts, id, *step);
        let untrue = match is {
            Is::Done => !is_done,
            Is::NotDone => is_done,
            // What Keycloak rejected, or what was never sent, is not in doubt.
            Is::InDoubt => step.purpose().is_some_and(|purpose| {
                !facts.requests.iter().any(|sent| sent.purpose() == purpose && sent.may_be_done())
            }),
        };
        if untrue {
            violations.push(format!("`{id}` is said to be so, and is not: {words}"));
        }
    }
    let names = |steps: &[Step]| said.iter().any(|(_, step, is)| steps.contains(step) && *is != Is::NotDone);
    let mut unsaid = |differs: bool, what: &str, steps: &[Step]| {
        if differs && !names(steps) {
            violations.push(format!("`{id}` differs, and the error does not say so: {what}"));
        }
    };
    unsaid(before.is_none() && after.is_some(), "it was created", &[Step::Create]);
    unsaid(before.is_some() && after.is_none(), "it was deleted", &[Step::Delete]);
    if let Some((before, after)) = before.zip(after) {
        let changes = [Step::Update, Step::SetSecret];
        unsaid(before.fields != after.fields, "its fields", &changes);
        unsaid(before.secret != after.secret, "its secret", &[Step::SetSecret]);
    }
    if let Some(after) = after {
        let (old, new) = (roles(before), roles(Some(after)));
        unsaid(!new.is_subset(&old), "it has more roles", &[Step::Assign]);
        unsaid(!new.is_superset(&old), "it has fewer roles", &[Step::Revoke]);
    }
    violations
}

/// The exit code that belongs to the cause of such an error.
pub(super) fn code(message: &str) -> Option<i32> {
    let (_, cause) = message.split_once(": ")?;
    CAUSES.iter().find(|(words, _)| cause.contains(words)).map(|(_, code)| *code)
}

/// The steps that the message names.
fn said(id: &str, message: &str) -> Result<Vec<(&'static str, Step, Is)>, String> {
    let unknown = || format!("the error for `{id}` has words without a known meaning: {message}");
    let steps = message.strip_prefix(&format!("client `{id}` ")).ok_or_else(unknown)?;
    let steps = steps.split_once(": ").ok_or_else(unknown)?.0;
    let steps = steps.split(" (").next().unwrap_or_default();
    let words = steps.split(", but ").flat_map(|part| part.split(" and "));
    words.map(|words| WORDS.into_iter().find(|(known, ..)| *known == words).ok_or_else(unknown)).collect()
}

fn is_done(facts: &Facts, id: &str, step: Step) -> bool {
    let (before, after) = (facts.first(id), facts.now(id));
    let wanted = match facts.scenario.wanted.get(id) {
        Some(Wanted::There(there)) => with_default(&there.roles),
        _ => Roles::new(),
    };
    let secret = |client: Option<&Stored>| client.map(|client| client.secret.clone());
    let fields = |client: Option<&Stored>| client.map(|client| client.fields.clone());
    match step {
        Step::Create => after.is_some(),
        Step::Delete => after.is_none(),
        Step::Update => fields(before) != fields(after),
        Step::SetSecret => secret(before) != secret(after),
        Step::Assign => wanted.is_subset(&roles(after)),
        Step::Revoke => roles(after).is_subset(&wanted),
        Step::SignIn => facts.signs_in.contains(id),
    }
}

/// The roles of a client; without one, those that each new client has.
fn roles(client: Option<&Stored>) -> Roles {
    let roles = client.and_then(|client| client.roles.clone());
    roles.unwrap_or_else(|| with_default(&Roles::new()))
}
