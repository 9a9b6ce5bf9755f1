//! Compares what the server stored with what was asked, after a write.

use secrecy::SecretString;

use crate::admin::Api;
use crate::desired::Desired;
use crate::desired::changes::changes;
use crate::error::{Error, Hint, Step};
use crate::model::field_change::FieldChange;
use crate::model::fields::{ENABLED, SERVICE_ACCOUNTS_ENABLED};
use crate::model::stored_client::{Obstacle, StoredClient};
use crate::model::warning::Warning;

/// A client as it is after a write, or after it was found that nothing has to be written.
pub(crate) struct Written {
    pub(crate) stored: StoredClient,
    /// Whether the stored client is another than before.
    pub(crate) changed: bool,
    pub(crate) warnings: Vec<Warning>,
}

impl Desired {
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
        self.check_sign_in(before, &stored, secret.as_ref())?;
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
        let mut overridden = changes(Some(stored), &self.differing(&config, stored), false);
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

    /// Rejects a client that cannot sign in as asked: with its secret, if something new keeps it from that, and with the
    /// secret that was given. A generated secret may be another one, because the stored one is returned.
    fn check_sign_in(
        &self,
        before: Option<&StoredClient>,
        stored: &StoredClient,
        sent: Option<&SecretString>,
    ) -> Result<(), Error> {
        let obstacles = self.new_obstacles(before, stored);
        let is_other = |wanted: &SecretString| stored.secret.is_some() && !stored.has_secret(wanted);
        let given_is_other = self.arguments.secret.as_ref().is_some_and(is_other);
        if obstacles.is_empty() && !given_is_other {
            return Ok(());
        }
        let other_secret = given_is_other || sent.is_some_and(is_other);
        let unchanged = before.is_some_and(|before| stored.is_as(before));
        let done = match before {
            None => Some(Step::Create),
            Some(_) if unchanged => None,
            Some(_) if sent.is_some() && !other_secret => Some(Step::SetSecret),
            Some(_) => Some(Step::Update),
        };
        let failed = if other_secret { Step::SetSecret } else { Step::SignIn };
        let (reason, hint) = if !obstacles.is_empty() {
            let secret = if other_secret { "another secret, and " } else { "" };
            let stored = obstacles.join(", ");
            let reason = format!(
                "the server stored something else than was sent: {secret}{stored}; the likely cause is a client policy of \
                 the realm"
            );
            (reason, Hint::CheckClientPolicies)
        } else if unchanged {
            let reason = "the response says that it was changed, but the server stores it as before, with another secret";
            (reason.to_owned(), Hint::CheckGateway)
        } else {
            let reason = "the server stores another secret than was sent; the likely cause is a client policy of the \
                          realm, or another admin who changed it at the same time";
            (reason.to_owned(), Hint::ReadSecret)
        };
        Err(Error::stored_otherwise(&stored.id, done, failed, reason, hint))
    }

    /// What keeps the client from signing in with its secret, if it was not asked for and did not do so before.
    fn new_obstacles(&self, before: Option<&StoredClient>, stored: &StoredClient) -> Vec<String> {
        let mut expected = before.map(StoredClient::obstacles).unwrap_or_default();
        if self.service_account {
            // They were to be removed.
            expected.clear();
        }
        let is_new = |obstacle: &Obstacle| {
            let asked = obstacle.is_field(ENABLED)
                && (self.arguments.config.disables() || self.enabled == Some(false));
            !asked && !expected.iter().any(|expected| expected.is_about_same(obstacle))
        };
        let mut reasons: Vec<String> =
            stored.obstacles().iter().filter(|obstacle| is_new(obstacle)).map(Obstacle::describe).collect();
        let had_account = self.service_account || before.is_none_or(StoredClient::service_accounts);
        if had_account && !stored.service_accounts() {
            reasons.push(format!("`{SERVICE_ACCOUNTS_ENABLED}` is false"));
        }
        reasons
    }
}

/// The warning about a client that was written and cannot be read.
pub(crate) fn not_verified(client: &StoredClient, cause: &Error) -> Warning {
    Warning::NotVerified { client_id: client.id.clone(), reason: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::{Value, json};

    use super::*;
    use crate::desired::arguments::ClientArguments;
    use crate::desired::config::ClientConfig;
    use crate::error::Incomplete;
    use crate::model::client_uuid::ClientUuid;

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

    fn refused(outcome: Result<Written, Error>) -> (String, Incomplete<Error>) {
        let error = outcome.err().unwrap();
        assert!(error.is_conflict() && !error.is_temporary(), "{error}");
        let text = error.to_string();
        let Error::Incomplete(incomplete) = error else { panic!("{text}") };
        assert!(!incomplete.in_doubt, "{text}");
        (text, incomplete)
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
            let sent = || Some(SecretString::from("stored"));
            for (before, secret, step, done) in [
                (None, sent(), Step::Create, "was created"),
                (Some(&before), None, Step::Update, "was changed"),
                (Some(&before), sent(), Step::SetSecret, "has the new secret"),
            ] {
                let outcome =
                    desired(ClientArguments::new(), true).verify(before, account(&obstacle), secret);
                let (text, incomplete) = refused(outcome);
                let start = format!("client `c` {done}, but cannot sign in with its secret: conflict over ");
                assert!(text.starts_with(&start), "{text}");
                assert!(text.contains(&name) && text.contains("client policy"), "{text}");
                assert_eq!(
                    (incomplete.done.as_slice(), incomplete.failed),
                    ([step].as_slice(), Step::SignIn)
                );
                assert_eq!(incomplete.hint, Some(Hint::CheckClientPolicies));
            }
            // An update of a client that could not sign in before either.
            let same = desired(ClientArguments::new(), false);
            same.verify(Some(&account(&obstacle)), account(&obstacle), None).unwrap();
            // A conversion that was undone as it was saved.
            let converting = desired(ClientArguments::new(), true);
            let (_, incomplete) =
                refused(converting.verify(Some(&account(&obstacle)), account(&obstacle), None));
            assert_eq!((incomplete.done.as_slice(), incomplete.failed), ([].as_slice(), Step::SignIn));
        }
        let disabling = ClientArguments::new().config(ClientConfig::new().set("enabled", false));
        let disabled = account(&json!({"enabled": false}));
        desired(disabling, false).verify(Some(&account(&json!({}))), disabled, None).unwrap();
    }

    #[test]
    fn a_given_secret_that_is_stored_as_another_is_a_conflict() {
        let given = || ClientArguments::new().secret(SecretString::from("hunter2"));
        let sent = || Some(SecretString::from("hunter2"));
        let before = account(&json!({}));
        let other = || account(&json!({"attributes": {"x": "y"}}));
        let cases = [
            (None, [Step::Create].as_slice(), Hint::ReadSecret),
            (Some(&before), [Step::Update].as_slice(), Hint::ReadSecret),
            (Some(&other()), [].as_slice(), Hint::CheckGateway),
        ];
        for (before, done, hint) in cases {
            let (text, incomplete) = refused(desired(given(), true).verify(before, other(), sent()));
            assert!(!text.contains("hunter2") && !text.contains("stored\""), "{text}");
            assert!(text.contains("does not have the new secret"), "{text}");
            assert_eq!((incomplete.done.as_slice(), incomplete.failed), (done, Step::SetSecret));
            assert_eq!(incomplete.hint, Some(hint));
        }
        // A generated one that is stored as another, on a client that cannot sign in: it is not live either.
        let bound = account(&json!({"attributes": {"dpop.bound.access.tokens": "true"}}));
        let (_, incomplete) = refused(desired(ClientArguments::new(), true).verify(None, bound, sent()));
        assert_eq!((incomplete.failed, incomplete.hint), (Step::SetSecret, Some(Hint::CheckClientPolicies)));
    }

    #[test]
    fn a_generated_secret_is_the_stored_one() {
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
