use std::collections::BTreeMap;
use std::path::Path;

use kxi_auth_core::{ExactRoles, Roles};
use serde_json::json;

use super::*;
use crate::declaration::model::SecretOutput;
use crate::declaration::{DeclaredClient, SecretSource};
use crate::secrets::SecretFormat;

#[test]
fn reads_every_field() {
    let located = read(EXAMPLE);
    let declaration = &located.declaration;
    assert_eq!(declaration.owner, "market-data");
    let writer = DeclaredClient {
        id: "feed-writer".to_owned(),
        roles: Roles::named(["insights.role.developer", "all"]),
        client_roles: BTreeMap::from([(
            "realm-management".to_owned(),
            vec!["view-clients".to_owned(), "all".to_owned()],
        )]),
        exact_roles: ExactRoles::Named,
        groups: vec!["/market-data/feeds".to_owned()],
        exact_groups: true,
        enabled: Some(false),
        token_lifespan: Some(300),
        config: json!({"description": "writes the trade feed", "attributes": {"contact": "a@example.com"}})
            .as_object()
            .unwrap()
            .clone(),
        secret: SecretSource::Env("FEED_SECRET".to_owned()),
        secret_out: Some(SecretOutput {
            file: "out/feed-writer.yaml".into(),
            format: SecretFormat::Kubernetes,
            name: None,
            namespace: Some("feeds".to_owned()),
        }),
    };
    let reader = DeclaredClient {
        id: "reader".to_owned(),
        secret: SecretSource::Keep,
        secret_out: Some(SecretOutput { file: "reader.txt".into(), ..SecretOutput::default() }),
        ..DeclaredClient::default()
    };
    assert_eq!(declaration.clients, [writer, reader]);
    assert_eq!(located.resolve(Path::new("a")), Path::new("a"));
}

#[test]
fn what_is_left_out_has_its_default() {
    let client = &read("owner: o\nclients: [{id: a}]").declaration.clients[0];
    assert_eq!(client.roles, Roles::All);
    assert!(client.exact_roles == ExactRoles::Off && client.client_roles.is_empty());
    assert!(client.enabled.is_none() && client.token_lifespan.is_none() && client.config.is_empty());
    assert_eq!((&client.secret, &client.secret_out), (&SecretSource::Generate, &None));
    for none in ["owner: o", "owner: o\nclients: []"] {
        assert!(read(none).declaration.clients.is_empty());
    }
}

#[test]
fn the_words_for_roles_are_words_only_outside_a_list() {
    let roles = |text: &str| read(&with(&format!("roles: {text}"))).declaration.clients[0].roles.clone();
    assert_eq!(roles("all"), Roles::All);
    assert_eq!(roles("\"none\""), Roles::None);
    assert_eq!(roles("[all]"), Roles::named(["all"]));
    assert_eq!(roles("[no, 007, 1_000, \"1\", 'null', a:b, a#b]"), {
        Roles::named(["no", "007", "1_000", "1", "null", "a:b", "a#b"])
    });
    assert_eq!(roles("[]"), Roles::named([""; 0]));
}

#[test]
fn exact_roles_are_a_switch_or_the_word_all() {
    let exact = |text: &str| read(&with(&format!("exact_roles: {text}"))).declaration.clients[0].exact_roles;
    assert_eq!(exact("false"), ExactRoles::Off);
    assert_eq!(exact("true"), ExactRoles::Named);
    assert_eq!(exact("all"), ExactRoles::All);
}

#[test]
fn client_roles_are_exact_names() {
    let text = with("client_roles: {app: [all, '1'], \"a: b\": []}");
    let set = read(&text).declaration.clients[0].role_set();
    assert_eq!(set, Roles::All.and_client("app", ["1", "all"]).and_client("a: b", [""; 0]));
}

#[test]
fn reads_the_same_in_every_spelling() {
    let expected = read(EXAMPLE).declaration;
    let json = serde_json::to_string(&expected).unwrap();
    let tabbed = {
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b"\t");
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
        serde::Serialize::serialize(&expected, &mut serializer).unwrap();
        String::from_utf8(text).unwrap()
    };
    for text in [
        EXAMPLE.replace('\n', "\r\n"),
        format!("\u{FEFF}{EXAMPLE}"),
        format!("%YAML 1.2\n---\n{EXAMPLE}...\n"),
        format!("# a comment\n{EXAMPLE}"),
        serde_json::to_string_pretty(&expected).unwrap(),
        json,
        tabbed,
    ] {
        assert_eq!(read(&text).declaration, expected, "{text}");
    }
}

#[test]
fn json_may_escape_as_it_likes() {
    let text = r#"{"owner": "\ud83d\ude00 \/ \u00e9", "clients": []}"#;
    assert_eq!(read(text).declaration.owner, "😀 / é");
}

#[test]
fn anchors_and_merges_spare_repetition() {
    let text = "\
owner: o
clients:
  - &base
    id: a
    token_lifespan: 60
    config: &config {description: d}
  - {<<: *base, id: b}
  - {id: c, config: *config}
";
    let located = read(text);
    let clients = &located.declaration.clients;
    assert_eq!(clients[1].id, "b");
    assert_eq!((clients[1].token_lifespan, &clients[1].config), (Some(60), &clients[0].config));
    assert_eq!(clients[2].config, clients[0].config);
}

#[test]
fn config_keeps_the_types_of_its_values() {
    let text =
        with("config:\n  a: [1, -1, 1.5, 18446744073709551615, true, yes, null, '1', 2024-01-01]\n  b: {}");
    let config = &read(&text).declaration.clients[0].config;
    let expected = json!({"a": [1, -1, 1.5, 18_446_744_073_709_551_615_u64, true, "yes", null, "1", "2024-01-01"], "b": {}});
    assert_eq!(&serde_json::Value::Object(config.clone()), &expected);
}
