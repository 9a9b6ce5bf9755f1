//! The declaration of an `apply`: new clients, changed ones, those that are as they should be, and those that are no
//! longer listed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::seeded::draw::Draw;
use crate::seeded::scenario::{ASSIGN, CREATE, DECLARATION, DELETE, Maker, OWNER, REVOKE, UPDATE};
use crate::seeded::wanted::{Before, Change, Roles, Secret, There, Wanted, attribute, roles};

impl Maker<'_> {
    pub(super) fn apply(&mut self) {
        let owner = self.owner();
        self.scenario.what = "apply a declaration";
        self.scenario.writes = &[CREATE, CREATE, UPDATE, UPDATE, DELETE, DELETE, ASSIGN, REVOKE];
        self.words(&["apply", "-f", DECLARATION]);
        let mut declared = Vec::new();
        let prune = self.draw.percent(50);
        for number in 1..=self.draw.number(2..=8) {
            match self.draw.number(1..=100) {
                1..=40 => declared.push(self.declare(number, &owner, None)),
                41..=85 => {
                    let before = self.stored(number);
                    declared.push(self.declare(number, &owner, Some(before)));
                }
                _ => {
                    let mut before = self.stored(number);
                    attribute(&mut before.fields, OWNER, &owner);
                    let wanted = if prune { Wanted::Gone } else { Wanted::Untouched };
                    self.scenario.wanted.insert(before.id.clone(), wanted);
                    self.scenario.before.push(before);
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
        attribute(&mut change, OWNER, owner);
        let roles = same.as_ref().map_or_else(|| roles(self.draw), |same| same.roles.clone());
        let roles = declare_roles(&mut declared, roles, before.as_ref(), self.draw);
        let mut secret = if before.is_some() { Secret::Kept } else { Secret::New };
        if same.is_none() && self.draw.percent(20) {
            let (name, inputs) = (format!("{number}.given"), &mut self.scenario.inputs);
            secret = declare_secret(&mut declared, name, inputs, self.draw);
        }
        let file = self.draw.percent(65).then(|| self.file(number, before.as_ref()));
        if let Some(file) = &file {
            declared.insert("secret_out".to_owned(), json!({"file": file.name, "format": file.format}));
        }
        if let Some(mut before) = before {
            // One that has no owner yet is taken over.
            if same.is_some() || self.draw.percent(70) {
                attribute(&mut before.fields, OWNER, owner);
            }
            self.scenario.before.push(before);
        }
        let there = There { change, roles, secret, file };
        self.scenario.wanted.insert(self.id(number), Wanted::There(there));
        Value::Object(declared)
    }
}

/// Declares roles, exact ones or beside those that the client has, and returns which roles it is to have.
pub(super) fn declare_roles(
    declared: &mut Map<String, Value>,
    mut roles: Roles,
    before: Option<&Before>,
    draw: &mut Draw,
) -> Roles {
    declared.insert("roles".to_owned(), if roles.is_empty() { json!("none") } else { json!(roles) });
    if draw.percent(30) {
        declared.insert("exact_roles".to_owned(), json!(true));
    } else if let Some(before) = before {
        roles.extend(before.roles.iter().cloned());
    }
    roles
}

/// Declares a secret in a file of this name, which is added to the inputs.
pub(super) fn declare_secret(
    declared: &mut Map<String, Value>,
    name: String,
    inputs: &mut BTreeMap<String, String>,
    draw: &mut Draw,
) -> Secret {
    let given = draw.word(30);
    declared.insert("secret".to_owned(), json!({"file": name}));
    inputs.insert(name, given.clone());
    Secret::Given(given)
}
