//! What the command is to do: drawn from a seed, the same on each server.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::seeded::draw::Draw;
use crate::seeded::schedule::Requests;
use crate::seeded::wanted::{
    Before, Change, File, ROLES, Roles, Secret, There, Wanted, attribute, role_flags, roles,
};

/// The declaration of an `apply`.
pub(super) const DECLARATION: &str = "clients.yaml";
/// The attribute that names the owner.
pub(super) const OWNER: &str = "kxi-auth.owner";
/// A file with a secret to set.
const GIVEN: &str = "given.secret";
const FORMATS: [&str; 6] = ["raw", "raw", "raw", "env", "json", "kubernetes"];

/// A use of the command.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scenario {
    /// In a few words.
    pub(super) what: &'static str,
    /// The beginning of the IDs of its clients, which no other scenario has.
    pub(super) prefix: String,
    pub(super) before: Vec<Before>,
    /// The files of its folder, by name.
    pub(super) inputs: BTreeMap<String, String>,
    pub(super) words: Vec<String>,
    /// What is to become of each client that it has or makes.
    pub(super) wanted: BTreeMap<String, Wanted>,
    pub(super) shows_secret: bool,
    /// The requests by which it changes something.
    pub(super) writes: &'static [Requests],
}

pub(super) const CREATE: Requests = ("POST", "/clients");
pub(super) const UPDATE: Requests = ("PUT", "/clients/");
pub(super) const DELETE: Requests = ("DELETE", "/clients/");
pub(super) const ASSIGN: Requests = ("POST", "/role-mappings/");
pub(super) const REVOKE: Requests = ("DELETE", "/role-mappings/");

/// The scenario and the source of further draws.
pub(super) fn draw(seed: u64) -> (Scenario, Draw) {
    let mut draw = Draw::new(seed);
    let mut maker = Maker { seed, draw: &mut draw, scenario: Scenario::empty(seed) };
    match maker.draw.number(1..=100) {
        1..=14 => maker.register_new(),
        15..=20 => maker.create(),
        21..=34 => maker.register_existing(),
        35..=46 => maker.rotate(),
        47..=56 => maker.update(),
        57..=65 => maker.delete(),
        66..=86 => maker.apply(),
        87..=94 => maker.change_roles(),
        95..=97 => maker.token(),
        _ => maker.get(),
    }
    maker.bystanders();
    let scenario = maker.scenario;
    (scenario, draw)
}

impl Scenario {
    fn empty(seed: u64) -> Self {
        Self {
            what: "",
            prefix: format!("s{seed}-"),
            before: Vec::new(),
            inputs: BTreeMap::new(),
            words: Vec::new(),
            wanted: BTreeMap::new(),
            shows_secret: false,
            writes: &[],
        }
    }

    /// What there is of a client before the run.
    pub(super) fn before(&self, id: &str) -> Option<&Before> {
        self.before.iter().find(|before| before.id == id)
    }

    /// What completes a run that failed. To create a client that is there is a conflict: it is registered then.
    pub(super) fn again(&self, is_there: bool) -> Vec<String> {
        let mut words = self.words.clone();
        if is_there && words[..2] == ["client", "create"] {
            "register".clone_into(&mut words[1]);
            words.extend(["--roles", "none"].map(str::to_owned));
        }
        words
    }

    pub(super) fn is_delete(&self) -> bool {
        self.words[..2] == ["client", "delete"]
    }

    /// How many clients it declares.
    pub(super) fn declared(&self) -> usize {
        self.wanted.values().filter(|wanted| matches!(wanted, Wanted::There(_))).count()
    }

    pub(super) fn prunes(&self) -> bool {
        self.words.iter().any(|word| word == "--prune")
    }

    /// Whether it works on one client after the other.
    pub(super) fn is_one_at_a_time(&self) -> bool {
        let mut words = self.words.iter().skip_while(|word| *word != "--concurrency");
        !self.is_apply() || words.nth(1).is_some_and(|count| count == "1")
    }

    pub(super) fn is_apply(&self) -> bool {
        self.words[0] == "apply"
    }
}

/// A scenario that is being made.
pub(super) struct Maker<'a> {
    pub(super) seed: u64,
    pub(super) draw: &'a mut Draw,
    pub(super) scenario: Scenario,
}

impl Maker<'_> {
    pub(super) fn id(&self, number: usize) -> String {
        format!("s{}-{number}", self.seed)
    }

    pub(super) fn words(&mut self, words: &[&str]) {
        self.scenario.words.extend(words.iter().copied().map(str::to_owned));
    }

    /// A client that is there, with roles and fields.
    pub(super) fn stored(&mut self, number: usize) -> Before {
        let fields = if self.draw.percent(60) { Change::draw(self.draw).stored() } else { Map::new() };
        let (id, roles, secret) = (self.id(number), roles(self.draw), self.draw.word(24));
        Before { id, fields, roles, secret }
    }

    /// A secret file that is to be written, which holds the client's secret already or not.
    pub(super) fn file(&mut self, number: usize, before: Option<&Before>) -> File {
        let file = File { name: format!("{number}.out"), format: self.draw.one_of(&FORMATS) };
        if let Some(before) = before
            && file.format == "raw"
            && self.draw.percent(50)
        {
            self.scenario.inputs.insert(file.name.clone(), before.secret.clone());
        }
        file
    }

    /// The flags that deliver the secret.
    fn deliver(&mut self, before: Option<&Before>) -> Option<File> {
        if self.draw.percent(20) {
            self.words(&["--show-secret"]);
            self.scenario.shows_secret = true;
        }
        let file = self.draw.percent(90).then(|| self.file(1, before))?;
        self.words(&["--secret-out", &file.name, "--secret-format", file.format]);
        Some(file)
    }

    /// Now and then the flags that set a secret.
    fn set_secret(&mut self, otherwise: Secret) -> Secret {
        if !self.draw.percent(25) {
            return otherwise;
        }
        let secret = self.draw.word(30);
        self.words(&["--secret-file", GIVEN]);
        self.scenario.inputs.insert(GIVEN.to_owned(), secret.clone());
        Secret::Given(secret)
    }

    /// Now and then the flags that change fields.
    fn change(&mut self, percent: u8) -> Map<String, Value> {
        if !self.draw.percent(percent) {
            return Map::new();
        }
        let change = Change::draw(self.draw);
        self.scenario.words.extend(change.flags());
        change.stored()
    }

    fn ends(
        &mut self,
        (what, writes): (&'static str, &'static [Requests]),
        before: Option<Before>,
        wanted: Wanted,
    ) {
        let id = self.id(1);
        self.scenario.what = what;
        self.scenario.writes = writes;
        self.scenario.before.extend(before);
        self.scenario.wanted.insert(id, wanted);
    }

    /// Other clients, which the run must not change.
    fn bystanders(&mut self) {
        for number in 1..=self.draw.number(1..=3) {
            let mut before = self.stored(100 + number);
            match self.draw.number(1..=3) {
                1 => attribute(&mut before.fields, OWNER, "another-owner"),
                // What the owner no longer declares stays without `--prune`.
                2 if !self.scenario.prunes() => attribute(&mut before.fields, OWNER, &self.owner()),
                _ => {}
            }
            self.scenario.wanted.insert(before.id.clone(), Wanted::Untouched);
            self.scenario.before.push(before);
        }
    }

    pub(super) fn owner(&self) -> String {
        format!("owner-{}", self.seed)
    }

    fn register_new(&mut self) {
        let (id, roles) = (self.id(1), roles(self.draw));
        self.words(&["client", "register", &id]);
        self.scenario.words.extend(role_flags(&roles));
        let change = self.change(50);
        let secret = self.set_secret(Secret::New);
        let file = self.deliver(None);
        self.ends(
            ("register a new client", &[CREATE, ASSIGN]),
            None,
            Wanted::There(There { change, roles, secret, file }),
        );
    }

    fn create(&mut self) {
        let id = self.id(1);
        self.words(&["client", "create", &id]);
        let change = self.change(50);
        let secret = self.set_secret(Secret::New);
        let file = self.deliver(None);
        let there = There { change, roles: Roles::new(), secret, file };
        self.ends(("create a client", &[CREATE]), None, Wanted::There(there));
    }

    fn register_existing(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "register", &before.id]);
        let named = roles(self.draw);
        self.scenario.words.extend(role_flags(&named));
        let mut roles = named;
        if self.draw.percent(40) {
            self.words(&["--exact-roles"]);
        } else {
            roles.extend(before.roles.iter().cloned());
        }
        let change = self.change(75);
        let secret = self.set_secret(Secret::Kept);
        let file = self.deliver(Some(&before));
        let there = There { change, roles, secret, file };
        self.ends(
            ("register an existing client", &[CREATE, UPDATE, ASSIGN, REVOKE]),
            Some(before),
            Wanted::There(there),
        );
    }

    fn rotate(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "rotate-secret", &before.id]);
        let file = self.deliver(Some(&before));
        let there = There { change: Map::new(), roles: before.roles.clone(), secret: Secret::New, file };
        self.ends(("rotate a secret", &[UPDATE]), Some(before), Wanted::There(there));
    }

    fn update(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "update", &before.id]);
        let change = self.change(100);
        let secret = self.set_secret(Secret::Kept);
        let file = if secret == Secret::Kept { None } else { self.deliver(Some(&before)) };
        let there = There { change, roles: before.roles.clone(), secret, file };
        self.ends(("update a client", &[UPDATE]), Some(before), Wanted::There(there));
    }

    fn delete(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "delete", &before.id, "--yes"]);
        self.ends(("delete a client", &[DELETE]), Some(before), Wanted::Gone);
    }

    fn change_roles(&mut self) {
        let before = self.stored(1);
        let mut named = roles(self.draw);
        named.insert(self.draw.one_of(&ROLES).to_owned());
        let assign = self.draw.percent(50);
        self.words(&["client", "roles", if assign { "assign" } else { "revoke" }, &before.id]);
        self.scenario.words.extend(role_flags(&named));
        let roles = if assign { &before.roles | &named } else { &before.roles - &named };
        let there = There { change: Map::new(), roles, secret: Secret::Kept, file: None };
        let what: (_, &[_]) = if assign { ("assign roles", &[ASSIGN]) } else { ("revoke roles", &[REVOKE]) };
        self.ends(what, Some(before), Wanted::There(there));
    }

    fn token(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "token", &before.id]);
        if self.draw.percent(50) {
            self.words(&["--secret-file", GIVEN]);
            self.scenario.inputs.insert(GIVEN.to_owned(), before.secret.clone());
        }
        let there =
            There { change: Map::new(), roles: before.roles.clone(), secret: Secret::Kept, file: None };
        self.ends(("sign a client in", &[]), Some(before), Wanted::There(there));
    }

    fn get(&mut self) {
        let before = self.stored(1);
        self.words(&["client", "get", &before.id]);
        let file = self.deliver(Some(&before));
        let there = There { change: Map::new(), roles: before.roles.clone(), secret: Secret::Kept, file };
        self.ends(("deliver a stored secret", &[]), Some(before), Wanted::There(there));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::schedule;

    #[test]
    fn the_same_seed_draws_the_same_scenario_and_the_same_faults() {
        let all = |seed| {
            let (scenario, mut draw) = draw(seed);
            let planned = schedule::draw(&mut draw, seed, scenario.writes);
            (scenario, planned)
        };
        for seed in 1..200 {
            assert_eq!(all(seed), all(seed));
        }
        assert_ne!(all(1), all(2));
    }

    #[test]
    fn every_kind_of_scenario_is_drawn_among_the_first_seeds() {
        let mut drawn: Vec<&str> = (1..=50).map(|seed| draw(seed).0.what).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 11, "{drawn:?}");
    }
}
