//! The changes that the body of a write makes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::field_change::FieldChange;
use crate::model::protocol_mappers::{PROTOCOL_MAPPERS, by_name, differences};
use crate::model::stored_client::StoredClient;

/// The changes that the body of a write makes to the stored client, or to a new one. Each key of an object, each
/// protocol mapper and each part of a mapper that stays is a change of its own.
pub(crate) fn changes(
    stored: Option<&StoredClient>,
    fields: &Map<String, Value>,
    new_secret: bool,
) -> Vec<FieldChange> {
    let before = |field: &str| stored.and_then(|stored| stored.fields.get(field));
    let mut changes: Vec<FieldChange> =
        fields.iter().flat_map(|(field, value)| of_field(field, before(field), value)).collect();
    if new_secret {
        changes.push(FieldChange::secret());
    }
    changes.retain(|change| stored.is_some() || change.to.is_some() || change.field == "secret");
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    changes
}

fn of_field(field: &str, before: Option<&Value>, sent: &Value) -> Vec<FieldChange> {
    match sent {
        Value::Object(members) => {
            let member = |(key, to): (&String, &Value)| {
                change(format!("{field}.{key}"), before.and_then(|before| before.get(key)), Some(to))
            };
            members.iter().map(member).collect()
        }
        Value::Array(mappers) if field == PROTOCOL_MAPPERS => {
            of_mappers(before, mappers).unwrap_or_else(|| vec![change(field.to_owned(), before, Some(sent))])
        }
        sent => vec![change(field.to_owned(), before, Some(sent))],
    }
}

/// The mappers that are added and removed, and the differences of the others. `None` if the mappers have no names.
fn of_mappers(before: Option<&Value>, sent: &[Value]) -> Option<Vec<FieldChange>> {
    let none = Vec::new();
    let (before, sent) = (by_name(before.and_then(Value::as_array).unwrap_or(&none))?, by_name(sent)?);
    let names: BTreeSet<&str> = before.keys().chain(sent.keys()).copied().collect();
    let of_mapper = |name: &str| {
        let path = format!("{PROTOCOL_MAPPERS}.{name}");
        match (before.get(name), sent.get(name)) {
            (Some(before), Some(sent)) => {
                let part = |(part, from, to)| change(format!("{path}.{part}"), from, to);
                differences(before, sent).into_iter().map(part).collect()
            }
            (before, sent) => vec![change(path, before.copied(), sent.copied())],
        }
    };
    Some(names.into_iter().flat_map(of_mapper).collect())
}

/// An empty text removes a value.
fn change(field: String, from: Option<&Value>, to: Option<&Value>) -> FieldChange {
    let removes = |value: &Value| value.is_null() || value.as_str() == Some("");
    FieldChange { field, from: from.cloned(), to: to.filter(|value| !removes(value)).cloned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::client_uuid::ClientUuid;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    #[test]
    fn attributes_are_changes_of_their_own() {
        let fields = map(json!({"description": "old", "attributes": {"a": "1", "gone": "x"}}));
        let stored =
            StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret: None, fields };
        let body = map(json!({"description": "new", "attributes": {"a": "2", "gone": "", "b": "3"}}));
        let shown: Vec<_> = changes(Some(&stored), &body, true)
            .into_iter()
            .map(|change| (change.field, change.from, change.to))
            .collect();
        let expected = [
            ("attributes.a", Some(json!("1")), Some(json!("2"))),
            ("attributes.b", None, Some(json!("3"))),
            ("attributes.gone", Some(json!("x")), None),
            ("description", Some(json!("old")), Some(json!("new"))),
            ("secret", None, None),
        ];
        assert_eq!(shown, expected.map(|(field, from, to)| (field.to_owned(), from, to)));
    }

    #[test]
    fn each_key_and_each_part_of_a_mapper_is_a_change_of_its_own() {
        let mapper =
            |name: &str, config: Value| json!({"name": name, "protocolMapper": "t", "config": config});
        let fields = map(json!({
            "protocolMappers": [mapper("aud", json!({"a": "1", "b": "1"})), mapper("old", json!({}))],
            "authenticationFlowBindingOverrides": {"browser": "f"},
        }));
        let stored =
            StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret: None, fields };
        let body = map(json!({
            "protocolMappers": [mapper("aud", json!({"b": "2"})), mapper("new", json!({}))],
            "authenticationFlowBindingOverrides": {"browser": "", "direct_grant": "g"},
        }));
        let shown: Vec<_> = changes(Some(&stored), &body, false)
            .into_iter()
            .map(|change| (change.field, change.from, change.to))
            .collect();
        let expected = [
            ("authenticationFlowBindingOverrides.browser", Some(json!("f")), None),
            ("authenticationFlowBindingOverrides.direct_grant", None, Some(json!("g"))),
            ("protocolMappers.aud.config.a", Some(json!("1")), None),
            ("protocolMappers.aud.config.b", Some(json!("1")), Some(json!("2"))),
            ("protocolMappers.new", None, Some(mapper("new", json!({})))),
            ("protocolMappers.old", Some(mapper("old", json!({}))), None),
        ];
        assert_eq!(shown, expected.map(|(field, from, to)| (field.to_owned(), from, to)));
    }
}
