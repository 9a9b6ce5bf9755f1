//! What the command is to do: drawn from a seed, the same on each server.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::seeded::draw::Draw;
use crate::seeded::mischief::Requests;
use crate::seeded::wanted::{
    Before, Change, File, ROLES, Roles, Secret, There, Wanted, attribute, role_flags, roles,
};

/// The declaration of an `apply`.
pub(super) const DECLARATION: &str = "clients.yaml";
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

const CREATE: Requests = ("POST", "/clients");
const UPDATE: Requests = ("PUT", "/clients/");
const DELETE: Requests = ("DELETE", "/clients/");
const ASSIGN: Requests = ("POST", "/role-mappings/");
const REVOKE: Requests = ("DELETE", "/role-mappings/");

/// The scenario and the source of further draws.
pub(super) fn draw(seed: u64) -> (Scenario, Draw) {
    let mut draw = Draw::new(seed);
    let mut desk = Desk { seed, draw: &mut draw, scenario: Scenario::empty(seed) };
    match desk.draw.number(1..=100) {
        1..=14 => desk.register_new(),
        15..=20 => desk.create(),
        21..=34 => desk.register_existing(),
        35..=46 => desk.rotate(),
        47..=56 => desk.update(),
        57..=62 => desk.delete(),
        63..=86 => desk.apply(),
        87..=94 => desk.change_roles(),
        95..=97 => desk.token(),
        _ => desk.get(),
    }
    let scenario = desk.scenario;
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
        self.wanted.values().filter(|wanted| **wanted != Wanted::Gone).count()
    }

    pub(super) fn is_apply(&self) -> bool {
        self.words[0] == "apply"
    }
}

/// A scenario that is being made.
struct Desk<'a> {
    seed: u64,
    draw: &'a mut Draw,
    scenario: Scenario,
}

impl Desk<'_> {
    fn id(&self, number: usize) -> String {
        format!("s{}-{number}", self.seed)
    }

    fn words(&mut self, words: &[&str]) {
        self.scenario.words.extend(words.iter().copied().map(str::to_owned));
    }

    /// A client that is there, with roles and fields.
    fn stored(&mut self, number: usize) -> Before {
        let fields = if self.draw.percent(60) { Change::draw(self.draw).stored() } else { Map::new() };
        let (id, roles, secret) = (self.id(number), roles(self.draw), self.draw.word(24));
        Before { id, fields, roles, secret }
    }

    /// A secret file that is to be written, which holds the client's secret already or not.
    fn file(&mut self, number: usize, before: Option<&Before>) -> File {
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

    fn apply(&mut self) {
        let owner = format!("owner-{}", self.seed);
        self.scenario.what = "apply a declaration";
        self.scenario.writes = &[CREATE, CREATE, UPDATE, UPDATE, DELETE, ASSIGN, REVOKE];
        self.words(&["apply", "-f", DECLARATION]);
        let mut declared = Vec::new();
        let mut prune = self.draw.percent(30);
        for number in 1..=self.draw.number(2..=8) {
            match self.draw.number(1..=100) {
                1..=40 => declared.push(self.declare(number, &owner, None)),
                41..=85 => {
                    let before = self.stored(number);
                    declared.push(self.declare(number, &owner, Some(before)));
                }
                _ => {
                    let mut before = self.stored(number);
                    attribute(&mut before.fields, "kxi-auth.owner", &owner);
                    self.scenario.wanted.insert(before.id.clone(), Wanted::Gone);
                    self.scenario.before.push(before);
                    prune = true;
                }
            }
        }
        if prune {
            self.words(&["--prune", "--yes"]);
        }
        if declared.is_empty() {
            self.words(&["--allow-empty"]);
        }
        let concurrency = self.draw.number(1..=4).to_string();
        self.words(&["--concurrency", &concurrency]);
        let declaration = json!({"owner": owner, "clients": declared}).to_string();
        self.scenario.inputs.insert(DECLARATION.to_owned(), declaration);
    }

    /// A client of the declaration: a new one, one that changes, or one that is as it should be.
    fn declare(&mut self, number: usize, owner: &str, before: Option<Before>) -> Value {
        let mut declared = Map::new();
        declared.insert("id".to_owned(), json!(self.id(number)));
        let same = before.as_ref().filter(|_| self.draw.percent(35)).cloned();
        let mut change = Map::new();
        if same.is_none() && self.draw.percent(80) {
            let drawn = Change::draw(self.draw);
            declared.extend(drawn.declared());
            change = drawn.stored();
        }
        attribute(&mut change, "kxi-auth.owner", owner);
        let mut roles = same.as_ref().map_or_else(|| roles(self.draw), |same| same.roles.clone());
        declared.insert("roles".to_owned(), if roles.is_empty() { json!("none") } else { json!(roles) });
        if self.draw.percent(30) {
            declared.insert("exact_roles".to_owned(), json!(true));
        } else if let Some(before) = &before {
            roles.extend(before.roles.iter().cloned());
        }
        let mut secret = if before.is_some() { Secret::Kept } else { Secret::New };
        if same.is_none() && self.draw.percent(20) {
            let (name, given) = (format!("{number}.given"), self.draw.word(30));
            declared.insert("secret".to_owned(), json!({"file": name}));
            self.scenario.inputs.insert(name, given.clone());
            secret = Secret::Given(given);
        }
        let file = self.draw.percent(65).then(|| self.file(number, before.as_ref()));
        if let Some(file) = &file {
            declared.insert("secret_out".to_owned(), json!({"file": file.name, "format": file.format}));
        }
        if let Some(mut before) = before {
            // One that has no owner yet is taken over.
            if same.is_some() || self.draw.percent(70) {
                attribute(&mut before.fields, "kxi-auth.owner", owner);
            }
            self.scenario.before.push(before);
        }
        let there = There { change, roles, secret, file };
        self.scenario.wanted.insert(self.id(number), Wanted::There(there));
        Value::Object(declared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::mischief;

    #[test]
    fn the_same_seed_draws_the_same_scenario_and_the_same_faults() {
        let all = |seed| {
            let (scenario, mut draw) = draw(seed);
            let planned = mischief::draw(&mut draw, scenario.writes);
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
