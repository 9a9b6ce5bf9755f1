mod check;
mod compare;
mod merge;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value};

use crate::model::fields::ATTRIBUTES;
use crate::model::stored_client::is_enabled;

/// Further fields of a client: all except its ID, secret and token lifespan. Fields that a service account often
/// needs have typed setters; [`set`](Self::set) sets any other field by its name.
///
/// Only the fields that are set here change; the rest of an existing client stays as it is. The config is checked
/// before anything is sent. One [`Error::InvalidParameter`](crate::Error::InvalidParameter) names every fault:
///
/// - fields that do not exist in `ClientRepresentation` or a type inside it, each with the nearest name, and values
///   of the wrong JSON type;
/// - fields that have an argument of their own (`secret`, `clientId`, `id`, the attribute
///   `access.token.lifespan`);
/// - values with which a service account could not sign in (`publicClient: true`,
///   `bearerOnly: true`, …), and values that the server ignores, drops, or rejects with a 409 or 500 without a
///   reason (observed on Keycloak 26.7.3).
///
/// `Debug` prints only the names of the fields, because values may be secret. To convert a JSON map, use
/// [`from_map`](Self::from_map), `into` or `collect`.
///
/// Source: the argument `config` of the Python class's `register_client`, `register_new_client` and
/// `update_client`.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::ClientConfig;
/// use serde_json::json;
///
/// let config = ClientConfig::new()
///     .description("writes the trade feed")
///     .attribute("owner", "market-data")
///     .set("notBefore", json!(1_700_000_000));
/// assert_eq!(format!("{config:?}"), "ClientConfig(description, notBefore, attributes.owner)");
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct ClientConfig {
    /// All fields except the attributes, by their names in JSON.
    fields: Map<String, Value>,
    /// Separate, because attributes are merged one by one. An empty value removes the attribute.
    attributes: Map<String, Value>,
}

/// The flows of a new client. Keycloak turns the first on by default.
const FLOWS: [&str; 3] = ["standardFlowEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled"];

impl ClientConfig {
    /// An empty config, which changes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(kxi_auth_core::ClientConfig::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A config with each field of a map, as with [`set`](Self::set).
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::ClientConfig;
    /// use serde_json::{Map, Value};
    ///
    /// let map: Map<String, Value> = serde_json::from_str(r#"{"consentRequired": false}"#).unwrap();
    /// assert_eq!(ClientConfig::from_map(map), ClientConfig::new().set("consentRequired", false));
    /// ```
    pub fn from_map(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }

    /// Describes what the client is for, in at most 255 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().description("writes the trade feed");
    /// ```
    pub fn description(self, text: impl Into<String>) -> Self {
        self.set("description", text.into())
    }

    /// The name that the Admin Console shows, at most 255 characters. It is not the client ID.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().name("Trade feed");
    /// ```
    pub fn name(self, text: impl Into<String>) -> Self {
        self.set("name", text.into())
    }

    /// The URL that relative redirect URIs and the base URL are resolved against, at most 255 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().root_url("https://feed.example.com");
    /// ```
    pub fn root_url(self, url: impl Into<String>) -> Self {
        self.set("rootUrl", url.into())
    }

    /// The URL of the client's home page, at most 255 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().base_url("https://feed.example.com/home");
    /// ```
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.set("baseUrl", url.into())
    }

    /// All redirect URIs (RFC 6749, section 3.1.2), each at most 255 characters. Other redirect URIs are removed.
    /// On a new client the server derives the web origins from them unless [`web_origins`](Self::web_origins) is set
    /// (observed on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// let uris = ["https://feed.example.com/callback"];
    /// let config = kxi_auth_core::ClientConfig::new().standard_flow(true).redirect_uris(uris);
    /// ```
    pub fn redirect_uris<I>(self, uris: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.set("redirectUris", list(uris))
    }

    /// All web origins (CORS), each at most 255 characters. Other web origins are removed. `+` stands for the origins
    /// of the redirect URIs.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().web_origins(["https://feed.example.com"]);
    /// ```
    pub fn web_origins<I>(self, origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.set("webOrigins", list(origins))
    }

    /// Turns the browser sign-in on or off (authorization code grant, RFC 6749, section 4.1). Default for a new client:
    /// off.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().standard_flow(true);
    /// ```
    pub fn standard_flow(self, on: bool) -> Self {
        self.set("standardFlowEnabled", on)
    }

    /// Turns the implicit grant on or off (RFC 6749, section 4.2). RFC 9700, section 2.1.2, advises against it. Default
    /// for a new client: off.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().implicit_flow(false);
    /// ```
    pub fn implicit_flow(self, on: bool) -> Self {
        self.set("implicitFlowEnabled", on)
    }

    /// Turns the sign-in with a user's password at the token endpoint on or off (RFC 6749, section 4.3). RFC 9700,
    /// section 2.4, forbids it. Default for a new client: off.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().direct_access_grants(false);
    /// ```
    pub fn direct_access_grants(self, on: bool) -> Self {
        self.set("directAccessGrantsEnabled", on)
    }

    /// Whether tokens carry all roles of the service account. If this is off, they carry only the roles of the client's
    /// scopes, and a registration warns ([`Warning::NoFullScope`]). Default for a new client: on (observed on Keycloak
    /// 26.7.3).
    ///
    /// [`Warning::NoFullScope`]: crate::Warning::NoFullScope
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().full_scope_allowed(true);
    /// ```
    pub fn full_scope_allowed(self, on: bool) -> Self {
        self.set("fullScopeAllowed", on)
    }

    /// Turns authorization services on or off. Default for a new client: off. **Turning them off deletes the client's
    /// resources, policies and permissions** (observed on Keycloak 24.0.5, 26.0.8, 26.4.0 and 26.7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().authorization_services(true);
    /// ```
    pub fn authorization_services(self, on: bool) -> Self {
        self.set("authorizationServicesEnabled", on)
    }

    /// The client scopes of a new client. Every token has the default scopes; a token request can ask for the optional
    /// ones. An update cannot change the scopes, and the registration of an existing client warns
    /// ([`Warning::NotUpdatable`]; observed on Keycloak 26.7.3).
    ///
    /// Both kinds are set together, because the server assigns none of a kind that is missing. It ignores names that
    /// do not exist in the realm.
    ///
    /// [`Warning::NotUpdatable`]: crate::Warning::NotUpdatable
    ///
    /// # Examples
    ///
    /// ```
    /// # use kxi_auth_core::ClientConfig;
    /// let config = ClientConfig::new().client_scopes(["basic", "roles"], ["offline_access"]);
    /// ```
    pub fn client_scopes<D, O>(self, default: D, optional: O) -> Self
    where
        D: IntoIterator,
        D::Item: Into<String>,
        O: IntoIterator,
        O::Item: Into<String>,
    {
        self.set("defaultClientScopes", list(default)).set("optionalClientScopes", list(optional))
    }

    /// Sets one attribute. Other attributes stay as they are. The name has at most 255 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().attribute("owner", "market-data");
    /// ```
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), Value::String(value.into()));
        self
    }

    /// Removes one attribute, if it exists. An empty value does the same (observed on Keycloak 26.7.3).
    ///
    /// # Examples
    ///
    /// ```
    /// let config = kxi_auth_core::ClientConfig::new().remove_attribute("contact");
    /// ```
    pub fn remove_attribute(self, name: impl Into<String>) -> Self {
        self.attribute(name, "")
    }

    /// Sets any field of `ClientRepresentation` by its name in JSON. The last value of a field wins. An `attributes`
    /// object is merged with the attributes that are set already; a null in it removes an attribute.
    ///
    /// # Examples
    ///
    /// ```
    /// use kxi_auth_core::ClientConfig;
    /// use serde_json::json;
    ///
    /// let config = ClientConfig::new().set("frontchannelLogout", true).set("protocolMappers", json!([{
    ///     "name": "tenant",
    ///     "protocol": "openid-connect",
    ///     "protocolMapper": "oidc-hardcoded-claim-mapper",
    ///     "config": {"claim.name": "tenant", "claim.value": "a", "access.token.claim": "true"},
    /// }]));
    /// ```
    pub fn set(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        match (field.into(), value.into()) {
            (field, Value::Object(attributes)) if field == ATTRIBUTES => self.attributes.extend(attributes),
            (field, value) => {
                self.fields.insert(field, value);
            }
        }
        self
    }

    /// Whether the config is empty and changes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!kxi_auth_core::ClientConfig::new().name("Trade feed").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.attributes.is_empty()
    }

    /// The value of an attribute that the config sets.
    pub(crate) fn attribute_value(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    /// Whether the config sets this field.
    pub(crate) fn contains(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Whether the config disables the client.
    pub(crate) fn disables(&self) -> bool {
        !is_enabled(&self.fields)
    }

    /// The config of a new client: the flows that Keycloak turns on by default are off unless the config sets them.
    pub(crate) fn of_new_client(&self) -> Self {
        let mut config = self.clone();
        for flow in FLOWS {
            config.fields.entry(flow).or_insert(Value::Bool(false));
        }
        config
    }

    /// Adds everything to the body of a create. Attributes are added one by one, so that the body keeps its own.
    pub(crate) fn merge_into_new(&self, body: &mut Map<String, Value>) {
        body.extend(self.fields.clone());
        self.merge_attributes(body, |_, _| true);
    }

    fn merge_attributes(&self, body: &mut Map<String, Value>, choose: impl Fn(&str, &Value) -> bool) {
        let chosen = self.attributes.iter().filter(|(name, value)| choose(name, value));
        let mut chosen = chosen.map(|(name, value)| (name.clone(), without_null(value))).peekable();
        if chosen.peek().is_some() {
            let attributes = body.entry(ATTRIBUTES).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(attributes) = attributes {
                attributes.extend(chosen);
            }
        }
    }
}

/// Null becomes the empty string, which also removes an attribute, and which the generated type accepts.
fn without_null(value: &Value) -> Value {
    if value.is_null() { Value::String(String::new()) } else { value.clone() }
}

fn list<I>(texts: I) -> Value
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    texts.into_iter().map(|text| Value::String(text.into())).collect()
}

impl<K: Into<String>> FromIterator<(K, Value)> for ClientConfig {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(fields: I) -> Self {
        fields.into_iter().fold(Self::new(), |config, (field, value)| config.set(field, value))
    }
}

impl From<Map<String, Value>> for ClientConfig {
    fn from(map: Map<String, Value>) -> Self {
        Self::from_map(map)
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.attributes.keys().map(|name| format!("{ATTRIBUTES}.{name}"));
        let names: Vec<String> = self.fields.keys().cloned().chain(attributes).collect();
        write!(f, "ClientConfig({})", names.join(", ").escape_debug())
    }
}
