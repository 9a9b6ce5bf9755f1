//! Writes a client, and compares what the server stored with what was asked.

use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::admin::Api;
use crate::admin::clients::{Refused, Updated};
use crate::desired::Desired;
use crate::desired::changes::changes;
use crate::desired::collision::Collision;
use crate::error::{Error, Hint, Step};
use crate::model::client_uuid::ClientUuid;
use crate::model::field_change::FieldChange;
use crate::model::fields::SERVICE_ACCOUNTS_ENABLED;
use crate::model::stored_client::{Obstacle, StoredClient};
use crate::model::warning::Warning;

/// After this many 409s in a row to the same update of an unchanged client, it is not a race.
const ALONE: usize = 2;

/// A client as it is after a write, or after it was found that nothing has to be written.
pub(crate) struct Written {
    pub(crate) stored: StoredClient,
    /// Whether the stored client is another than before.
    pub(crate) changed: bool,
    pub(crate) warnings: Vec<Warning>,
}

impl Desired {
    /// Sends the fields that differ, or nothing if none does. Returns the client as it is afterwards, and what was written.
    pub(crate) async fn apply(
        &self,
        api: &Api,
        mut stored: StoredClient,
    ) -> Result<(Written, Option<Step>), Error> {
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
            let Some((fields, secret)) = self.change(&stored)? else {
                return Ok((Written { stored, changed: false, warnings: Vec::new() }, None));
            };
            let fields_changed = self.arguments.config.differs_from(&stored.fields);
            tracing::debug!(?fields_changed, new_secret = secret.is_some(), "updating");
            let step = if secret.is_some() { Step::SetSecret } else { Step::Update };
            match api.update_client(&stored, fields.clone(), secret.clone()).await? {
                Updated::Done => {
                    return Ok((self.read_back(api, stored, fields, secret, step).await?, Some(step)));
                }
                Updated::InDoubt(cause) => {
                    let now = self.stored_after(api, &stored.uuid, secret.as_ref()).await;
                    let now = now?.ok_or_else(|| Error::in_doubt(&stored.id, step, cause))?;
                    return Ok((self.verify(Some(&stored), now, secret)?, Some(step)));
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

    /// Reads the client after an update, because the response has no body, and a client policy can change a client while it
    /// is saved (observed on Keycloak 26.7.3). If it cannot be read, the update counts nevertheless.
    async fn read_back(
        &self,
        api: &Api,
        mut stored: StoredClient,
        fields: Map<String, Value>,
        secret: Option<SecretString>,
        step: Step,
    ) -> Result<Written, Error> {
        match api.client(&stored.uuid).await {
            Ok(now) => self.verify(Some(&stored), now, secret),
            Err(gone @ Error::NotFound { .. }) => Err(gone),
            // Another registration may have generated a secret at the same time. The later one counts.
            Err(cause) if secret.is_some() && self.arguments.secret.is_none() => {
                Err(Error::in_doubt(&stored.id, step, cause))
            }
            Err(cause) => {
                let warnings = vec![not_verified(&stored, &cause)];
                stored.fields.extend(fields);
                stored.secret = secret.or(stored.secret);
                Ok(Written { stored, changed: true, warnings })
            }
        }
    }

    /// The client that was just created as `sent`, as the server stored it.
    pub(crate) async fn verify_created(&self, api: &Api, sent: StoredClient) -> Result<Written, Error> {
        match api.client(&sent.uuid).await {
            Ok(stored) => self.verify(None, stored, sent.secret),
            Err(gone @ Error::NotFound { .. }) => Err(gone),
            Err(cause) => {
                let warnings = vec![not_verified(&sent, &cause)];
                Ok(Written { stored: sent, changed: true, warnings })
            }
        }
    }

    /// Compares what is stored after a write with what was asked. A client that cannot sign in as asked is an error, any
    /// other difference a warning. `before` is the client before an update; `secret` is the secret that was sent.
    pub(crate) fn verify(
        &self,
        before: Option<&StoredClient>,
        mut stored: StoredClient,
        secret: Option<SecretString>,
    ) -> Result<Written, Error> {
        self.check_sign_in(before, &stored)?;
        let warning = |change| Warning::Overridden { client_id: stored.id.clone(), change };
        let warnings = self.overridden(before, &stored).into_iter().map(warning).collect();
        let changed = before.is_none_or(|before| !stored.is_as(before));
        // The server may not show a secret that it stores.
        stored.secret = stored.secret.or(secret);
        Ok(Written { stored, changed, warnings })
    }

    /// The fields that were asked for and are stored with another value.
    fn overridden(&self, before: Option<&StoredClient>, stored: &StoredClient) -> Vec<FieldChange> {
        let config = match before {
            Some(_) => self.arguments.config.clone(),
            None => self.arguments.config.of_new_client(),
        };
        let other_secret = |wanted| stored.secret.is_some() && !stored.has_secret(wanted);
        let other_secret = self.arguments.secret.as_ref().is_some_and(other_secret);
        let mut overridden = changes(Some(stored), &self.differing(&config, stored), other_secret);
        if before.is_none() {
            let fixed = config.fixed_differences(&stored.fields).into_iter();
            // The server does not show the authorization settings.
            let fixed = fixed.filter(|(field, _)| field != "authorizationSettings");
            overridden.extend(fixed.map(|(field, wanted)| {
                let from = stored.fields.get(&field).cloned();
                FieldChange { field, from, to: Some(wanted) }
            }));
        }
        overridden
    }

    /// Rejects what keeps the client from signing in with its secret, if it was not asked for and did not do so before.
    fn check_sign_in(&self, before: Option<&StoredClient>, stored: &StoredClient) -> Result<(), Error> {
        let mut expected = before.map(StoredClient::obstacles).unwrap_or_default();
        if self.service_account {
            // They were to be removed.
            expected.clear();
        }
        let is_new = |obstacle: &Obstacle| {
            let asked = obstacle.is_field("enabled") && self.arguments.config.disables();
            !asked && !expected.iter().any(|expected| expected.is_about_same(obstacle))
        };
        let mut reasons: Vec<String> =
            stored.obstacles().iter().filter(|obstacle| is_new(obstacle)).map(Obstacle::describe).collect();
        let had_account = self.service_account || before.is_none_or(StoredClient::service_accounts);
        if had_account && !stored.service_accounts() {
            reasons.push(format!("`{SERVICE_ACCOUNTS_ENABLED}` is false"));
        }
        if reasons.is_empty() {
            return Ok(());
        }
        let done = if before.is_none() { "created" } else { "updated" };
        let reason = format!(
            "it was {done} (UUID {}), but it cannot sign in with its secret, because the server stored something else \
             than was sent: {}. The likely cause is a client policy of the realm",
            stored.uuid,
            reasons.join(", ")
        );
        let hint = Some(Hint::CheckClientPolicies);
        Err(Error::Conflict { what: "client", name: stored.id.clone(), reason, hint, request: None })
    }
}

fn not_verified(client: &StoredClient, cause: &Error) -> Warning {
    Warning::NotVerified { client_id: client.id.clone(), reason: cause.to_string() }
}

/// The error for an update that the server rejected with 409, the last `alone` times although nothing had changed.
async fn conflict(
    api: &Api,
    stored: &StoredClient,
    sent: &Map<String, Value>,
    by: Refused,
    alone: usize,
) -> Error {
    let collision = Collision {
        id: &stored.id,
        sent,
        stored: Some(stored),
        may_be_hidden: false,
        may_be_a_race: alone < ALONE,
    };
    let reason = collision.reason(api, &by.words).await;
    let hint = collision.may_be_a_race.then_some(Hint::TryAgain);
    Error::Conflict { what: "client", name: stored.id.clone(), reason, hint, request: Some(by.request) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;
    use crate::desired::arguments::ClientArguments;
    use crate::desired::config::ClientConfig;

    fn client(fields: Value, secret: &str) -> StoredClient {
        let Value::Object(fields) = fields else { panic!("an object") };
        let secret = Some(SecretString::from(secret));
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret, fields }
    }

    /// A service account with these fields besides.
    fn account(more: &Value) -> StoredClient {
        let mut client = client(json!({"serviceAccountsEnabled": true}), "stored");
        client.fields.extend(more.as_object().cloned().unwrap());
        client
    }

    fn desired(arguments: ClientArguments, service_account: bool) -> Desired {
        Desired { arguments, service_account, ..Desired::default() }
    }

    fn shown(written: &Written) -> Vec<String> {
        written.warnings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_server_stored_otherwise_is_named_with_both_values() {
        let config = ClientConfig::new()
            .full_scope_allowed(true)
            .attribute("team", "a")
            .attribute("api.key", "hunter2")
            .client_scopes(["basic", "typo"], ["phone"]);
        let desired = desired(ClientArguments::new().config(config).token_lifespan(300), true);
        let stored = account(&json!({
            "fullScopeAllowed": false, "attributes": {"team": "b", "api.key": "other"},
            "standardFlowEnabled": true,
            "defaultClientScopes": ["basic", "service_account"], "optionalClientScopes": ["phone"],
        }));
        let written = desired.verify(None, stored, None).unwrap();
        let policy = "; probably a client policy of the realm changed it, or another admin";
        assert_eq!(
            shown(&written),
            [
                format!("the server stored no value as `attributes.access.token.lifespan` of the client `c`, not \"300\"{policy}"),
                format!("the server stored another value as `attributes.api.key` of the client `c` than was sent{policy}"),
                format!("the server stored \"b\" as `attributes.team` of the client `c`, not \"a\"{policy}"),
                format!("the server stored false as `fullScopeAllowed` of the client `c`, not true{policy}"),
                format!("the server stored true as `standardFlowEnabled` of the client `c`, not false{policy}"),
                "the server stored [\"basic\",\"service_account\"] as `defaultClientScopes` of the client `c`, not \
                 [\"basic\",\"typo\"]; the realm may not have such a client scope"
                    .to_owned(),
            ]
        );
        assert!(written.changed && !format!("{:?}", written.warnings).contains("hunter2"));
    }

    #[test]
    fn a_write_that_changed_nothing_is_no_change() {
        let desired =
            desired(ClientArguments::new().config(ClientConfig::new().full_scope_allowed(true)), true);
        let state = || account(&json!({"fullScopeAllowed": false}));
        let written = desired.verify(Some(&state()), state(), None).unwrap();
        assert!(!written.changed && written.warnings.len() == 1);
        let now = account(&json!({"fullScopeAllowed": true}));
        let written = desired.verify(Some(&state()), now, None).unwrap();
        assert!(written.changed && written.warnings.is_empty());
    }

    #[test]
    fn a_client_that_cannot_sign_in_as_asked_is_a_conflict_that_names_the_policy() {
        let obstacles = [
            json!({"clientAuthenticatorType": "client-jwt"}),
            json!({"attributes": {"dpop.bound.access.tokens": "true"}}),
            json!({"attributes": {"tls.client.certificate.bound.access.tokens": "true"}}),
            json!({"publicClient": true}),
            json!({"enabled": false}),
            json!({"serviceAccountsEnabled": false}),
        ];
        for obstacle in obstacles {
            let name = obstacle.as_object().unwrap().keys().next().unwrap().clone();
            let before = account(&json!({}));
            for (before, done) in [(None, "created"), (Some(&before), "updated")] {
                let error = desired(ClientArguments::new(), true).verify(before, account(&obstacle), None);
                let error = error.err().unwrap();
                let text = error.to_string();
                assert!(
                    error.is_conflict() && text.contains(&name) && text.contains("client policy"),
                    "{text}"
                );
                assert!(text.contains(&format!("it was {done} (UUID u)")), "{text}");
                assert!(matches!(error.hint(), Some(Hint::CheckClientPolicies)));
            }
            // An update of a client that could not sign in before either.
            let same = desired(ClientArguments::new(), false);
            same.verify(Some(&account(&obstacle)), account(&obstacle), None).unwrap();
        }
        let disabling = ClientArguments::new().config(ClientConfig::new().set("enabled", false));
        let disabled = account(&json!({"enabled": false}));
        desired(disabling, false).verify(Some(&account(&json!({}))), disabled, None).unwrap();
    }

    #[test]
    fn the_secret_is_the_stored_one() {
        let wanted = ClientArguments::new().secret(SecretString::from("hunter2"));
        let written = desired(wanted, true).verify(None, account(&json!({})), None).unwrap();
        assert_eq!(written.stored.secret.as_ref().unwrap().expose_secret(), "stored");
        assert!(shown(&written)[0].contains("another value as `secret`"), "{:?}", shown(&written));
        let generated = Some(SecretString::from("generated"));
        let written =
            desired(ClientArguments::new(), true).verify(None, account(&json!({})), generated.clone());
        assert_eq!(written.unwrap().stored.secret.unwrap().expose_secret(), "stored");
        let mut hidden = account(&json!({}));
        hidden.secret = None;
        let written = desired(ClientArguments::new(), true).verify(None, hidden, generated).unwrap();
        assert_eq!(written.stored.secret.unwrap().expose_secret(), "generated");
    }
}
