//! The table of fields matches the generated types.

use keycloak_admin_api::fields::{
    CLIENT_REPRESENTATION, Kind, RESOURCE_SERVER_REPRESENTATION, Representation, SCOPE_REPRESENTATION,
};
use keycloak_admin_api::types;
use serde_json::{Map, Value, json};

/// A value of the kind. A type inside a type is empty.
fn sample(kind: Kind) -> Value {
    match kind {
        Kind::Boolean => json!(true),
        Kind::Int32 | Kind::Int64 => json!(1),
        Kind::List(kind) => json!([sample(*kind)]),
        Kind::Map(kind) => json!({"key": sample(*kind)}),
        Kind::Object(_) => json!({}),
        _ => json!("text"),
    }
}

fn full(of: &Representation) -> Value {
    let fields = of.fields.iter().map(|field| (field.name.to_owned(), sample(field.kind)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A name that the type does not know would end up in `extra`, and a wrong kind would be an error.
#[test]
fn every_field_is_one_of_the_type_and_of_its_kind() {
    let client: types::ClientRepresentation = serde_json::from_value(full(&CLIENT_REPRESENTATION)).unwrap();
    assert!(client.extra.is_empty(), "{:?}", client.extra);
    let settings: types::ResourceServerRepresentation =
        serde_json::from_value(full(&RESOURCE_SERVER_REPRESENTATION)).unwrap();
    assert!(settings.extra.is_empty(), "{:?}", settings.extra);
}

#[test]
fn no_field_of_the_type_is_missing() {
    let client: types::ClientRepresentation = serde_json::from_value(full(&CLIENT_REPRESENTATION)).unwrap();
    let printed = format!("{client:#?}");
    // Four spaces: only the client's own fields, not the fields of the empty types inside it.
    let missing: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     ") && line.ends_with(": None,"))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_lies_inside_is_followed_even_where_types_hold_each_other() {
    let resources = SCOPE_REPRESENTATION.field("resources").unwrap();
    let Kind::List(Kind::Object(resource)) = resources.kind else { panic!("{resources:?}") };
    let scopes = resource.field("scopes").unwrap();
    let Kind::List(Kind::Object(scope)) = scopes.kind else { panic!("{scopes:?}") };
    assert_eq!(scope.name, SCOPE_REPRESENTATION.name);
    assert_eq!(
        format!("{resources:?}"),
        r#"Field { name: "resources", kind: List(Object("ResourceRepresentation")) }"#
    );
}
