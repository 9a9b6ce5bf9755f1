//! The `config` of a client: what differs from a new service account, as far as a file may hold it.

use kxi_auth_core::serde_json::{Map, Value, json};
use kxi_auth_core::{ClientScopes, TOKEN_LIFESPAN_ATTRIBUTE, is_unset, may_be_secret};

use crate::declaration::OWNER_ATTRIBUTE;

/// Fields that have a place of their own in the file or below, that the server alone keeps, or that
/// `choose` has looked at.
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

/// What a new service account has without being told, where that is not nothing (Keycloak 26.7.3).
const DEFAULTS: [(&str, Value); 1] = [("fullScopeAllowed", Value::Bool(true))];
const DEFAULT_NUMBERS: [(&str, i64); 2] = [("nodeReRegistrationTimeout", -1), ("notBefore", 0)];

/// Fields that `apply` would take, and that are better kept out of a file.
const KEPT_OUT: [(&str, &str); 3] = [
    ("authenticationFlowBindingOverrides", "it names flows by identifiers that no other realm has"),
    ("notBefore", "a later `apply` would undo a revocation that was made meanwhile"),
    ("registeredNodes", "the running nodes keep it themselves"),
];

/// Attributes that the server keeps for itself, or that have a place of their own in the file.
const OTHERS_ATTRIBUTES: [&str; 4] =
    [TOKEN_LIFESPAN_ATTRIBUTE, "client.secret.creation.time", "realm_client", OWNER_ATTRIBUTE];

/// Why a part of a configuration would be refused, if it would.
type Refusal<'a> = dyn Fn(&Map<String, Value>) -> Option<String> + 'a;

/// What differs from a new service account. `scopes` are given if they are not the realm's defaults. Whatever
/// is left out is told in `notes`, by its name and never by its value.
pub(super) fn config(
    stored: &Map<String, Value>,
    scopes: Option<&ClientScopes>,
    refusal: &Refusal<'_>,
    notes: &mut Vec<String>,
) -> Map<String, Value> {
    let mut config = Map::new();
    for (name, value) in stored {
        if ELSEWHERE.contains(&name.as_str()) || is_default(name, value) {
            continue;
        }
        match reason_against(name) {
            Some(reason) => notes.push(format!("`{}` is left out: {reason}", name.escape_debug())),
            None => add(&mut config, with_what_belongs_to_it(name, value, stored), refusal, notes),
        }
    }
    if config.contains_key("authorizationServicesEnabled") {
        notes.push(
            "its resources, policies and permissions are left out: the list of clients does not hold them"
                .to_owned(),
        );
    }
    let web_origins = web_origins(stored, config.contains_key("redirectUris"));
    add(&mut config, web_origins, refusal, notes);
    if let Some(ClientScopes { default, optional, .. }) = scopes {
        let scopes = [("defaultClientScopes", json!(default)), ("optionalClientScopes", json!(optional))];
        add(&mut config, object(scopes), refusal, notes);
    }
    let attributes = attributes(stored, refusal, notes);
    if !attributes.is_empty() {
        config.insert("attributes".to_owned(), Value::Object(attributes));
    }
    config
}

/// Adds a part that stands by itself, unless it would be refused.
fn add(
    config: &mut Map<String, Value>,
    part: Map<String, Value>,
    refusal: &Refusal<'_>,
    notes: &mut Vec<String>,
) {
    match refusal(&part) {
        Some(reason) => notes.push(refused(&reason)),
        None => config.extend(part),
    }
}

/// The reason names the field.
fn refused(reason: &str) -> String {
    format!("left out, as `apply` refuses it: {reason}")
}

fn is_default(name: &str, value: &Value) -> bool {
    if let Some((_, default)) = DEFAULT_NUMBERS.iter().find(|(known, _)| *known == name) {
        return value.as_i64() == Some(*default);
    }
    match DEFAULTS.iter().find(|(known, _)| *known == name) {
        Some((_, default)) => value == default,
        None => is_unset(value),
    }
}

/// Why a field stays out of the file, whatever it holds.
fn reason_against(name: &str) -> Option<&'static str> {
    let kept_out = KEPT_OUT.iter().find(|(known, _)| *known == name);
    kept_out.map(|(_, reason)| *reason).or_else(|| may_be_secret(name).then_some("it may hold secrets"))
}

/// On a new client the server turns `fullScopeAllowed` off with `consentRequired`, so that its default has to
/// be said.
fn with_what_belongs_to_it(name: &str, value: &Value, stored: &Map<String, Value>) -> Map<String, Value> {
    let mut part = object([(name, value.clone())]);
    if name == "consentRequired" {
        let full_scope = stored.get("fullScopeAllowed").cloned().unwrap_or(Value::Bool(true));
        part.insert("fullScopeAllowed".to_owned(), full_scope);
    }
    part
}

/// The server derives web origins from redirect URIs: then that there are none has to be said.
fn web_origins(stored: &Map<String, Value>, has_redirect_uris: bool) -> Map<String, Value> {
    match stored.get("webOrigins") {
        Some(origins) if has_redirect_uris || !is_unset(origins) => object([("webOrigins", origins.clone())]),
        _ => Map::new(),
    }
}

fn attributes(
    stored: &Map<String, Value>,
    refusal: &Refusal<'_>,
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
        } else if let Some(reason) = refusal(&object([("attributes", Value::Object(part.clone()))])) {
            notes.push(refused(&reason));
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
