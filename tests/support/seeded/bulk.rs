//! Declarations of many clients, for runs that are killed or that meet another.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use crate::seeded::declaration::{declare_roles, declare_secret};
use crate::seeded::draw::Draw;
use crate::seeded::facts::Ended;
use crate::seeded::scenario::{DECLARATION, OWNER, Scenario};
use crate::seeded::stored::State;
use crate::seeded::wanted::{Before, Change, File, Secret, There, Wanted, attribute, roles};

/// A declaration that is being made.
struct Sheet<'a> {
    prefix: &'a str,
    owner: &'a str,
    draw: &'a mut Draw,
    declared: Vec<Value>,
    before: Vec<Before>,
    inputs: BTreeMap<String, String>,
    wanted: BTreeMap<String, Wanted>,
}

/// An owner's declaration of new clients, each with its secret in a file of its own.
pub(super) fn new_clients(
    prefix: &str,
    owner: &str,
    numbers: RangeInclusive<usize>,
    draw: &mut Draw,
) -> Scenario {
    let mut sheet = Sheet::new(prefix, owner, draw);
    for number in numbers {
        sheet.declare(number, None);
    }
    sheet.scenario(&[])
}

/// An owner's declaration of new, changed and unchanged clients, beside which there are clients to prune. Most have their
/// secrets in files.
pub(super) fn mixed(prefix: &str, owner: &str, count: usize, draw: &mut Draw) -> Scenario {
    let mut sheet = Sheet::new(prefix, owner, draw);
    for number in 1..=count {
        match sheet.draw.number(1..=100) {
            1..=55 => sheet.declare(number, None),
            56..=85 => {
                let before = sheet.stored(number);
                sheet.declare(number, Some(before));
            }
            _ => {
                let mut before = sheet.stored(number);
                attribute(&mut before.fields, OWNER, owner);
                sheet.wanted.insert(before.id.clone(), Wanted::Gone);
                sheet.before.push(before);
            }
        }
    }
    sheet.scenario(&["--prune", "--yes"])
}

impl<'a> Sheet<'a> {
    fn new(prefix: &'a str, owner: &'a str, draw: &'a mut Draw) -> Self {
        let (declared, before) = (Vec::new(), Vec::new());
        Self { prefix, owner, draw, declared, before, inputs: BTreeMap::new(), wanted: BTreeMap::new() }
    }

    fn id(&self, number: usize) -> String {
        format!("{}{number:03}", self.prefix)
    }

    fn stored(&mut self, number: usize) -> Before {
        let (id, roles, secret) = (self.id(number), roles(self.draw), self.draw.word(24));
        Before { id, fields: Change::draw(self.draw).stored(), roles, secret }
    }

    /// A new client, or one that changes or stays as it is.
    fn declare(&mut self, number: usize, before: Option<Before>) {
        let (id, roles) = (self.id(number), roles(self.draw));
        let stays = before.is_some() && self.draw.percent(30);
        let drawn = if stays { Change::default() } else { Change::draw(self.draw) };
        let mut declared = drawn.declared();
        let mut change = drawn.stored();
        attribute(&mut change, OWNER, self.owner);
        declared.insert("id".to_owned(), json!(id));
        let roles = declare_roles(&mut declared, roles, before.as_ref(), self.draw);
        let mut secret = if before.is_some() { Secret::Kept } else { Secret::New };
        if !stays && self.draw.percent(15) {
            let name = format!("{number:03}.given");
            secret = declare_secret(&mut declared, name, &mut self.inputs, self.draw);
        }
        let file = (before.is_none() || self.draw.percent(70))
            .then(|| File { name: format!("{number:03}.out"), format: "raw" });
        if let Some(file) = &file {
            declared.insert("secret_out".to_owned(), json!(file.name));
        }
        if let Some(mut before) = before {
            // One that has no owner yet is taken over.
            if self.draw.percent(70) {
                attribute(&mut before.fields, OWNER, self.owner);
            }
            if let Some(file) = &file
                && self.draw.percent(50)
            {
                self.inputs.insert(file.name.clone(), before.secret.clone());
            }
            self.before.push(before);
        }
        self.declared.push(Value::Object(declared));
        self.wanted.insert(id, Wanted::There(There { change, roles, secret, file }));
    }

    fn scenario(self, more: &[&str]) -> Scenario {
        let Self { prefix, owner, declared, before, mut inputs, wanted, .. } = self;
        let declaration = json!({"owner": owner, "clients": declared}).to_string();
        inputs.insert(DECLARATION.to_owned(), declaration);
        let words = [&["apply", "-f", DECLARATION], more].concat();
        Scenario {
            what: "apply a declaration",
            prefix: prefix.to_owned(),
            before,
            inputs,
            words: words.into_iter().map(str::to_owned).collect(),
            wanted,
            shows_secret: false,
            writes: &[],
        }
    }
}

/// Whose a client is.
pub(super) fn owner<'s>(state: &'s State, id: &str) -> Option<&'s str> {
    let fields: &Map<String, Value> = &state.get(id)?.first()?.fields;
    fields.get("attributes")?[OWNER].as_str()
}

/// What two owners want together, in folders that are named for them: a client that both declare is to be as its owner
/// wants it. One that came so late that its plan was rejected changes nothing.
pub(super) fn of_both(sides: [(&(&str, Scenario), &Ended); 2], state: &State) -> Scenario {
    let mut inputs = BTreeMap::new();
    let mut wanted = BTreeMap::new();
    for ((side, scenario), ended) in sides {
        let name = |name: &str| format!("{side}/{name}");
        inputs.extend(scenario.inputs.iter().map(|(file, content)| (name(file), content.clone())));
        if ended.is_rejected_plan() {
            continue;
        }
        for (id, one) in &scenario.wanted {
            let Wanted::There(mut there) = one.clone() else { continue };
            there.file = there.file.map(|file| File { name: name(&file.name), ..file });
            if owner(state, id) == Some(*side) || !wanted.contains_key(id) {
                wanted.insert(id.clone(), Wanted::There(there));
            }
        }
    }
    Scenario { inputs, wanted, ..sides[0].0.1.clone() }
}
