//! The client scopes of a client.

use serde_json::{Map, Value};

/// The client scope that the server itself adds to every client with a service account (observed on Keycloak
/// 26.7.3).
pub(crate) const OWN_SCOPE: &str = "service_account";

/// The names of client scopes. Each list is sorted, because the server keeps no order. `service_account` is
/// left out: the server adds it to every client with a service account (observed on Keycloak 26.7.3).
///
/// Returned by [`ClientManager::default_client_scopes`](crate::ClientManager::default_client_scopes) and
/// [`ClientDetails::client_scopes`](crate::ClientDetails::client_scopes).
///
/// # Examples
///
/// ```
/// fn extra<'a>(of: &'a kxi_auth_core::ClientScopes, realms: &kxi_auth_core::ClientScopes) -> Vec<&'a String> {
///     of.default.iter().filter(|scope| !realms.default.contains(scope)).collect()
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientScopes {
    /// The client scopes that apply to every token.
    pub default: Vec<String>,
    /// The client scopes that a token request may ask for.
    pub optional: Vec<String>,
}

impl ClientScopes {
    pub(crate) fn new(default: Vec<String>, optional: Vec<String>) -> Self {
        let [default, optional] = [default, optional].map(|mut names| {
            names.retain(|name| name != OWN_SCOPE);
            names.sort();
            names
        });
        Self { default, optional }
    }

    pub(crate) fn of(fields: &Map<String, Value>) -> Self {
        let names = |field: &str| {
            let names = fields.get(field).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        };
        Self::new(names("defaultClientScopes"), names("optionalClientScopes"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_are_compared_without_their_order_and_the_servers_own() {
        let Value::Object(fields) = json!({
            "defaultClientScopes": ["web-origins", "service_account", "acr"],
            "optionalClientScopes": ["phone", "address"],
        }) else {
            panic!("an object")
        };
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let expected = ClientScopes::new(names(&["acr", "web-origins"]), names(&["address", "phone"]));
        assert_eq!(ClientScopes::of(&fields), expected);
        assert_eq!(ClientScopes::of(&Map::new()), ClientScopes::default());
    }
}
