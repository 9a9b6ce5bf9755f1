//! What the server stores of the clients of a run.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::seeded::wanted::Roles;

/// The attribute that says when the secret was set.
pub(super) const CREATION_TIME: &str = "client.secret.creation.time";
/// What differs between any two clients.
const OWN: [&str; 3] = ["id", "clientId", "secret"];

/// A client as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) uuid: String,
    /// Its representation, without what differs between any two clients.
    pub(super) fields: Map<String, Value>,
    pub(super) secret: String,
    /// When its secret was set.
    pub(super) set_at: Option<String>,
    /// The roles of its service account: realm roles, [`DEFAULT_ROLE`], and `client: role`. None without a service
    /// account.
    pub(super) roles: Option<Roles>,
}

/// Stands for the realm's default role.
pub(super) const DEFAULT_ROLE: &str = "the default role";

impl Stored {
    /// A client of the Admin API, with the roles of its service account.
    pub(super) fn new(client: Value, roles: Option<Roles>) -> Self {
        let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        let (uuid, secret) = (text("id"), text("secret"));
        let set_at = client["attributes"][CREATION_TIME].as_str().map(str::to_owned);
        Self { uuid, fields: comparable(client), secret, set_at, roles }
    }
}

/// These roles and the default one.
pub(super) fn with_default(roles: &Roles) -> Roles {
    roles.iter().cloned().chain([DEFAULT_ROLE.to_owned()]).collect()
}

/// The clients by ID; there is more than one of an ID only if something is wrong.
pub(super) type State = BTreeMap<String, Vec<Stored>>;

/// A representation without what differs between any two clients, and with the mappers sorted: the server keeps no order
/// of them.
pub(super) fn comparable(client: Value) -> Map<String, Value> {
    let Value::Object(mut fields) = client else { return Map::new() };
    fields.retain(|name, _| !OWN.contains(&name.as_str()));
    if let Some(attributes) = fields.get_mut("attributes").and_then(Value::as_object_mut) {
        attributes.remove(CREATION_TIME);
    }
    if let Some(Value::Array(mappers)) = fields.get_mut("protocolMappers") {
        for mapper in mappers.iter_mut().filter_map(Value::as_object_mut) {
            mapper.remove("id");
        }
        mappers.sort_by_key(|mapper| mapper["name"].to_string());
    }
    fields
}

/// The fields with a change to them: attributes one by one, everything else as a whole.
pub(super) fn changed(fields: &Map<String, Value>, change: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = fields.clone();
    for (name, value) in change {
        match (fields.get_mut(name), value) {
            (Some(Value::Object(attributes)), Value::Object(more)) if name == "attributes" => {
                attributes.extend(more.clone());
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    fields
}

/// The names of the fields in which two representations differ, for a message.
pub(super) fn differing(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let names = one.keys().chain(other.keys()).collect::<std::collections::BTreeSet<_>>();
    let differs = |name: &&&String| one.get(name.as_str()) != other.get(name.as_str());
    let shown = |name: &String| {
        let value = |fields: &Map<String, Value>| fields.get(name).map_or("-".to_owned(), Value::to_string);
        format!("{name}: {} / {}", value(one), value(other))
    };
    names.iter().filter(differs).map(|name| shown(name)).collect()
}
