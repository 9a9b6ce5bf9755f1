//! Where the secrets of a run are: what it showed, and what its files hold.

use crate::seeded::delivered;
use crate::seeded::facts::Facts;
use crate::seeded::stored::Stored;
use crate::seeded::wanted::{File, Secret, There, Wanted};

/// No secret of these runs is shorter.
const SECRET: usize = 24;
/// What only its owner can read and write.
const PRIVATE: u32 = 0o600;

/// Where a secret may be that is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// In the client's own file, in the file that its error names, or on the screen.
    Named,
    /// Also in a file beside the client's own: a command that was killed names none.
    Any,
}

/// Secrets that it showed.
pub(super) fn shown(facts: &Facts) -> Vec<String> {
    let stored = facts.before.values().chain(facts.after.values()).flatten().map(|client| &client.secret);
    let given = facts.scenario.wanted.values().filter_map(|wanted| match wanted {
        Wanted::There(There { secret: Secret::Given(given), .. }) => Some(given),
        _ => None,
    });
    let staged = facts.files.iter().filter(|(name, _)| name.contains(".kxi-auth-"));
    let staged = staged.flat_map(|(_, kept)| kept.content.split(|part: char| !part.is_ascii_alphanumeric()));
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

/// Secrets that the run was to deliver, and that are live while nothing holds them that a user would look at.
pub(super) fn lost(facts: &Facts, holder: Holder) -> Vec<String> {
    let lost = delivering(facts).filter(|(id, there)| {
        let old = facts.first(id).map(|client| &client.secret);
        facts
            .now(id)
            .is_some_and(|live| old != Some(&live.secret) && !is_held(facts, id, there, live, holder))
    });
    lost.map(|(id, _)| format!("the secret of `{id}` is live, and no output holds it")).collect()
}

fn is_held(facts: &Facts, id: &str, there: &There, live: &Stored, holder: Holder) -> bool {
    let on_screen = facts.scenario.shows_secret && facts.ended.stdout.contains(&live.secret);
    let Some(file) = &there.file else { return on_screen };
    let name_at = file.name.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = file.name.split_at(name_at);
    let staged = format!("{folder}.{name}.kxi-auth-staged-");
    let said = said_of(facts, id);
    let is_staged = facts.files.iter().any(|(name, kept)| {
        let is_named = holder == Holder::Any || said.contains(name.as_str());
        is_named && name.starts_with(&staged) && kept.content.contains(&live.secret)
    });
    on_screen || is_staged || holds(facts, file, live)
}

/// The error of one client.
fn said_of(facts: &Facts, id: &str) -> String {
    let outcomes = facts.ended.outcomes();
    let of_one = outcomes.iter().find(|outcome| outcome["id"] == *id);
    of_one.map_or_else(|| facts.ended.stderr.clone(), |outcome| outcome["error"].to_string())
}

/// Whether a secret file holds the secret that its client has.
fn holds(facts: &Facts, file: &File, live: &Stored) -> bool {
    let content = facts.content(&file.name);
    content.and_then(|content| delivered::secret(file, content)).as_ref() == Some(&live.secret)
}

/// Files that hold neither what they held before nor the secret that their client has, or that others can read.
pub(super) fn wrong_files(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    let mut targets = Vec::new();
    for (id, there) in delivering(facts) {
        let Some(file) = &there.file else { continue };
        targets.push(&file.name);
        let content = facts.content(&file.name);
        if content == facts.scenario.inputs.get(&file.name) {
            continue;
        }
        if !facts.now(id).is_some_and(|live| holds(facts, file, live)) {
            let what = if content.is_some() { "was written, and" } else { "is gone, and" };
            violations.push(format!("{} {what} does not hold the secret of `{id}`", file.name));
        } else if let Some(content) = content {
            violations.extend(delivered::wrong_beside(file, content, id, facts.place));
        }
    }
    for (name, content) in &facts.scenario.inputs {
        if !targets.contains(&name) && facts.content(name) != Some(content) {
            violations.push(format!("the file {name}, which it was only to read, was changed"));
        }
    }
    let exposed = facts.files.iter().filter(|(_, kept)| kept.mode != PRIVATE);
    violations.extend(exposed.map(|(name, kept)| format!("{name} has the permissions {:o}", kept.mode)));
    violations
}

/// What is wrong with the secret file of a client that is to have one.
pub(super) fn undelivered(facts: &Facts, id: &str, there: &There, stored: &Stored) -> Option<String> {
    let file = there.file.as_ref()?;
    match facts.content(&file.name) {
        None => Some(format!("the secret of `{id}` was not delivered: {} is missing", file.name)),
        Some(_) => {
            (!holds(facts, file, stored)).then(|| format!("{} does not hold the secret of `{id}`", file.name))
        }
    }
}

/// The clients whose secrets are to be delivered.
pub(super) fn delivering<'a>(facts: &'a Facts) -> impl Iterator<Item = (&'a String, &'a There)> {
    facts.scenario.wanted.iter().filter_map(|(id, wanted)| match wanted {
        Wanted::There(there) if there.file.is_some() || facts.scenario.shows_secret => Some((id, there)),
        _ => None,
    })
}
