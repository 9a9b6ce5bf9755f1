//! How the server merges each field of a PUT with what it stores. Asked of Keycloak 22.0.5, 26.0.8 and 26.7.3, which
//! do the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::client_scopes::OWN_SCOPE;
use crate::model::fields::is_unset;
use crate::model::protocol_mappers::{by_name, is_servers_own_mapper, same_mapper};

/// What a PUT does to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// The value replaces the stored value.
    Replaced,
    /// The list replaces the stored list. The server keeps neither order nor duplicates.
    Set,
    /// The value is stored only by a create. A PUT ignores it.
    OnCreate,
    /// An object that is merged key by key. An empty value removes a key; a key that is missing stays.
    Keys,
    /// An object that is merged key by key, and no value removes a key.
    KeysOnly,
    /// The list replaces all protocol mappers. They are matched by name and keep their `id`; the `config` of each is
    /// replaced whole, without empty values.
    Mappers,
}

/// The fields whose value has a content. All other fields are [`Merge::Replaced`]. Attributes are merged key by key
/// too, but a config names only the attributes that it sets, so that the others stay.
pub(super) const MERGES: &[(&str, Merge)] = &[
    ("authenticationFlowBindingOverrides", Merge::Keys),
    ("authorizationSettings", Merge::OnCreate),
    ("defaultClientScopes", Merge::OnCreate),
    ("optionalClientScopes", Merge::OnCreate),
    ("protocolMappers", Merge::Mappers),
    ("redirectUris", Merge::Set),
    ("registeredNodes", Merge::KeysOnly),
    ("webOrigins", Merge::Set),
];

/// How a PUT merges the field.
pub(super) fn merge(field: &str) -> Merge {
    MERGES.iter().find(|(name, _)| *name == field).map_or(Merge::Replaced, |(_, merge)| *merge)
}

/// The value that a PUT has to send so that the field becomes what is wanted, or `None` if it is that already.
pub(super) fn to_send(field: &str, stored: Option<&Value>, wanted: &Value) -> Option<Value> {
    match (merge(field), wanted) {
        (Merge::OnCreate, _) => None,
        (Merge::Keys, Value::Object(wanted)) => keys(stored, wanted, true),
        (Merge::KeysOnly, Value::Object(wanted)) => keys(stored, wanted, false),
        (Merge::Mappers, Value::Array(list)) => match named(stored, list) {
            Some((stored, list)) => mappers(&stored, &list),
            None => replaced(stored, wanted),
        },
        _ => replaced(stored, wanted),
    }
}

/// Whether the stored value means the same. The server leaves out empty values, and keeps neither the order of a list
/// nor duplicates.
pub(super) fn is_same(stored: Option<&Value>, wanted: &Value) -> bool {
    match (stored, wanted) {
        (None, wanted) => is_unset(wanted),
        (Some(Value::Array(stored)), Value::Array(wanted)) => {
            wanted.iter().all(|item| stored.contains(item)) && stored.iter().all(|item| wanted.contains(item))
        }
        (Some(stored), wanted) => stored == wanted || (is_unset(stored) && is_unset(wanted)),
    }
}

/// Whether a client that exists has the value of a field that only a create stores. The server adds a scope of its own.
pub(super) fn has_from_create(stored: Option<&Value>, wanted: &Value) -> bool {
    let names_own = wanted.as_array().is_some_and(|names| names.iter().any(|name| name == OWN_SCOPE));
    match stored {
        Some(Value::Array(scopes)) if !names_own => {
            let given = scopes.iter().filter(|scope| *scope != OWN_SCOPE).cloned().collect();
            is_same(Some(&Value::Array(given)), wanted)
        }
        stored => is_same(stored, wanted),
    }
}

/// The keys that differ, and an empty value for each stored key that is not wanted.
fn keys(stored: Option<&Value>, wanted: &Map<String, Value>, removes: bool) -> Option<Value> {
    let stored = stored.and_then(Value::as_object);
    let differs =
        |(key, value): &(&String, &Value)| !is_same(stored.and_then(|stored| stored.get(*key)), value);
    let mut sent: Map<String, Value> =
        wanted.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect();
    let unwanted =
        |(key, value): &(&String, &Value)| removes && !wanted.contains_key(*key) && !is_unset(value);
    let unwanted = stored.into_iter().flatten().filter(unwanted);
    sent.extend(unwanted.map(|(key, _)| (key.clone(), Value::from(""))));
    (!sent.is_empty()).then_some(Value::Object(sent))
}

fn replaced(stored: Option<&Value>, wanted: &Value) -> Option<Value> {
    (!is_same(stored, wanted)).then(|| wanted.clone())
}

/// Mappers by their names.
type Named<'a> = BTreeMap<&'a str, &'a Value>;

/// The stored and the wanted mappers. `None` if they are not lists of named mappers.
fn named<'a>(stored: Option<&'a Value>, wanted: &'a [Value]) -> Option<(Named<'a>, Named<'a>)> {
    let stored = stored.map_or(Some(&[][..]), |stored| stored.as_array().map(Vec::as_slice))?;
    Some((by_name(stored)?, by_name(wanted)?))
}

/// The whole list if any mapper differs. The mappers that the server itself added stay in it unless the config names
/// them.
fn mappers(stored: &Named<'_>, wanted: &Named<'_>) -> Option<Value> {
    let is_own =
        |(name, mapper): &(&&str, &&Value)| is_servers_own_mapper(mapper) && !wanted.contains_key(**name);
    let own: Vec<&Value> = stored.iter().filter(is_own).map(|(_, mapper)| *mapper).collect();
    let has = |(name, wanted): (&&str, &&Value)| {
        stored.get(*name).is_some_and(|stored| same_mapper(stored, wanted))
    };
    let same = stored.len() == wanted.len() + own.len() && wanted.iter().all(has);
    (!same).then(|| wanted.values().copied().chain(own).cloned().collect())
}

#[cfg(test)]
mod tests {
    use keycloak_admin_api::fields::{CLIENT_REPRESENTATION, Kind};
    use serde_json::json;

    use super::*;
    use crate::desired::config::{ClientConfig, rules};
    use crate::model::fields::ATTRIBUTES;

    fn config(value: Value) -> ClientConfig {
        let Value::Object(map) = value else { panic!("an object is wanted") };
        ClientConfig::from_map(map)
    }

    /// The body of an update with this value of a field, if the field has that other value.
    fn sent(field: &str, stored: &Value, wanted: &Value) -> Value {
        let stored = Map::from_iter([(field.to_owned(), stored.clone())]);
        let mut body = Map::new();
        config(json!({field: wanted})).merge_into_update(&stored, &mut body);
        body.remove(field).unwrap_or(Value::Null)
    }

    #[test]
    fn a_key_that_is_dropped_is_a_difference_and_is_removed() {
        let both = json!({"browser": "f", "direct_grant": "g"});
        let overrides = |wanted: Value| sent("authenticationFlowBindingOverrides", &both, &wanted);
        assert_eq!(overrides(both.clone()), Value::Null);
        assert_eq!(overrides(json!({"browser": "f"})), json!({"direct_grant": ""}));
        assert_eq!(overrides(json!({})), json!({"browser": "", "direct_grant": ""}));
        assert_eq!(
            overrides(json!({"browser": "h", "direct_grant": "", "x": ""})),
            json!({"browser": "h", "direct_grant": ""})
        );

        // No value removes a node.
        assert_eq!(sent("registeredNodes", &json!({"a": 1, "b": 2}), &json!({"b": 3})), json!({"b": 3}));
        assert_eq!(sent("registeredNodes", &json!({"a": 1}), &json!({})), Value::Null);

        let aud =
            |config: Value| json!({"name": "aud", "protocol": "p", "protocolMapper": "t", "config": config});
        let stored = json!([aud(json!({"a": "1", "b": "2"}))]);
        let mappers = |wanted: Value| sent("protocolMappers", &stored, &wanted);
        assert_eq!(mappers(json!([aud(json!({"a": "1", "b": "2", "c": ""}))])), Value::Null);
        for wanted in [
            json!([aud(json!({"a": "1"}))]),
            json!([]),
            json!([{"name": "aud", "protocol": "p", "protocolMapper": "t"}]),
        ] {
            assert_eq!(mappers(wanted.clone()), wanted);
        }
    }

    #[test]
    fn what_the_server_drops_or_added_itself_is_no_difference() {
        let own = json!({"id": "1", "name": "Client Host", "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper", "consentRequired": false,
            "config": {"user.session.note": "clientHost", "claim.name": "clientHost", "jsonType.label": "String",
                "id.token.claim": "true", "access.token.claim": "true"}});
        let mapper = |more: Value| {
            let mut mapper =
                json!({"name": "m", "protocol": "p", "protocolMapper": "t", "consentRequired": false});
            mapper.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            mapper
        };
        let stored = json!([own, mapper(json!({"id": "2", "config": {}}))]);
        let dropped = mapper(json!({"consentRequired": true, "consentText": "t", "id": "3"}));
        assert_eq!(sent("protocolMappers", &stored, &json!([dropped])), Value::Null);
        assert_eq!(config(json!({"protocolMappers": [dropped]})).never_stored(None).len(), 2);
        // An update keeps what the server added.
        let changed = mapper(json!({"config": {"a": "1"}}));
        assert_eq!(sent("protocolMappers", &stored, &json!([changed])), json!([changed, own]));
        // One that somebody changed is a mapper like any other.
        let mut silenced = own;
        silenced["config"]["access.token.claim"] = json!("false");
        let stored = json!([silenced, mapper(json!({}))]);
        assert_eq!(sent("protocolMappers", &stored, &json!([mapper(json!({}))])), json!([mapper(json!({}))]));
    }

    #[test]
    fn how_each_field_with_a_content_is_merged_is_known() {
        for field in CLIENT_REPRESENTATION.fields {
            let has_content = matches!(field.kind, Kind::List(_) | Kind::Map(_) | Kind::Object(_));
            let refused =
                field.name == ATTRIBUTES || rules::REFUSED.iter().any(|(name, _)| *name == field.name);
            let known = MERGES.iter().any(|(name, _)| *name == field.name);
            assert_eq!(known, has_content && !refused, "{}", field.name);
        }
    }
}
