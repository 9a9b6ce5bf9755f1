//! What the core returned, as JSON and without secrets.

use kxi_auth_core::{AccessToken, AuthClient, Error, Registration, Role};
use serde_json::{Value, json};

/// A result, its error by kind and message.
pub(super) fn result<T>(result: Result<T, Error>, describe: impl FnOnce(&T) -> Value) -> Value {
    match result {
        Ok(value) => describe(&value),
        Err(error) => {
            let debug = format!("{error:?}");
            let kind = debug.split([' ', '(']).next().unwrap_or_default();
            json!({"error": kind, "message": error.to_string()})
        }
    }
}

pub(super) fn client(client: &AuthClient) -> Value {
    json!({
        "host": client.host,
        "id": client.id,
        "uuid": client.uuid.as_str(),
        "has_secret": client.secret.is_some(),
    })
}

pub(super) fn registration(registration: &Registration) -> Value {
    let warnings: Vec<String> = registration.warnings.iter().map(ToString::to_string).collect();
    json!({
        "client": client(registration),
        "created": registration.created,
        "roles_added": registration.roles_added.realm,
        "warnings": warnings,
    })
}

pub(super) fn role(role: &Role) -> Value {
    json!({"name": role.name, "description": role.description, "composite": role.composite})
}

pub(super) fn token(token: &AccessToken) -> Value {
    let mut roles = token.claims.as_ref().map(|claims| claims.realm_roles().to_vec());
    if let Some(roles) = &mut roles {
        roles.sort();
    }
    json!({
        "lifetime": token.lifetime.as_secs(),
        "client_id": token.claims.as_ref().map(|claims| &claims.client_id),
        "roles": roles,
    })
}
