use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::error::Error;
use keycloak_admin_api::fields::CLIENT_REPRESENTATION;

fn config(value: Value) -> ClientConfig {
    let Value::Object(map) = value else { panic!("an object is wanted") };
    ClientConfig::from_map(map)
}

#[track_caller]
fn refused(value: Value) -> String {
    let error = config(value).check().unwrap_err();
    assert!(matches!(error, Error::InvalidParameter { parameter: "config", .. }), "{error:?}");
    error.to_string()
}

#[test]
fn what_the_setters_give_is_accepted() {
    let config = ClientConfig::new()
        .description("d")
        .name("n")
        .root_url("https://example.com")
        .base_url("/")
        .redirect_uris(["https://example.com/*"])
        .web_origins(["+"])
        .standard_flow(true)
        .implicit_flow(false)
        .direct_access_grants(false)
        .full_scope_allowed(true)
        .authorization_services(true)
        .client_scopes(["basic"], ["phone"])
        .attribute("k", "v")
        .remove_attribute("old");
    config.check().unwrap();
    let mut body = Map::new();
    config.merge_into_new(&mut body);
    assert_eq!(
        Value::Object(body),
        json!({
            "description": "d", "name": "n", "rootUrl": "https://example.com", "baseUrl": "/",
            "redirectUris": ["https://example.com/*"], "webOrigins": ["+"], "standardFlowEnabled": true,
            "implicitFlowEnabled": false, "directAccessGrantsEnabled": false, "fullScopeAllowed": true,
            "authorizationServicesEnabled": true, "defaultClientScopes": ["basic"],
            "optionalClientScopes": ["phone"], "attributes": {"k": "v", "old": ""},
        })
    );
    assert!(!config.is_empty() && ClientConfig::new().is_empty());
}

#[test]
fn every_unknown_field_is_named_with_the_nearest() {
    assert_eq!(
        refused(json!({"descripton": 1, "redirect_uris": [], "zzz": 1, "RootURL": ""})),
        "invalid config: unknown fields `descripton` (did you mean `description`?), `redirect_uris` (did you mean \
         `redirectUris`?), `zzz`, `RootURL` (did you mean `rootUrl`?)"
    );
    assert_eq!(
        refused(json!({
            "protocolMappers": [{"name": "m", "protocol": "openid-connect", "protocolMaper": "x", "protocolMapper": "x"}],
            "authorizationSettings": {
                "resources": [{"name": "r", "scopes": [{"nam": "s"}]}],
                "authorizationSchema": {"resourceTypes": {"a b": {"groupTyp": "x"}}},
            },
        })),
        "invalid config: unknown fields `protocolMappers[0].protocolMaper` (did you mean `protocolMapper`?), \
         `authorizationSettings.resources[0].scopes[0].nam` (did you mean `name`?), \
         `authorizationSettings.authorizationSchema.resourceTypes.a b.groupTyp` (did you mean `groupType`?)"
    );
    assert!(refused(json!({"a\nb`": 1})).contains("`a\\nb`"), "control characters are escaped");
}

#[test]
fn values_of_another_type_are_named_and_not_shown() {
    let kinds = [
        (json!({"name": 7}), "`name` must be a string"),
        (json!({"standardFlowEnabled": "s3cret"}), "`standardFlowEnabled` must be true or false"),
        (json!({"notBefore": 2_147_483_648_u64}), "`notBefore` must be an integer of 32 bits"),
        (json!({"notBefore": 1.5}), "`notBefore` must be an integer of 32 bits"),
        (json!({"redirectUris": "s3cret"}), "`redirectUris` must be a list"),
        (json!({"redirectUris": ["a", ["s3cret"]]}), "`redirectUris[1]` must be a string"),
        (json!({"registeredNodes": {"n": "s3cret"}}), "`registeredNodes.n` must be an integer"),
        (json!({"protocolMappers": ["s3cret"]}), "`protocolMappers[0]` must be an object"),
        (json!({"attributes": ["s3cret"]}), "`attributes` must be an object"),
        (json!({"attributes": {"k": ["s3cret"]}}), "`attributes.k` must be a string"),
        (json!({"name": null}), "`name` is null, which the server ignores; leave it out"),
        (json!({"webOrigins": [null]}), "`webOrigins[0]` is null"),
    ];
    for (value, expected) in kinds {
        let error = refused(value);
        assert!(error.contains(expected) && !error.contains("s3cret"), "{error}");
    }
}

#[test]
fn what_has_an_argument_of_its_own_is_refused() {
    for (name, argument) in
        [("secret", "use the argument `secret`"), ("clientId", "use the client ID argument")]
    {
        let error = refused(json!({name: "s3cret"}));
        assert_eq!(error, format!("invalid config: `{name}` cannot be set in the config; {argument}"));
    }
    for value in [json!("300"), json!(""), json!(null)] {
        let error = refused(json!({"attributes": {"access.token.lifespan": value}}));
        assert!(error.ends_with("use the argument `token_lifespan`"), "{error}");
    }
}

#[test]
fn no_refused_field_is_one_that_the_type_does_not_have() {
    for (name, ..) in rules::REFUSED {
        assert!(CLIENT_REPRESENTATION.field(name).is_some(), "{name}");
    }
}

#[test]
fn a_client_that_could_not_sign_in_is_refused_and_the_harmless_value_is_not() {
    let values = [
        ("publicClient", json!(true), json!(false)),
        ("bearerOnly", json!(true), json!(false)),
        ("serviceAccountsEnabled", json!(false), json!(true)),
        ("protocol", json!("saml"), json!("openid-connect")),
        ("clientAuthenticatorType", json!("client-jwt"), json!("client-secret")),
    ];
    for (name, bad, good) in values {
        let error = refused(json!({name: bad}));
        assert!(error.contains(&format!("`{name}` must be ")) && !error.contains("saml"), "{error}");
        config(json!({name: good})).check().unwrap();
    }
    let attributes = [
        ("dpop.bound.access.tokens", "true", "false"),
        ("tls.client.certificate.bound.access.tokens", "true", "false"),
        ("client.secret.expiration.time", "1", ""),
        ("access.token.signed.response.alg", "none", "ES256"),
        ("realm_client", "true", "-"),
    ];
    for (name, bad, good) in attributes {
        let error = ClientConfig::new().attribute(name, bad).check().unwrap_err().to_string();
        assert!(error.contains(&format!("`attributes.{name}` ")), "{error}");
        if good != "-" {
            ClientConfig::new().attribute(name, good).check().unwrap();
        }
    }
}

#[test]
fn what_the_server_drops_or_fails_on_is_refused() {
    let long = "é".repeat(256);
    let mapper = json!({"name": "m", "protocol": "openid-connect", "protocolMapper": "x"});
    let cases = [
        (json!({"description": long}), "`description` has 256 characters; the server stores at most 255"),
        (json!({"redirectUris": ["a", long]}), "`redirectUris[1]` has 256 characters"),
        (json!({"attributes": {&long: "v"}}), "the name of an attribute has 256 characters"),
        (json!({"registeredNodes": {&long: 1}}), "the name of a node in registeredNodes has 256 characters"),
        (json!({"webOrigins": [""]}), "`webOrigins[0]` is blank; the server drops"),
        (json!({"webOrigins": ["a", " \t"]}), "`webOrigins[1]` is blank; the server drops"),
        (json!({"attributes": {"k": " \n"}}), "`attributes.k` is blank; the server drops"),
        (json!({"name": "\u{1F511}".repeat(128)}), "`name` has 256 characters"),
        (json!({"protocolMappers": [{"name": "m"}]}), "`protocolMappers[0].protocol` is missing"),
        (
            json!({"protocolMappers": [mapper, mapper]}),
            "`protocolMappers[1]` has the same name as another mapper",
        ),
        (
            json!({"protocolMappers": [{"name": "a", "id": "i"}, {"name": "b", "id": "i"}]}),
            "`protocolMappers[1]` has the same `id` as another mapper",
        ),
        (json!({"optionalClientScopes": []}), "must be set together"),
        (json!({"defaultClientScopes": ["a"], "optionalClientScopes": ["a"]}), "share a scope"),
        (json!({"consentRequired": true}), "set `fullScopeAllowed` too"),
        (
            json!({"authorizationServicesEnabled": false, "authorizationSettings": {}}),
            "leave one of them out",
        ),
        (json!({"defaultRoles": ["r"]}), "`defaultRoles` is ignored by the server"),
    ];
    for (value, expected) in cases {
        let error = refused(value);
        assert!(error.contains(expected), "{error}");
    }
    config(json!({"description": "é".repeat(255), "attributes": {"k": "v".repeat(5000)}})).check().unwrap();
    config(json!({"description": " ", "attributes": {"k": "\u{a0}"}})).check().unwrap();
    config(json!({"consentRequired": true, "fullScopeAllowed": true})).check().unwrap();
}

#[test]
fn what_a_database_cannot_store_is_refused_at_any_depth() {
    let mapper =
        json!({"name": "m", "protocol": "openid-connect", "protocolMapper": "x", "config": {"k\0": "v\0"}});
    let error = refused(json!({
        "description": "planted\0", "redirectUris": ["/", "\0"], "attributes": {"a\0b": "x", "k": "\0planted"},
        "protocolMappers": [mapper],
    }));
    for place in [
        "`description` contains",
        "`redirectUris[1]` contains",
        "the name of `attributes.a\\0b` contains",
        "`attributes.k` contains",
        "the name of `protocolMappers[0].config.k\\0` contains",
        "`protocolMappers[0].config.k\\0` contains",
    ] {
        assert!(error.contains(&format!("{place} the character U+0000")), "{place}: {error}");
    }
    assert!(!error.contains("planted") && !error.contains('\0'), "{error}");
}

#[test]
fn attributes_are_merged_and_other_fields_replaced() {
    let config = ClientConfig::new()
        .attribute("a", "1")
        .set("attributes", json!({"b": "2", "c": null}))
        .attribute("a", "3")
        .set("name", "first")
        .set("name", "last");
    let mut body = Map::new();
    body.insert("attributes".to_owned(), json!({"access.token.lifespan": "300", "a": "0"}));
    body.insert("standardFlowEnabled".to_owned(), json!(false));
    config.merge_into_new(&mut body);
    assert_eq!(
        Value::Object(body),
        json!({
            "attributes": {"access.token.lifespan": "300", "a": "3", "b": "2", "c": ""},
            "standardFlowEnabled": false, "name": "last",
        })
    );
}

#[test]
fn debug_shows_names_only() {
    let config = ClientConfig::new()
        .attribute("k", "s3cret")
        .set("unknown", json!({"x": "s3cret"}))
        .description("s3cret");
    assert_eq!(format!("{config:?}"), "ClientConfig(unknown, description, attributes.k)");
}

/// Shaped as a real server (26.7.3) gives a client back.
fn stored() -> Map<String, Value> {
    let Value::Object(stored) = json!({
        "name": "n", "redirectUris": ["https://z/*", "https://a/*"], "webOrigins": [],
        "standardFlowEnabled": false,
        "protocolMappers": [
            {"id": "1", "name": "a", "protocol": "openid-connect", "protocolMapper": "x", "consentRequired": false, "config": {"k": "v"}},
            {"id": "2", "name": "b", "protocol": "openid-connect", "protocolMapper": "x", "consentRequired": false, "config": {}},
        ],
        "defaultClientScopes": ["service_account", "roles", "basic"], "optionalClientScopes": ["phone"],
        "attributes": {"realm_client": "false", "k": "v"},
    }) else {
        panic!("an object")
    };
    stored
}

#[test]
fn what_the_server_has_already_does_not_differ() {
    let same = config(json!({
        "name": "n", "description": "", "redirectUris": ["https://a/*", "https://z/*", "https://a/*"], "webOrigins": [],
        "standardFlowEnabled": false, "authorizationServicesEnabled": false,
        "protocolMappers": [
            {"name": "b", "protocol": "openid-connect", "protocolMapper": "x"},
            {"name": "a", "protocol": "openid-connect", "protocolMapper": "x", "config": {"k": "v"}},
        ],
        "defaultClientScopes": ["basic", "roles"], "optionalClientScopes": ["phone"],
        "attributes": {"k": "v", "gone": null, "gone too": ""},
    }));
    assert_eq!(same.differs_from(&stored()), [""; 0]);
    same.check_update(&stored()).unwrap();
    let mut body = Map::new();
    same.merge_into_update(&stored(), &mut body);
    assert_eq!(Value::Object(body), json!({}));
}

#[test]
fn an_update_sends_what_differs_and_nothing_else() {
    let other = config(json!({
        "name": "n", "description": "new", "redirectUris": ["https://a/*"], "webOrigins": ["+"],
        "protocolMappers": [{"name": "a", "protocol": "openid-connect", "protocolMapper": "x", "config": {"k": "w"}}],
        "attributes": {"k": null, "new": "v"},
    }));
    let stored = stored();
    assert_eq!(
        other.differs_from(&stored),
        ["description", "redirectUris", "webOrigins", "protocolMappers", "attributes.k", "attributes.new"]
    );
    let mut body = Map::new();
    other.merge_into_update(&stored, &mut body);
    assert_eq!(body["attributes"], json!({"k": "", "new": "v"}));
    assert!(!body.contains_key("name") && body["redirectUris"] == json!(["https://a/*"]));
}

#[test]
fn what_only_a_create_takes_is_refused_for_an_update() {
    let scopes = ClientConfig::new().client_scopes(["basic"], ["phone"]);
    assert_eq!(scopes.ignored_by_update(&stored()), ["defaultClientScopes"]);
    assert_eq!(scopes.differs_from(&stored()), [""; 0], "a PUT would not change it");
    let settings = config(json!({"authorizationSettings": {"policyEnforcementMode": "PERMISSIVE"}}));
    let error = settings.check_update(&stored()).unwrap_err().to_string();
    assert_eq!(
        error,
        "invalid config: the server sets `authorizationSettings` only when it creates a client, and this client \
         exists; leave it out"
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_name(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Real names and their near misses, so that both ends of the check are reached.
fn any_name() -> impl Strategy<Value = String> {
    let names: Vec<&str> = CLIENT_REPRESENTATION.fields.iter().map(|field| field.name).collect();
    prop_oneof![
        prop::sample::select(names.clone()).prop_map(ToOwned::to_owned),
        (prop::sample::select(names), "[a-z]?").prop_map(|(name, tail)| name.to_lowercase() + &tail),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn any_map_is_refused_or_has_only_known_names(
        map in prop::collection::btree_map(any_name(), any_json(), 0..5),
    ) {
        let config: ClientConfig = map.clone().into_iter().collect();
        let unknown: Vec<&String> =
            map.keys().filter(|name| CLIENT_REPRESENTATION.field(name).is_none()).collect();
        match config.check() {
            Ok(()) => prop_assert!(unknown.is_empty(), "{unknown:?} passed"),
            Err(error) => {
                let text = error.to_string();
                for name in unknown {
                    prop_assert!(text.contains(&format!("`{}`", name.escape_debug())), "{name:?} in {text}");
                }
            }
        }
    }

    /// What passes is what the generated type takes, without a field that it does not know.
    #[test]
    fn what_is_accepted_fits_the_generated_type(
        (name, value) in (any_name(), any_json()),
        attribute in any::<String>(),
    ) {
        let config = ClientConfig::new().set(name, value).attribute(attribute, "v");
        if config.check().is_ok() {
            let mut body = Map::new();
            config.merge_into_new(&mut body);
            let typed: keycloak_admin_api::types::ClientRepresentation =
                serde_json::from_value(Value::Object(body)).unwrap();
            prop_assert!(typed.extra.is_empty());
        }
    }

    #[test]
    fn a_server_that_stores_what_it_is_sent_needs_no_update(
        fields in prop::collection::btree_map(any_name(), any_json(), 0..5),
    ) {
        let config: ClientConfig = fields.into_iter().collect();
        let mut stored = Map::new();
        config.merge_into_new(&mut stored);
        prop_assert_eq!(config.differs_from(&stored), Vec::<String>::new());
    }
}
