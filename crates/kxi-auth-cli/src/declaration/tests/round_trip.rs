use std::collections::BTreeMap;

use crate::secrets::SecretFormat;
use kxi_auth_core::{ExactRoles, Roles};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::declaration::model::SecretOutput;
use crate::declaration::{Declaration, DeclaredClient, SecretSource, parse, write};

/// Strings that YAML would read as another type unless they are quoted.
const ODD: [&str; 42] = [
    "all", "none", "null", "Null", "~", "1", "1.5", "1e3", "0x1F", "007", "1_000", ".inf", ".nan", "true",
    "yes", "no", "on", "y", "a: b", "a:", ":a", "#x", "a #x", " a", "a ", "\ta", "a\n", "a\nb\n\n", "\n a",
    "'", "\"", "\\", "- a", "---", "...", "<<", "=", "[a", "{a}", "*a", "&a", "!a",
];
const ODDER: [&str; 14] = [
    "%a",
    "@a",
    "`a",
    "|",
    ">",
    "?",
    "? a",
    "2024-01-01",
    "1:30",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{FEFF}a",
    "a\rb",
    "\u{7f}\u{1b}\0",
];

/// Not blank.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select([ODD.as_slice(), ODDER.as_slice()].concat()).prop_map(str::to_owned);
    let any =
        prop_oneof![any::<String>(), "[ a:#\\-'\"\n,\\]}]{1,12}", "[a-z .]{70,200}", "[a-z\n ]{70,200}"];
    prop_oneof![odd, any].prop_filter("blank", |text| !text.trim().is_empty())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    text().prop_filter("not a path", |path| !path.contains('\0'))
}

fn secret() -> impl Strategy<Value = SecretSource> {
    prop_oneof![
        Just(SecretSource::Generate),
        Just(SecretSource::Keep),
        "[A-Z_]{1,8}|true|null|1".prop_map(SecretSource::Env),
        path().prop_map(|path| SecretSource::File(format!("in/{path}").into())),
    ]
}

fn roles() -> impl Strategy<Value = Roles> {
    let unique = |mut names: Vec<String>| {
        names.sort();
        names.dedup();
        Roles::Named(names)
    };
    prop_oneof![Just(Roles::All), Just(Roles::None), vec(text(), 0..4).prop_map(unique)]
}

fn client_roles() -> impl Strategy<Value = BTreeMap<String, Vec<String>>> {
    btree_map(text(), btree_set(text(), 0..3).prop_map(|names| names.into_iter().collect()), 0..3)
}

fn groups() -> impl Strategy<Value = Vec<String>> {
    btree_set("(/[a-z~ ]{0,3}[a-z.]{2}x){1,3}", 0..3).prop_map(|paths| paths.into_iter().collect())
}

fn exact_roles() -> impl Strategy<Value = ExactRoles> {
    prop::sample::select(vec![ExactRoles::Off, ExactRoles::Named, ExactRoles::All])
}

fn output() -> impl Strategy<Value = Option<SecretOutput>> {
    let kubernetes = (path(), "[a-z]([a-z.]{0,3}[a-z])?", option::of("[a-z0-9]{1,3}|null|true|1"))
        .prop_filter_map("name", |(file, name, namespace)| {
            let format = SecretFormat::Kubernetes;
            (!name.contains("..")).then(|| SecretOutput {
                file: file.into(),
                format,
                name: Some(name),
                namespace,
            })
        });
    let format = prop::sample::select(vec![SecretFormat::Raw, SecretFormat::Env, SecretFormat::Json]);
    let other = (path(), format).prop_map(|(file, format)| SecretOutput {
        file: file.into(),
        format,
        ..SecretOutput::default()
    });
    option::of(prop_oneof![kubernetes, other])
}

fn declaration() -> impl Strategy<Value = Declaration> {
    let client = (
        text(),
        roles(),
        client_roles(),
        exact_roles(),
        (groups(), any::<bool>()),
        option::of(any::<bool>()),
        option::of(1..=2_147_483_647_i64),
        secret(),
        output(),
    );
    let client = (client, btree_map("[a-zA-Z]{1,8}", json(), 0..3));
    (text(), vec(client, 0..4)).prop_map(|(owner, clients)| {
        let owner: String = owner.chars().filter(|c| !c.is_control()).take(255).collect();
        let clients = clients.into_iter().enumerate();
        let clients = clients.map(
            |(
                index,
                (
                    (
                        id,
                        roles,
                        client_roles,
                        exact_roles,
                        (groups, exact_groups),
                        enabled,
                        token_lifespan,
                        secret,
                        mut secret_out,
                    ),
                    config,
                ),
            )| {
                if let Some(output) = &mut secret_out {
                    // Two secrets must not be written to the same file.
                    output.file = format!("out/{index}/{}", output.file.display()).into();
                }
                let config = config
                    .into_iter()
                    .filter(|(name, _)| !["clientId", "id", "secret", "attributes"].contains(&name.as_str()));
                let config = config.collect();
                DeclaredClient {
                    id: format!("{id}{index}"),
                    roles,
                    client_roles,
                    exact_roles,
                    groups,
                    exact_groups,
                    enabled,
                    token_lifespan,
                    config,
                    secret,
                    secret_out,
                }
            },
        );
        let owner = if owner.trim().is_empty() { "o".to_owned() } else { owner };
        Declaration { owner, clients: clients.collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_is_written_is_read_back(declaration in declaration()) {
        let written = write(&declaration).unwrap();
        match parse("f", written.as_bytes()) {
            Ok(read) => prop_assert_eq!(read.declaration, declaration, "{}", written),
            Err(faults) => prop_assert!(false, "{}\n{}", faults, written),
        }
    }
}

#[test]
fn odd_strings_stay_strings() {
    for odd in ODD.into_iter().chain(ODDER).filter(|odd| !odd.trim().is_empty()) {
        let client =
            |id: &str, roles| DeclaredClient { id: id.to_owned(), roles, ..DeclaredClient::default() };
        let declaration = Declaration {
            owner: "o".to_owned(),
            clients: vec![client(odd, Roles::All), client("other", Roles::named([odd]))],
        };
        let written = write(&declaration).unwrap();
        assert_eq!(read(&written).declaration, declaration, "{written}");
    }
}

#[test]
fn the_order_of_fields_is_that_of_the_documentation() {
    let expected = "\
owner: market-data
clients:
- id: feed-writer
  roles:
  - insights.role.developer
  - all
  client_roles:
    realm-management:
    - view-clients
    - all
  exact_roles: true
  groups:
  - /market-data/feeds
  exact_groups: true
  enabled: false
  token_lifespan: 300
  config:
    description: writes the trade feed
    attributes:
      contact: a@example.com
  secret:
    env: FEED_SECRET
  secret_out:
    file: out/feed-writer.yaml
    format: kubernetes
    namespace: feeds
- id: reader
  roles: all
  secret: keep
  secret_out: reader.txt
";
    assert_eq!(write(&read(EXAMPLE).declaration).unwrap(), expected);
}
