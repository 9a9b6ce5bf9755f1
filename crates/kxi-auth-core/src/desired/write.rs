//! Writes a client that exists, and finds out what was written if the response is lost.

use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::admin::Api;
use crate::admin::clients::{Refused, Updated};
use crate::desired::Desired;
use crate::desired::changes::changes;
use crate::desired::collision::Collision;
use crate::desired::verify::{Written, not_verified};
use crate::error::{Error, Hint, Step};
use crate::model::fields::ATTRIBUTES;
use crate::model::stored_client::StoredClient;

/// After this many 409s in a row to the same update of an unchanged client, it is not a race.
const ALONE: usize = 2;

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
        // Whether one of the updates may have been carried out although its response was lost.
        let mut lost = false;
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
                    return match api.client(&stored.uuid).await {
                        Ok(now) if self.shows(&stored, &now, &fields, secret.as_ref()) => {
                            Ok((self.verify(Some(&stored), now, secret)?, Some(step)))
                        }
                        Err(gone @ Error::NotFound { .. }) => Err(gone),
                        // The error of the change says more than that of the read.
                        Ok(_) | Err(_) => Err(Error::in_doubt(&stored.id, step, cause)),
                    };
                }
                Updated::Refused(by) => {
                    lost |= by.repeated;
                    let in_doubt = |cause| {
                        if lost { Error::in_doubt(&stored.id, step, cause) } else { cause }
                    };
                    let pause = pauses.next().filter(|pause| Instant::now() + *pause < end);
                    let Some(pause) = pause else {
                        return Err(in_doubt(conflict(api, &stored, &fields, by, alone).await));
                    };
                    tokio::time::sleep(pause).await;
                    let now = match api.client(&stored.uuid).await {
                        Ok(now) => now,
                        Err(gone @ Error::NotFound { .. }) => return Err(gone),
                        Err(cause) => return Err(in_doubt(cause)),
                    };
                    if lost && self.shows(&stored, &now, &fields, secret.as_ref()) {
                        return Ok((self.verify(Some(&stored), now, secret)?, Some(step)));
                    }
                    alone = if now.is_as(&stored) { alone + 1 } else { 0 };
                    if alone == ALONE {
                        return Err(in_doubt(conflict(api, &stored, &fields, by, alone).await));
                    }
                    stored = now;
                }
            }
        }
    }

    /// Whether the client as it is stored now shows that an update was carried out although its response was lost. A
    /// client policy may have undone a part of it.
    fn shows(
        &self,
        before: &StoredClient,
        now: &StoredClient,
        sent: &Map<String, Value>,
        secret: Option<&SecretString>,
    ) -> bool {
        if let Some(secret) = secret {
            return now.has_secret(secret);
        }
        let open = |client| {
            let changes = changes(Some(client), sent, false);
            changes.iter().filter(|change| change.from != change.to).count()
        };
        matches!(self.change(now), Ok(None)) || open(now) < open(before)
    }

    /// Reads the client after an update, because the response has no body, and a client policy can change a client while it
    /// is saved (observed on Keycloak 26.7.3). If it cannot be read, the update of fields counts nevertheless.
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
            // Something else may have responded in the server's place, or another admin set a secret at the same time.
            // Nothing may rely on a secret that is not known to be live.
            Err(cause) if secret.is_some() => Err(Error::in_doubt(&stored.id, step, cause)),
            Err(cause) => {
                let warnings = vec![not_verified(&stored, &cause)];
                merge(&mut stored.fields, fields);
                Ok(Written { stored, changed: true, warnings })
            }
        }
    }
}

/// Merges the body of an update as the server does: attribute by attribute, and other fields as a whole. An empty
/// attribute is removed.
fn merge(stored: &mut Map<String, Value>, sent: Map<String, Value>) {
    for (name, value) in sent {
        match (stored.get_mut(&name), value) {
            (Some(Value::Object(stored)), Value::Object(sent)) if name == ATTRIBUTES => {
                stored.extend(sent);
                stored.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
            }
            (_, value) => {
                stored.insert(name, value);
            }
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
    use serde_json::json;

    use super::*;
    use crate::desired::arguments::ClientArguments;
    use crate::desired::config::ClientConfig;
    use crate::model::client_uuid::ClientUuid;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    fn client(fields: Value, secret: &str) -> StoredClient {
        let secret = Some(SecretString::from(secret));
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret, fields: map(fields) }
    }

    #[test]
    fn an_update_is_merged_attribute_by_attribute() {
        let mut stored = map(json!({"attributes": {"a": "1", "b": "2", "c": "3"}, "description": "old"}));
        merge(&mut stored, map(json!({"attributes": {"b": "", "c": "4"}, "description": "new"})));
        assert_eq!(Value::Object(stored), json!({"attributes": {"a": "1", "c": "4"}, "description": "new"}));
    }

    #[test]
    fn a_change_that_a_policy_undid_in_part_is_found_to_be_done() {
        let config = ClientConfig::new().full_scope_allowed(true).description("feed");
        let desired = Desired {
            arguments: ClientArguments::new().config(config),
            service_account: true,
            ..Desired::default()
        };
        let stored = |more: Value| {
            let mut stored =
                client(json!({"serviceAccountsEnabled": true, "fullScopeAllowed": false}), "stored");
            stored.fields.extend(map(more));
            stored
        };
        let before = stored(json!({}));
        let (sent, _) = desired.change(&before).unwrap().unwrap();
        let shows = |now: Value| desired.shows(&before, &stored(now), &sent, None);
        assert!(!shows(json!({})) && !shows(json!({"name": "changed by another admin"})));
        assert!(shows(json!({"description": "feed", "fullScopeAllowed": true})));
        assert!(shows(json!({"description": "feed"})));
        // The comparison of what is stored now and what is wanted would be an error.
        assert!(shows(json!({"description": "feed", "publicClient": true})));
        assert!(!shows(json!({"publicClient": true})));
        let now = client(json!({"publicClient": true}), "new");
        let secret = |secret: &str| desired.shows(&before, &now, &sent, Some(&SecretString::from(secret)));
        assert!(secret("new") && !secret("other"));
    }
}
