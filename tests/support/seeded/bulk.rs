//! A declaration of many clients with secret files, for runs that are killed or that meet another.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, json};

use crate::seeded::draw::Draw;
use crate::seeded::facts::Ended;
use crate::seeded::scenario::{DECLARATION, Scenario};
use crate::seeded::stored::State;
use crate::seeded::wanted::{File, Secret, There, Wanted, attribute, roles};

/// An owner's declaration of new clients, each with its secret in a file of its own.
pub(super) fn declared(
    prefix: &str,
    owner: &str,
    numbers: RangeInclusive<usize>,
    draw: &mut Draw,
) -> Scenario {
    let mut clients = Vec::new();
    let mut wanted = BTreeMap::new();
    for number in numbers {
        let (id, name, roles) = (format!("{prefix}{number:03}"), format!("{number:03}.out"), roles(draw));
        let lifespan = draw.number(60..=3600);
        let named = if roles.is_empty() { json!("none") } else { json!(roles) };
        clients.push(json!({"id": id, "roles": named, "token_lifespan": lifespan, "secret_out": name}));
        let mut change = Map::new();
        attribute(&mut change, "access.token.lifespan", &lifespan.to_string());
        attribute(&mut change, "kxi-auth.owner", owner);
        let file = Some(File { name, format: "raw" });
        wanted.insert(id, Wanted::There(There { change, roles, secret: Secret::New, file }));
    }
    let declaration = json!({"owner": owner, "clients": clients}).to_string();
    Scenario {
        what: "apply a declaration",
        prefix: prefix.to_owned(),
        before: Vec::new(),
        inputs: [(DECLARATION.to_owned(), declaration)].into(),
        words: ["apply", "-f", DECLARATION].map(str::to_owned).to_vec(),
        wanted,
        shows_secret: false,
        writes: &[],
    }
}

/// What two owners want together, in folders that are named for them: a client that both declare is to be as its owner
/// wants it. One that came so late that its plan was rejected changes nothing.
pub(super) fn of_both(sides: [(&(&str, Scenario), &Ended); 2], state: &State) -> Scenario {
    let mut inputs = BTreeMap::new();
    let mut wanted = BTreeMap::new();
    for ((owner, scenario), ended) in sides {
        let name = |name: &str| format!("{owner}/{name}");
        inputs.extend(scenario.inputs.iter().map(|(file, content)| (name(file), content.clone())));
        if ended.is_rejected_plan() {
            continue;
        }
        for (id, one) in &scenario.wanted {
            let Wanted::There(mut there) = one.clone() else { continue };
            let stored = state.get(id).and_then(|clients| clients.first());
            let owned = stored.is_some_and(|stored| stored.fields["attributes"]["kxi-auth.owner"] == **owner);
            there.file = there.file.map(|file| File { name: name(&file.name), ..file });
            if owned || !wanted.contains_key(id) {
                wanted.insert(id.clone(), Wanted::There(there));
            }
        }
    }
    Scenario { inputs, wanted, ..sides[0].0.1.clone() }
}
