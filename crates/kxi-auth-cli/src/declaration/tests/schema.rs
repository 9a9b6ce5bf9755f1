use serde_json::{Value, json};

use super::*;
use crate::declaration::{read, schema};

fn validator() -> jsonschema::Validator {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

/// The YAML text as other tools read it.
fn as_json(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// What both accept.
fn good() -> Vec<String> {
    vec![
        EXAMPLE.to_owned(),
        "owner: o".to_owned(),
        "owner: o\nclients: []".to_owned(),
        with("roles: all"),
        with("roles: none"),
        with("roles: []"),
        with("roles: [all, '1']"),
        with("exact_roles: true"),
        with("exact_roles: all"),
        with("client_roles: {}"),
        with("client_roles: {app: []}"),
        with("client_roles: {app: [all, '1'], b: [c]}"),
        with("groups: []"),
        with("groups: [/a, '/a b/c..d', /.../x]"),
        with("exact_groups: true"),
        with("enabled: false"),
        with("token_lifespan: 1"),
        with("token_lifespan: 2147483647"),
        with("config: {}"),
        with("config: {anything: [1, {a: null}], attributes: {a: b}}"),
        with("secret: generate"),
        with("secret: keep"),
        with("secret: {env: A}"),
        with("secret: {file: a b}"),
        with("secret_out: a"),
        with("secret_out: {file: a}"),
        with("secret_out: {file: a, format: env}"),
        with("secret_out: {file: a, format: kubernetes, name: b.c, namespace: d}"),
    ]
}

/// What both reject.
fn bad() -> Vec<String> {
    vec![
        "[]".to_owned(),
        "{}".to_owned(),
        "owner: 1".to_owned(),
        "owner: ' '".to_owned(),
        "owner: \"a\\nb\"".to_owned(),
        format!("owner: {}", "a".repeat(256)),
        "owner: o\nclients: null".to_owned(),
        "owner: o\nclients: {}".to_owned(),
        "owner: o\nmore: 1".to_owned(),
        "owner: o\nclients: [{}]".to_owned(),
        "owner: o\nclients: [{id: 1}]".to_owned(),
        "owner: o\nclients: [{id: ' '}]".to_owned(),
        with("more: 1"),
        with("roles: viewer"),
        with("roles: null"),
        with("roles: [a, a]"),
        with("roles: ['']"),
        with("roles: [1]"),
        with("exact_roles: 1"),
        with("exact_roles: named"),
        with("client_roles: all"),
        with("client_roles: null"),
        with("client_roles: [a]"),
        with("client_roles: {app: all}"),
        with("client_roles: {app: ['']}"),
        with("client_roles: {app: [a, a]}"),
        with("client_roles: {app: [1]}"),
        with("client_roles: {' ': [a]}"),
        with("exact_roles: null"),
        with("groups: /a"),
        with("groups: null"),
        with("groups: [a]"),
        with("groups: ['/']"),
        with("groups: [/a/]"),
        with("groups: [/a//b]"),
        with("groups: ['/ /b']"),
        with("groups: [/a/..]"),
        with("groups: [/./a]"),
        with("groups: [/a, /a]"),
        with("exact_groups: all"),
        with("enabled: 1"),
        with("enabled: null"),
        with("token_lifespan: 0"),
        with("token_lifespan: 2147483648"),
        with("token_lifespan: '1'"),
        with("token_lifespan: null"),
        with("config: []"),
        with("config: null"),
        with("config: {clientId: x}"),
        with("config: {secret: x}"),
        with("config: {attributes: {kxi-auth.owner: x}}"),
        with("config: {attributes: {access.token.lifespan: x}}"),
        with("secret: hunter2"),
        with("secret: null"),
        with("secret: {}"),
        with("secret: {env: A, file: b}"),
        with("secret: {env: ''}"),
        with("secret: {env: A=B}"),
        with("secret: {file: ''}"),
        with("secret: {value: a}"),
        with("secret_out: ''"),
        with("secret_out: null"),
        with("secret_out: {}"),
        with("secret_out: {file: ''}"),
        with("secret_out: {file: a, format: yaml}"),
        with("secret_out: {file: a, name: b}"),
        with("secret_out: {file: a, format: json, namespace: b}"),
        with("secret_out: {file: a, format: kubernetes, name: A}"),
        with("secret_out: {file: a, format: kubernetes, namespace: b.c}"),
        with("secret_out: {file: a, more: b}"),
    ]
}

#[test]
fn the_schema_and_the_reader_agree() {
    let validator = validator();
    for text in good() {
        super::read(&text);
        let faults: Vec<_> = validator.iter_errors(&as_json(&text)).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{text}\n{faults:?}");
    }
    for text in bad() {
        rejected(&text);
        assert!(!validator.is_valid(&as_json(&text)), "{text}");
    }
}

#[test]
fn the_examples_of_the_schema_are_good() {
    let schema = schema();
    let examples = schema["examples"].as_array().unwrap();
    assert!(!examples.is_empty());
    for example in examples {
        assert!(validator().is_valid(example));
        super::read(&example.to_string());
    }
}

#[test]
fn the_defaults_of_the_schema_are_those_of_the_reader() {
    let schema = schema();
    let client = &schema["$defs"]["Client"];
    let mut written = json!({"id": "a"});
    for (name, property) in client["properties"].as_object().unwrap() {
        if let Some(default) = property.get("default") {
            written[name] = default.clone();
        }
    }
    let mut expected = vec!["id", "roles", "exact_roles", "exact_groups", "secret"];
    expected.sort_unstable();
    let mut names: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
    let text = json!({"owner": "o", "clients": [written, {"id": "b"}]}).to_string();
    let mut clients = super::read(&text).declaration.clients;
    clients[1].id = clients[0].id.clone();
    assert_eq!(clients[0], clients[1]);
}

#[test]
fn the_schema_is_written_for_people() {
    let schema = schema();
    let first: Vec<_> = schema.as_object().unwrap().keys().take(3).collect();
    assert_eq!(first, ["$schema", "title", "description"]);
    let owner = schema["properties"]["owner"]["description"].as_str().unwrap();
    assert!(owner.ends_with("of this owner.") && !owner.contains('\n'), "{owner}");
}

#[test]
fn the_schema_has_the_fields_of_the_reader_and_no_others() {
    let schema = schema();
    let names = |properties: &Value| properties.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let known = [
        (&schema, read::DECLARATION.as_slice()),
        (&schema["$defs"]["Client"], read::CLIENT.as_slice()),
        (&schema["$defs"]["SecretOutput"], read::SECRET_OUT.as_slice()),
    ];
    for (of, expected) in known {
        assert_eq!(names(&of["properties"]), expected);
        assert_eq!(of["additionalProperties"], json!(false), "{of}");
        for (name, property) in of["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{name} is not described");
        }
    }
    let sources = schema["$defs"]["SecretSource"]["oneOf"].as_array().unwrap();
    let mappings: Vec<_> = sources.iter().filter(|source| source["type"] == "object").collect();
    assert_eq!(
        mappings.iter().flat_map(|source| names(&source["properties"])).collect::<Vec<_>>(),
        read::SECRET
    );
    assert!(mappings.iter().all(|source| source["additionalProperties"] == json!(false)));
}
