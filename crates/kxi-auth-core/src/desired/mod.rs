//! Compares the desired client with the stored one. Only this module decides whether a PUT is sent, and with which
//! body.

pub(crate) mod arguments;
pub(crate) mod collision;
pub(crate) mod config;
pub(crate) mod field_change;
pub(crate) mod generate;
mod own;
pub(crate) mod owner;
pub(crate) mod validate;

use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::admin::Api;
use crate::admin::clients::{Refused, Updated};
use crate::desired::arguments::ClientArguments;
use crate::desired::collision::Collision;
use crate::desired::field_change::{FieldChange, changes};
use crate::desired::generate::generate_secret;
use crate::desired::owner::Owner;
use crate::error::{Error, Hint, Step};
use crate::model::client_uuid::ClientUuid;
use crate::model::fields::{ATTRIBUTES, SERVICE_ACCOUNTS_ENABLED, TOKEN_LIFESPAN_ATTRIBUTE};
use crate::model::stored_client::{Obstacle, StoredClient};

/// The desired client. What is not set stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desired {
    pub(crate) arguments: ClientArguments,
    /// The secret of a client that has none yet, if `arguments` has none.
    pub(crate) secret_if_new: Option<SecretString>,
    /// Whether the client must be able to sign in as a service account.
    pub(crate) service_account: bool,
    /// Whether a client of another kind may be converted to a service account.
    pub(crate) convert: bool,
    /// Rejects a client that belongs to another owner.
    pub(crate) owner: Option<Owner>,
    /// Rejects a change that would end the sign-in as this client.
    pub(crate) keep_sign_in: bool,
}

/// After this many 409s in a row to the same update of an unchanged client, it is not a race.
const ALONE: usize = 2;

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
            return Err(Error::InvalidParameter {
                parameter: "config",
                reason,
                hint: Some(Hint::UpdateClient),
            });
        }
        self.arguments.config.check()
    }

    /// The fields of a new client, without its ID, UUID and secret.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        self.arguments.config.merge_into_new(&mut fields);
        self.add_lifespan(&mut fields);
        fields
    }

    /// The changes that [`apply`](Self::apply), or a create, would make.
    pub(crate) fn plan(&self, stored: Option<&StoredClient>) -> Result<Vec<FieldChange>, Error> {
        let Some(stored) = stored else {
            return Ok(changes(None, &self.fields(), self.arguments.secret.is_some()));
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

    /// Sends the fields that differ, or nothing if none does. Returns the client as it is afterwards, and what was
    /// written.
    pub(crate) async fn apply(
        &self,
        api: &Api,
        mut stored: StoredClient,
    ) -> Result<(StoredClient, Option<Step>), Error> {
        // Of 20 concurrent updates, up to 16 got a 409 (observed on Keycloak 26.7.3). They are retried with the same
        // pauses and limits as any race.
        let policy = api.connection.policy;
        let (end, mut pauses) = (policy.end(), policy.pauses());
        // How many updates in a row were rejected although nobody else changed the client. One can be a race that the
        // other request lost too.
        let mut alone = 0;
        loop {
            if let Some(owner) = &self.owner {
                owner.reject_others(&stored)?;
            }
            let Some((fields, secret)) = self.change(&stored)? else { return Ok((stored, None)) };
            let fields_changed = self.arguments.config.differs_from(&stored.fields);
            tracing::debug!(?fields_changed, new_secret = secret.is_some(), "updating");
            let step = if secret.is_some() { Step::SetSecret } else { Step::Update };
            match api.update_client(&stored, fields.clone(), secret.clone()).await? {
                // Another registration may have generated a secret at the same time. The later one counts.
                Updated::Done if secret.is_some() && self.arguments.secret.is_none() => {
                    let read = api.client(&stored.uuid).await;
                    let now = read.map_err(|cause| Error::in_doubt(&stored.id, step, cause))?;
                    return Ok((now, Some(step)));
                }
                Updated::Done => {
                    stored.fields.extend(fields);
                    stored.secret = secret.or(stored.secret);
                    return Ok((stored, Some(step)));
                }
                Updated::InDoubt(cause) => {
                    let now = self.stored_after(api, &stored.uuid, secret.as_ref()).await;
                    let in_doubt = || Error::in_doubt(&stored.id, step, cause);
                    return now?.map(|now| (now, Some(step))).ok_or_else(in_doubt);
                }
                Updated::Refused(by) => {
                    let pause = pauses.next().filter(|pause| Instant::now() + *pause < end);
                    let Some(pause) = pause else {
                        return Err(conflict(api, &stored, &fields, by, alone).await);
                    };
                    tokio::time::sleep(pause).await;
                    let now = api.client(&stored.uuid).await?;
                    alone = if now.is_as(&stored) { alone + 1 } else { 0 };
                    if alone == ALONE {
                        return Err(conflict(api, &stored, &fields, by, alone).await);
                    }
                    stored = now;
                }
            }
        }
    }

    /// The client as it is stored now, if it shows that a change was carried out although its response was lost.
    async fn stored_after(
        &self,
        api: &Api,
        uuid: &ClientUuid,
        secret: Option<&SecretString>,
    ) -> Result<Option<StoredClient>, Error> {
        let now = match api.client(uuid).await {
            Ok(now) => now,
            Err(gone @ Error::NotFound { .. }) => return Err(gone),
            // The error of the change says more.
            Err(_) => return Ok(None),
        };
        let is_done = secret.is_none_or(|secret| now.has_secret(secret)) && self.change(&now)?.is_none();
        Ok(is_done.then_some(now))
    }

    /// The body of the PUT, or `None` if nothing differs.
    fn change(&self, stored: &StoredClient) -> Result<Option<Change>, Error> {
        let mut fields = Map::new();
        self.arguments.config.merge_into_update(&stored.fields, &mut fields);
        if self
            .arguments
            .token_lifespan
            .is_some_and(|wanted| stored.attribute(TOKEN_LIFESPAN_ATTRIBUTE) != Some(&wanted.to_string()))
        {
            self.add_lifespan(&mut fields);
        }
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

    fn add_conversion(&self, stored: &StoredClient, fields: &mut Map<String, Value>) -> Result<(), Error> {
        let obstacles = stored.obstacles();
        if !obstacles.is_empty() && !self.convert {
            let reasons: Vec<String> = obstacles.iter().map(Obstacle::describe).collect();
            return Err(needs_conversion(stored, reasons.join(", ")));
        }
        fields.extend(obstacles.into_iter().map(|obstacle| (obstacle.field.to_owned(), obstacle.needed)));
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

/// The error for an update that the server rejected with 409, the last `alone` times although nothing had changed.
async fn conflict(
    api: &Api,
    stored: &StoredClient,
    sent: &Map<String, Value>,
    by: Refused,
    alone: usize,
) -> Error {
    let collision = Collision { id: &stored.id, sent, stored: Some(stored), may_be_a_race: alone < ALONE };
    let reason = collision.reason(api, &by.words).await;
    let hint = collision.may_be_a_race.then_some(Hint::TryAgain);
    Error::Conflict { what: "client", name: stored.id.clone(), reason, hint, request: Some(by.request) }
}

/// Rejects an update whose config would convert a client of another kind to a service account.
fn reject_conversion(stored: &StoredClient, fields: &Map<String, Value>) -> Result<(), Error> {
    // Enabling a disabled client is not a conversion.
    let converts = |obstacle: &Obstacle| obstacle.field != "enabled" && fields.contains_key(obstacle.field);
    match stored.obstacles().iter().find(|obstacle| converts(obstacle)) {
        Some(obstacle) => Err(needs_conversion(stored, obstacle.describe())),
        None => Ok(()),
    }
}

fn needs_conversion(stored: &StoredClient, reason: String) -> Error {
    Error::NotAServiceAccount { client: stored.id.clone(), reason, hint: Some(Hint::Convert) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::desired::config::ClientConfig;

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
    fn an_update_does_not_convert_by_the_way() {
        let arguments = ClientArguments::new().config(ClientConfig::new().set("publicClient", false));
        let desired = Desired { arguments, ..Default::default() };
        let refused = desired.change(&stored(json!({"publicClient": true})));
        assert!(matches!(refused, Err(Error::NotAServiceAccount { .. })));
        assert!(desired.change(&stored(json!({"publicClient": false}))).unwrap().is_none());
    }
}
