//! Rejects values that the server accepts with an unwanted effect: a client that cannot sign in, a value that is
//! dropped, a failure without a reason. All of this was observed on Keycloak 26.7.3.

use serde_json::{Map, Value};

use crate::desired::validate;
use crate::model::fields::{ATTRIBUTES, CERTIFICATE_BOUND, DPOP_BOUND, TOKEN_LIFESPAN_ATTRIBUTE};

/// Fields that a config may not set, each with the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("id", "is the client's UUID, which a config cannot set"),
    ("clientId", "cannot be set in the config; use the client ID argument"),
    ("secret", "cannot be set in the config; use the argument `secret`"),
    ("registrationAccessToken", "is created by the server, which ignores other values"),
    ("access", "shows what the signed-in admin may do; the server ignores it"),
    ("origin", "is ignored by the server"),
    ("defaultRoles", "is ignored by the server; assign roles to the service account instead"),
    ("directGrantsOnly", "is obsolete; use `standardFlowEnabled` and `directAccessGrantsEnabled`"),
    ("clientTemplate", "is ignored by the server; use `defaultClientScopes`"),
    ("useTemplateConfig", "is ignored by the server"),
    ("useTemplateScope", "is ignored by the server; use `fullScopeAllowed`"),
    ("useTemplateMappers", "is ignored by the server"),
];

/// Flags with only one value that lets a service account sign in with its secret.
const FLAGS: &[(&str, bool, &str)] = &[
    ("publicClient", false, "a public client has no secret and no service account"),
    ("bearerOnly", false, "a bearer-only client cannot sign in"),
    ("serviceAccountsEnabled", true, "turning it off deletes the service account and its roles"),
];

/// Texts with only one such value.
const TEXTS: &[(&str, &str, &str)] = &[
    ("protocol", "openid-connect", "a client of another protocol cannot sign in with a secret"),
    ("clientAuthenticatorType", "client-secret", "with another type the client cannot sign in with a secret"),
];

/// The width of the database column. With 256 characters the server fails with a 500 and no reason.
const LONGEST: usize = 255;
const SHORT_TEXTS: &[&str] = &["name", "description", "rootUrl", "adminUrl", "baseUrl"];
const SHORT_LISTS: &[&str] = &["redirectUris", "webOrigins"];
/// With any other algorithm, each token request fails with a 500.
const SIGNATURES: &[&str] = &[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256",
    "HS384", "HS512",
];

/// Adds a sentence for each fault. Values of the wrong type are reported elsewhere and skipped here.
pub(super) fn check(fields: &Map<String, Value>, attributes: &Map<String, Value>, faults: &mut Vec<String>) {
    let refused = REFUSED.iter().filter(|(name, _)| fields.contains_key(*name));
    faults.extend(refused.map(|(name, reason)| format!("`{name}` {reason}")));
    service_account(fields, faults);
    scopes(fields, faults);
    lengths(fields, faults);
    mappers(fields, faults);
    for (name, value) in attributes {
        attribute(name, value, faults);
    }
    for (name, value) in fields {
        unstorable(&name.escape_debug().to_string(), value, faults);
    }
    members(ATTRIBUTES, attributes, faults);
}

/// Looks for texts that cannot be stored, at any depth.
fn unstorable(at: &str, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            faults.extend(validate::unstorable(text).map(|reason| format!("`{at}` {reason}")));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                unstorable(&format!("{at}[{index}]"), item, faults);
            }
        }
        Value::Object(object) => members(at, object, faults),
        _ => {}
    }
}

fn members(at: &str, object: &Map<String, Value>, faults: &mut Vec<String>) {
    for (name, value) in object {
        let at = format!("{at}.{}", name.escape_debug());
        faults.extend(validate::unstorable(name).map(|reason| format!("the name of `{at}` {reason}")));
        unstorable(&at, value, faults);
    }
}

fn service_account(fields: &Map<String, Value>, faults: &mut Vec<String>) {
    for (name, value, reason) in FLAGS {
        if flag(fields, name) == Some(!value) {
            faults.push(format!("`{name}` must be {value}: {reason}"));
        }
    }
    for (name, value, reason) in TEXTS {
        if fields.get(*name).and_then(Value::as_str).is_some_and(|given| given != *value) {
            faults.push(format!("`{name}` must be `{value}`: {reason}"));
        }
    }
    if flag(fields, "consentRequired") == Some(true) && !fields.contains_key("fullScopeAllowed") {
        faults.push(
            "`consentRequired` turns `fullScopeAllowed` off on a new client, so its tokens carry no roles; set \
             `fullScopeAllowed` too"
                .to_owned(),
        );
    }
    if flag(fields, "authorizationServicesEnabled") == Some(false)
        && fields.contains_key("authorizationSettings")
    {
        faults.push(
            "`authorizationSettings` cannot be set if `authorizationServicesEnabled` is false; leave one of them out"
                .to_owned(),
        );
    }
}

fn scopes(fields: &Map<String, Value>, faults: &mut Vec<String>) {
    let [default, optional] = ["defaultClientScopes", "optionalClientScopes"].map(|name| fields.get(name));
    match (default, optional) {
        (Some(default), Some(optional)) => {
            let optional: Vec<&str> = texts(optional).collect();
            if texts(default).any(|name| optional.contains(&name)) {
                faults.push(
                    "`defaultClientScopes` and `optionalClientScopes` share a scope; list it in only one".to_owned(),
                );
            }
        }
        (None, None) => {}
        _ => faults.push(
            "`defaultClientScopes` and `optionalClientScopes` must be set together: the server assigns no scopes of \
             the kind that is missing"
                .to_owned(),
        ),
    }
}

fn lengths(fields: &Map<String, Value>, faults: &mut Vec<String>) {
    for name in SHORT_TEXTS {
        too_long(name, fields.get(*name).and_then(Value::as_str), faults);
    }
    for name in SHORT_LISTS {
        for (index, text) in fields.get(*name).into_iter().flat_map(texts).enumerate() {
            too_long(&format!("{name}[{index}]"), Some(text), faults);
            if is_dropped(text) {
                faults.push(format!("`{name}[{index}]` is blank; the server drops blank entries"));
            }
        }
    }
    let nodes = fields.get("registeredNodes").and_then(Value::as_object);
    for name in nodes.into_iter().flat_map(Map::keys) {
        too_long("the name of a node in registeredNodes", Some(name), faults);
    }
}

/// A mapper without a required field, or with the name or the ID of another one, gets a 409 that says the client exists.
fn mappers(fields: &Map<String, Value>, faults: &mut Vec<String>) {
    let mappers = fields.get("protocolMappers").and_then(Value::as_array);
    let (mut names, mut ids): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for (index, mapper) in mappers.into_iter().flatten().enumerate() {
        let Some(mapper) = mapper.as_object() else { continue };
        let at = format!("protocolMappers[{index}]");
        for field in ["name", "protocol", "protocolMapper"] {
            if !mapper.contains_key(field) {
                faults.push(format!("`{at}.{field}` is missing"));
            }
        }
        if let Some(id) = mapper.get("id").and_then(Value::as_str) {
            if ids.contains(&id) {
                faults.push(format!("`{at}` has the same `id` as another mapper; leave `id` out"));
            }
            ids.push(id);
        }
        let Some(name) = mapper.get("name").and_then(Value::as_str) else { continue };
        too_long(&format!("{at}.name"), Some(name), faults);
        if names.contains(&name) {
            faults.push(format!("`{at}` has the same name as another mapper"));
        }
        names.push(name);
    }
}

fn attribute(name: &str, value: &Value, faults: &mut Vec<String>) {
    let shown = name.escape_debug();
    // Null and the empty string remove the attribute.
    let given = match value {
        Value::Null => "",
        Value::String(text) => text,
        _ => return faults.push(format!("`{ATTRIBUTES}.{shown}` must be a string")),
    };
    too_long("the name of an attribute", Some(name), faults);
    if !given.is_empty() && is_dropped(given) {
        faults.push(format!(
            "`{ATTRIBUTES}.{shown}` is blank; the server drops blank values. To remove the attribute, set it to an empty string"
        ));
    }
    let reason = match name {
        TOKEN_LIFESPAN_ATTRIBUTE => "cannot be set in the config; use the argument `token_lifespan`",
        "realm_client" => "is managed by the server, which ignores other values",
        "client.secret.expiration.time" if !given.is_empty() => {
            "is managed by the server; after that time the client cannot sign in"
        }
        DPOP_BOUND if given == "true" => {
            "must not be true: the server then requires a DPoP proof with every sign-in"
        }
        CERTIFICATE_BOUND if given == "true" => {
            "must not be true: the server then requires a client certificate with every sign-in"
        }
        "access.token.signed.response.alg" if !given.is_empty() && !SIGNATURES.contains(&given) => {
            return faults.push(format!(
                "`{ATTRIBUTES}.{name}` is not a signature algorithm of the server, so each sign-in would fail; use one of {}",
                SIGNATURES.join(", ")
            ));
        }
        _ => return,
    };
    faults.push(format!("`{ATTRIBUTES}.{name}` {reason}"));
}

fn flag(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    fields.get(name).and_then(Value::as_bool)
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the server treats the text as empty: Java's `trim` removes all of it.
fn is_dropped(text: &str) -> bool {
    text.chars().all(|c| c <= ' ')
}

fn too_long(what: &str, text: Option<&str>, faults: &mut Vec<String>) {
    let length = text.map_or(0, validate::length);
    if length > LONGEST {
        // A path in the config is shown as code, a description is not.
        let what = if what.contains(' ') { what.to_owned() } else { format!("`{what}`") };
        faults.push(format!("{what} has {length} characters; the server stores at most {LONGEST}"));
    }
}
