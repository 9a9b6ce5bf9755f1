//! The `config` of a client: the settings that differ from a new service account and that a file may hold.

use kxi_auth_core::serde_json::{Map, Value, json};
use kxi_auth_core::{ClientScopes, TOKEN_LIFESPAN_ATTRIBUTE, is_servers_own_mapper, is_unset, may_be_secret};

use crate::declaration::OWNER_ATTRIBUTE;

/// Fields that are handled elsewhere: they have their own place in the file or their own code below, only the
/// server sets them, or `choose` has checked them.
const ELSEWHERE: [&str; 14] = [
    "access",
    "attributes",
    "bearerOnly",
    "clientAuthenticatorType",
    "clientId",
    "defaultClientScopes",
    "enabled",
    "id",
    "optionalClientScopes",
    "protocol",
    "publicClient",
    "secret",
    "serviceAccountsEnabled",
    "webOrigins",
];

/// The non-empty defaults of a new service account (observed on Keycloak 26.7.3).
const DEFAULTS: [(&str, Value); 1] = [("fullScopeAllowed", Value::Bool(true))];
const DEFAULT_NUMBERS: [(&str, i64); 2] = [("nodeReRegistrationTimeout", -1), ("notBefore", 0)];

/// Fields that `apply` would accept, but that should not be in a file.
const KEPT_OUT: [(&str, &str); 3] = [
    ("authenticationFlowBindingOverrides", "it refers to flows by IDs that exist only in this realm"),
    ("notBefore", "a later `apply` would undo a revocation made in the meantime"),
    ("registeredNodes", "the running nodes maintain it"),
];

/// Attributes that only the server sets, or that have their own place in the file.
const OTHERS_ATTRIBUTES: [&str; 4] =
    [TOKEN_LIFESPAN_ATTRIBUTE, "client.secret.creation.time", "realm_client", OWNER_ATTRIBUTE];

/// Returns why a part of a configuration would be rejected, if it would.
type Rejection<'a> = dyn Fn(&Map<String, Value>) -> Option<String> + 'a;

/// The settings that differ from a new service account. `scopes` is `None` if the client has the realm's
/// default scopes. `notes` lists everything that is left out, by name and never with its value.
pub(super) fn config(
    stored: &Map<String, Value>,
    scopes: Option<&ClientScopes>,
    rejection: &Rejection<'_>,
    notes: &mut Vec<String>,
) -> Map<String, Value> {
    let mut config = Map::new();
    for (name, value) in stored {
        if ELSEWHERE.contains(&name.as_str()) || is_default(name, value) {
            continue;
        }
        match reason_against(name) {
            Some(reason) => notes.push(format!("`{}` is left out: {reason}", name.escape_debug())),
            None => add(&mut config, with_what_belongs_to_it(name, value, stored), rejection, notes),
        }
    }
    if config.contains_key("authorizationServicesEnabled") {
        notes.push(
            "its resources, policies and permissions are left out: Keycloak does not list them with the client"
                .to_owned(),
        );
    }
    let web_origins = web_origins(stored, config.contains_key("redirectUris"));
    add(&mut config, web_origins, rejection, notes);
    if let Some(ClientScopes { default, optional, .. }) = scopes {
        let scopes = [("defaultClientScopes", json!(default)), ("optionalClientScopes", json!(optional))];
        add(&mut config, object(scopes), rejection, notes);
    }
    let attributes = attributes(stored, rejection, notes);
    if !attributes.is_empty() {
        config.insert("attributes".to_owned(), Value::Object(attributes));
    }
    config
}

/// Adds an independent part, unless it would be rejected.
fn add(
    config: &mut Map<String, Value>,
    part: Map<String, Value>,
    rejection: &Rejection<'_>,
    notes: &mut Vec<String>,
) {
    match rejection(&part) {
        Some(reason) => notes.push(rejected(&reason)),
        None => config.extend(part),
    }
}

/// The note for a rejected part. The reason names the field.
fn rejected(reason: &str) -> String {
    format!("left out because `apply` rejects it: {reason}")
}

fn is_default(name: &str, value: &Value) -> bool {
    if let Some((_, default)) = DEFAULT_NUMBERS.iter().find(|(known, _)| *known == name) {
        return value.as_i64() == Some(*default);
    }
    if name == "protocolMappers" {
        return value.as_array().is_some_and(|mappers| mappers.iter().all(is_servers_own_mapper));
    }
    match DEFAULTS.iter().find(|(known, _)| *known == name) {
        Some((_, default)) => value == default,
        None => is_unset(value),
    }
}

/// Why a field is left out of the file, whatever its value is.
fn reason_against(name: &str) -> Option<&'static str> {
    let kept_out = KEPT_OUT.iter().find(|(known, _)| *known == name);
    kept_out.map(|(_, reason)| *reason).or_else(|| may_be_secret(name).then_some("it may hold secrets"))
}

/// A field with the fields that depend on it. When the server creates a client with `consentRequired`, it
/// turns `fullScopeAllowed` off, so the default of `fullScopeAllowed` must be written.
fn with_what_belongs_to_it(name: &str, value: &Value, stored: &Map<String, Value>) -> Map<String, Value> {
    let mut part = object([(name, value.clone())]);
    if name == "consentRequired" {
        let full_scope = stored.get("fullScopeAllowed").cloned().unwrap_or(Value::Bool(true));
        part.insert("fullScopeAllowed".to_owned(), full_scope);
    }
    part
}

/// The web origins. The server derives them from redirect URIs, so with redirect URIs an empty list must be
/// written too.
fn web_origins(stored: &Map<String, Value>, has_redirect_uris: bool) -> Map<String, Value> {
    match stored.get("webOrigins") {
        Some(origins) if has_redirect_uris || !is_unset(origins) => object([("webOrigins", origins.clone())]),
        _ => Map::new(),
    }
}

fn attributes(
    stored: &Map<String, Value>,
    rejection: &Rejection<'_>,
    notes: &mut Vec<String>,
) -> Map<String, Value> {
    let mut attributes = Map::new();
    for (name, value) in stored.get("attributes").and_then(Value::as_object).into_iter().flatten() {
        if OTHERS_ATTRIBUTES.contains(&name.as_str()) || is_unset(value) {
            continue;
        }
        let part = object([(name.as_str(), value.clone())]);
        if may_be_secret(name) {
            notes.push(format!("the attribute `{}` is left out: it may be secret", name.escape_debug()));
        } else if let Some(reason) = rejection(&object([("attributes", Value::Object(part.clone()))])) {
            notes.push(rejected(&reason));
        } else {
            attributes.extend(part);
        }
    }
    attributes
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
