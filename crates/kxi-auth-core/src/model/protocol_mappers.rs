//! Protocol mappers: which of their fields the server stores, and which mappers it adds by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::model::fields::is_unset;

/// The field of a client that contains its protocol mappers.
pub(crate) const PROTOCOL_MAPPERS: &str = "protocolMappers";
/// The field of a mapper that contains its settings.
pub(crate) const CONFIG: &str = "config";

/// The fields of a mapper, besides its name, that the server stores and an update changes.
const STORED: [&str; 2] = ["protocol", "protocolMapper"];

/// The fields of a mapper that the server accepts and never stores, each with the value that means nothing: the
/// `consentText` is dropped, and `consentRequired` is always false (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
const DROPPED: [&str; 2] = ["consentRequired", "consentText"];

/// The mappers by their names. `None` if one of them is not an object with a name of its own.
pub(crate) fn by_name(mappers: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let named: BTreeMap<&str, &Value> =
        mappers.iter().filter_map(|mapper| Some((mapper.get("name")?.as_str()?, mapper))).collect();
    (named.len() == mappers.len()).then_some(named)
}

/// Whether the server stores the same for both mappers. Their names, their `id` and what it drops do not count.
pub(crate) fn same_mapper(one: &Value, other: &Value) -> bool {
    differences(one, other).is_empty()
}

/// A part of a mapper that differs: its path, such as `config.claim.name`, and both values.
pub(crate) type Difference<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// The parts of two mappers that differ. A `config` is replaced whole, so a key that one of them lacks differs too.
pub(crate) fn differences<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    let set = |mapper: &'a Value, field: &str| mapper.get(field).filter(|value| !is_unset(value));
    let fields = STORED.iter().map(|field| ((*field).to_owned(), set(one, field), set(other, field)));
    let (one, other) = (config(one), config(other));
    let keys: BTreeSet<&str> = one.keys().chain(other.keys()).copied().collect();
    let keys =
        keys.into_iter().map(|key| (format!("{CONFIG}.{key}"), setting(&one, key), setting(&other, key)));
    fields.chain(keys).filter(|(_, one, other)| one != other).collect()
}

/// The settings of a mapper that are not empty.
fn config(mapper: &Value) -> BTreeMap<&str, &Value> {
    let config = mapper.get(CONFIG).and_then(Value::as_object).into_iter().flatten();
    config.map(|(key, value)| (key.as_str(), value)).filter(|(_, value)| !is_unset(value)).collect()
}

/// A setting of a mapper. Without the key for the user info it is as the one for the ID token: a create even adds the
/// key, and an update does not (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
fn setting<'a>(config: &BTreeMap<&str, &'a Value>, key: &str) -> Option<&'a Value> {
    let default = || (key == "userinfo.token.claim").then(|| config.get("id.token.claim")).flatten();
    config.get(key).or_else(default).copied()
}

/// The parts of wanted mappers that the server accepts and drops, such as `protocolMappers.tenant.consentRequired`. A
/// mapper that exists keeps its `id`.
pub(crate) fn never_stored(wanted: &Map<String, Value>, stored: Option<&Map<String, Value>>) -> Vec<String> {
    let list = |fields: Option<&'_ Map<String, Value>>| {
        fields
            .and_then(|fields| fields.get(PROTOCOL_MAPPERS))
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (wanted, stored) = (list(Some(wanted)), list(stored));
    let stored_id = |name: &str| {
        stored.iter().find(|mapper| mapper.get("name").is_some_and(|other| other == name))?.get("id")
    };
    let mut dropped = Vec::new();
    for (name, mapper) in by_name(&wanted).into_iter().flatten() {
        let given = |field: &&&str| mapper.get(**field).is_some_and(|value| !is_unset(value));
        let mut fields: Vec<&str> = DROPPED.iter().filter(given).copied().collect();
        if let (Some(id), Some(stored)) = (mapper.get("id"), stored_id(name))
            && id != stored
        {
            fields.push("id");
        }
        dropped.extend(fields.iter().map(|field| format!("{PROTOCOL_MAPPERS}.{name}.{field}")));
    }
    dropped
}

/// The mappers that the server adds: the name of each, and the note of the session that it puts into the token under the
/// same name.
const ADDED: [(&str, &str); 3] =
    [("Client ID", "client_id"), ("Client Host", "clientHost"), ("Client IP Address", "clientAddress")];

/// Whether a protocol mapper is as the server itself adds it: up to Keycloak 26.0, a client gets three when its service
/// account is turned on (observed on Keycloak 22.0.5 and 26.0.8). One that somebody has changed does not count, and
/// neither does anything that is not a mapper.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::is_servers_own_mapper;
/// use serde_json::json;
///
/// assert!(!is_servers_own_mapper(&json!({"name": "Client ID", "config": {}})));
/// ```
#[must_use]
pub fn is_servers_own_mapper(mapper: &Value) -> bool {
    let is = |(name, note): &(&str, &str)| {
        let expected = json!({
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper",
            "config": {
                "user.session.note": note,
                "id.token.claim": "true",
                "access.token.claim": "true",
                // Keycloak 22.0.5 does not set this one.
                "introspection.token.claim": mapper.pointer("/config/introspection.token.claim").map(|_| "true"),
                "claim.name": note,
                "jsonType.label": "String",
            },
        });
        mapper.get("name").is_some_and(|found| found == name) && same_mapper(mapper, &expected)
    };
    ADDED.iter().any(is)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_that_the_server_stores_is_compared() {
        let stored = json!({"id": "1", "name": "m", "protocol": "p", "protocolMapper": "t", "consentRequired": false,
            "config": {"kept": "1", "changed": "1", "gone": "1"}});
        let wanted = json!({"name": "m", "protocol": "p", "protocolMapper": "u", "consentRequired": true,
            "config": {"kept": "1", "changed": "2", "new": "1", "empty": ""}});
        let found: Vec<String> = differences(&stored, &wanted).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(found, ["protocolMapper", "config.changed", "config.gone", "config.new"]);
        let (full, short) =
            (json!({"id.token.claim": "1", "userinfo.token.claim": "1"}), json!({"id.token.claim": "1"}));
        assert!(same_mapper(&json!({"config": full}), &json!({"config": short})));
        assert!(!same_mapper(&json!({"config": full}), &json!({"config": {"id.token.claim": "2"}})));
        assert!(same_mapper(&json!({"name": "m", "config": {}}), &json!({"name": "m", "config": {"a": ""}})));
    }

    #[test]
    fn what_the_server_drops_is_named() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let wanted = object(json!({"protocolMappers": [
            {"name": "a", "consentRequired": true, "consentText": "t", "id": "new"},
            {"name": "b", "consentRequired": false, "consentText": "", "id": "new"},
            {"name": "c", "id": "1"},
        ]}));
        let stored = object(json!({"protocolMappers": [{"name": "a", "id": "1"}, {"name": "c", "id": "1"}]}));
        let all =
            ["protocolMappers.a.consentRequired", "protocolMappers.a.consentText", "protocolMappers.a.id"];
        assert_eq!(never_stored(&wanted, Some(&stored)), all);
        assert_eq!(never_stored(&wanted, None), all[..2]);
    }

    /// As Keycloak 26.0.8 stores it.
    fn client_id() -> Value {
        json!({
            "id": "85c7eb8a-51f8-45f8-8e30-b7a9c0bbf4a0",
            "name": "Client ID",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper",
            "consentRequired": false,
            "config": {
                "user.session.note": "client_id",
                "introspection.token.claim": "true",
                "id.token.claim": "true",
                "access.token.claim": "true",
                "claim.name": "client_id",
                "jsonType.label": "String",
            },
        })
    }

    #[test]
    fn only_mappers_as_the_server_adds_them_are_its_own() {
        let mut older = client_id();
        older["config"].as_object_mut().unwrap().remove("introspection.token.claim");
        assert!(is_servers_own_mapper(&client_id()) && is_servers_own_mapper(&older));
        let changed = |path: &str, value: Value| {
            let mut mapper = client_id();
            *mapper.pointer_mut(path).unwrap() = value;
            mapper
        };
        let mut more = client_id();
        more["config"]["multivalued"] = json!("true");
        for other in [
            more,
            changed("/name", json!("Client Host")),
            changed("/protocolMapper", json!("oidc-hardcoded-claim-mapper")),
            changed("/config/user.session.note", json!("clientHost")),
            changed("/config/claim.name", json!("client")),
            changed("/config/access.token.claim", json!("false")),
            changed("/config/introspection.token.claim", json!("false")),
            json!({"name": "Client ID"}),
            json!(null),
        ] {
            assert!(!is_servers_own_mapper(&other), "{other}");
        }
    }
}
