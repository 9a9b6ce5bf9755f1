//! Compares the desired client with the stored one. Only this module decides whether a PUT is sent, and with which
//! body.

pub(crate) mod arguments;
mod changes;
pub(crate) mod collision;
pub(crate) mod config;
pub(crate) mod generate;
mod own;
pub(crate) mod owner;
pub(crate) mod validate;
pub(crate) mod verify;
mod write;

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::desired::arguments::ClientArguments;
use crate::desired::changes::changes;
use crate::desired::config::ClientConfig;
use crate::desired::generate::generate_secret;
use crate::desired::owner::Owner;
use crate::error::{Error, Hint};
use crate::model::field_change::FieldChange;
use crate::model::fields::{ATTRIBUTES, ENABLED, SERVICE_ACCOUNTS_ENABLED, TOKEN_LIFESPAN_ATTRIBUTE};
use crate::model::stored_client::{Obstacle, StoredClient};

/// The desired client. What is not set stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desired {
    pub(crate) arguments: ClientArguments,
    /// The secret of a client that has none yet, if `arguments` has none.
    pub(crate) secret_if_new: Option<SecretString>,
    /// Whether the client is a service account, which signs in with its secret once it is enabled.
    pub(crate) service_account: bool,
    /// Whether the client is enabled. `None`: a service account has to be, and other clients stay as they are.
    pub(crate) enabled: Option<bool>,
    /// Whether a client of another kind may be converted to a service account.
    pub(crate) convert: bool,
    /// Rejects a client that belongs to another owner.
    pub(crate) owner: Option<Owner>,
    /// Rejects a change that would end the sign-in as this client.
    pub(crate) keep_sign_in: bool,
}

/// The body of a PUT: the fields, and the secret separate from them.
type Change = (Map<String, Value>, Option<SecretString>);

impl Desired {
    /// Rejects values that the server would silently accept.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for secret in self.arguments.secret.iter().chain(&self.secret_if_new) {
            validate::secret(secret)?;
        }
        if let Some(seconds) = self.arguments.token_lifespan {
            validate::token_lifespan(seconds)?;
        }
        if self.service_account && self.arguments.config.disables() {
            let reason = "`enabled` is false, and a disabled client cannot sign in".to_owned();
            let hint = Some(Hint::DisableClient);
            return Err(Error::InvalidParameter { parameter: "config", reason, hint });
        }
        if self.enabled.is_some() && self.arguments.config.contains(ENABLED) {
            let reason = "`enabled` is set twice; leave it out of the config".to_owned();
            return Err(Error::InvalidParameter { parameter: "config", reason, hint: None });
        }
        self.arguments.config.check()
    }

    /// The fields of a new client, without its ID, UUID and secret.
    pub(crate) fn fields_of_new(&self) -> Map<String, Value> {
        self.fields(&self.arguments.config.of_new_client())
    }

    /// The fields that the caller set, as a create sends them.
    pub(crate) fn given_fields(&self) -> Map<String, Value> {
        self.fields(&self.arguments.config)
    }

    fn fields(&self, config: &ClientConfig) -> Map<String, Value> {
        let mut fields = Map::new();
        config.merge_into_new(&mut fields);
        if let Some(enabled) = self.enabled {
            fields.insert(ENABLED.to_owned(), enabled.into());
        }
        self.add_lifespan(&mut fields);
        fields
    }

    /// The changes that [`apply`](Self::apply), or a create, would make.
    pub(crate) fn plan(&self, stored: Option<&StoredClient>) -> Result<Vec<FieldChange>, Error> {
        let Some(stored) = stored else {
            return Ok(changes(None, &self.given_fields(), self.arguments.secret.is_some()));
        };
        Ok(match self.change(stored)? {
            Some((fields, secret)) => changes(Some(stored), &fields, secret.is_some()),
            None => Vec::new(),
        })
    }

    /// The secret of a client that has none yet: the one that was set, or else a random one.
    pub(crate) fn new_secret(&self) -> Result<SecretString, Error> {
        let chosen = self.arguments.secret.as_ref().or(self.secret_if_new.as_ref());
        chosen.cloned().map_or_else(generate_secret, Ok)
    }

    /// The body of the PUT, or `None` if nothing differs.
    fn change(&self, stored: &StoredClient) -> Result<Option<Change>, Error> {
        let mut fields = self.differing(&self.arguments.config, stored);
        if self.service_account {
            self.add_conversion(stored, &mut fields)?;
        } else {
            reject_conversion(stored, &fields)?;
        }
        let mut secret = self.arguments.secret.clone().filter(|wanted| !stored.has_secret(wanted));
        if self.service_account && self.arguments.secret.is_none() && stored.lacks_secret() {
            secret = Some(self.new_secret()?);
        }
        if self.keep_sign_in {
            own::reject_end_of_sign_in(stored, &fields, secret.is_some())?;
        }
        Ok((!fields.is_empty() || secret.is_some()).then_some((fields, secret)))
    }

    /// What changes the fields that differ from this config and the token lifespan.
    fn differing(&self, config: &ClientConfig, stored: &StoredClient) -> Map<String, Value> {
        let mut fields = Map::new();
        config.merge_into_update(&stored.fields, &mut fields);
        let other = |wanted: i64| stored.attribute(TOKEN_LIFESPAN_ATTRIBUTE) != Some(&wanted.to_string());
        if self.arguments.token_lifespan.is_some_and(other) {
            self.add_lifespan(&mut fields);
        }
        if let Some(enabled) = self.enabled.filter(|enabled| *enabled != stored.is_enabled()) {
            fields.insert(ENABLED.to_owned(), enabled.into());
        }
        fields
    }

    fn add_conversion(&self, stored: &StoredClient, fields: &mut Map<String, Value>) -> Result<(), Error> {
        let mut obstacles = stored.obstacles();
        obstacles.retain(|obstacle| self.enabled.is_none() || !obstacle.is_field(ENABLED));
        if !obstacles.is_empty() && !self.convert {
            let only_disabled = obstacles.iter().all(|obstacle| obstacle.is_field(ENABLED));
            let hint = if only_disabled { Hint::EnableClient } else { Hint::Convert };
            let reasons: Vec<String> = obstacles.iter().map(Obstacle::describe).collect();
            return Err(not_a_service_account(stored, reasons.join(", "), hint));
        }
        for obstacle in obstacles {
            obstacle.add_needed(fields);
        }
        if !stored.service_accounts() {
            fields.insert(SERVICE_ACCOUNTS_ENABLED.to_owned(), Value::Bool(true));
        }
        Ok(())
    }

    fn add_lifespan(&self, fields: &mut Map<String, Value>) {
        let Some(seconds) = self.arguments.token_lifespan else { return };
        let attributes = fields.entry(ATTRIBUTES).or_insert_with(|| json!({}));
        if let Value::Object(attributes) = attributes {
            attributes.insert(TOKEN_LIFESPAN_ATTRIBUTE.to_owned(), Value::String(seconds.to_string()));
        }
    }
}

/// Rejects an update whose config would convert a client of another kind to a service account.
fn reject_conversion(stored: &StoredClient, fields: &Map<String, Value>) -> Result<(), Error> {
    // Enabling a disabled client is not a conversion.
    let converts = |obstacle: &Obstacle| !obstacle.is_field(ENABLED) && obstacle.is_set_in(fields);
    match stored.obstacles().iter().find(|obstacle| converts(obstacle)) {
        Some(obstacle) => Err(not_a_service_account(stored, obstacle.describe(), Hint::Convert)),
        None => Ok(()),
    }
}

fn not_a_service_account(stored: &StoredClient, reason: String, hint: Hint) -> Error {
    Error::NotAServiceAccount { client: stored.id.clone(), reason, hint: Some(hint) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::model::client_uuid::ClientUuid;

    fn stored(fields: Value) -> StoredClient {
        let Value::Object(fields) = fields else { panic!("an object") };
        let secret = Some(SecretString::from("stored"));
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret, fields }
    }

    #[test]
    fn nothing_is_sent_when_nothing_differs() {
        let stored =
            stored(json!({"serviceAccountsEnabled": true, "attributes": {TOKEN_LIFESPAN_ATTRIBUTE: "300"}}));
        let desired = Desired {
            arguments: ClientArguments::new().secret(SecretString::from("stored")).token_lifespan(300),
            service_account: true,
            ..Default::default()
        };
        assert!(desired.change(&stored).unwrap().is_none());
    }

    #[test]
    fn only_what_differs_is_sent() {
        let stored = stored(json!({"serviceAccountsEnabled": false}));
        let desired = Desired {
            arguments: ClientArguments::new().secret(SecretString::from("new")).token_lifespan(60),
            service_account: true,
            ..Default::default()
        };
        let (fields, secret) = desired.change(&stored).unwrap().unwrap();
        let expected =
            json!({"attributes": {TOKEN_LIFESPAN_ATTRIBUTE: "60"}, "serviceAccountsEnabled": true});
        assert_eq!(Value::Object(fields), expected);
        assert_eq!(secret.unwrap().expose_secret(), "new");
    }

    #[test]
    fn a_public_client_is_converted_only_when_allowed() {
        let stored = || stored(json!({"publicClient": true, "serviceAccountsEnabled": false}));
        let refused = Desired { service_account: true, ..Default::default() }.change(&stored());
        assert!(refused.unwrap_err().to_string().contains("`publicClient` is true"));
        let desired = Desired { service_account: true, convert: true, ..Default::default() };
        let (fields, _) = desired.change(&stored()).unwrap().unwrap();
        assert_eq!(fields.get("publicClient"), Some(&json!(false)));
    }

    #[test]
    fn a_service_account_is_not_disabled_by_registering_it() {
        let arguments = ClientArguments::new().config(ClientConfig::new().set("enabled", false));
        let registering =
            Desired { arguments: arguments.clone(), service_account: true, ..Default::default() };
        assert!(registering.check().unwrap_err().to_string().contains("`enabled`"));
        let updating = Desired { arguments, ..Default::default() };
        updating.check().unwrap();
        let (fields, _) = updating.change(&stored(json!({"enabled": true}))).unwrap().unwrap();
        assert_eq!(fields.get("enabled"), Some(&json!(false)));
    }

    #[test]
    fn a_service_account_is_enabled_and_disabled_if_that_is_asked_for() {
        let asked = |enabled| Desired { service_account: true, enabled: Some(enabled), ..Default::default() };
        let account = |enabled: bool| stored(json!({"serviceAccountsEnabled": true, "enabled": enabled}));
        for enabled in [false, true] {
            asked(enabled).check().unwrap();
            assert!(asked(enabled).change(&account(enabled)).unwrap().is_none());
            let (fields, _) = asked(enabled).change(&account(!enabled)).unwrap().unwrap();
            assert_eq!(Value::Object(fields), json!({"enabled": enabled}), "it is no conversion");
            assert_eq!(asked(enabled).fields_of_new().get("enabled"), Some(&json!(enabled)));
        }
        let twice = ClientArguments::new().config(ClientConfig::new().set("enabled", true));
        assert!(
            Desired { arguments: twice, ..asked(false) }.check().is_err(),
            "the two would undo each other"
        );
        let public = stored(json!({"publicClient": true, "enabled": false}));
        assert!(asked(false).change(&public).is_err(), "another obstacle still needs `convert`");
    }

    #[test]
    fn an_update_does_not_convert_by_the_way() {
        let arguments = ClientArguments::new().config(ClientConfig::new().set("publicClient", false));
        let desired = Desired { arguments, ..Default::default() };
        let refused = desired.change(&stored(json!({"publicClient": true})));
        assert!(matches!(refused, Err(Error::NotAServiceAccount { .. })));
        assert!(desired.change(&stored(json!({"publicClient": false}))).unwrap().is_none());
    }
}
