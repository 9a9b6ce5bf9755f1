//! What a registration would change, without changing it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde_json::{Map, Value};
use tracing::Instrument as _;

use crate::clients::bulk::Bulk;
use crate::clients::register::{Known, RegisterClient};
use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::guard;
use crate::model::client_details::ClientDetails;
use crate::model::stored_client::FoundClient;
use crate::model::warning::Warning;

/// What a registration would change.
///
/// Returned by [`RegisterClient::plan`] and [`ClientManager::plan_clients`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let plan = manager.register_client("my-service").token_lifespan(300).plan().await?;
/// for change in &plan.changes {
///     println!("{} would change", change.field);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistrationPlan {
    /// Keycloak's client id.
    pub id: String,
    /// The client as it is; none if the registration would create it.
    pub stored: Option<ClientDetails>,
    /// The fields that would be set, sorted by name.
    pub changes: Vec<FieldChange>,
    /// Names of the roles that would be added.
    pub roles_added: Vec<String>,
    /// Names of the roles that would be revoked, which is none without
    /// [`exact_roles`](RegisterClient::exact_roles).
    pub roles_revoked: Vec<String>,
    /// What the registration would warn about.
    pub warnings: Vec<Warning>,
}

impl RegistrationPlan {
    /// Whether there is nothing to do: the registration would change nothing.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// manager.register_client("my-service").await?;
    /// assert!(manager.register_client("my-service").plan().await?.is_unchanged());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.stored.is_some()
            && self.changes.is_empty()
            && self.roles_added.is_empty()
            && self.roles_revoked.is_empty()
    }
}

/// A field that a registration would set.
///
/// # Examples
///
/// ```
/// fn tell(change: &kxi_auth_core::FieldChange) -> String {
///     match (&change.to, change.is_sensitive()) {
///         (Some(value), false) => format!("{} becomes {value}", change.field),
///         (None, false) => format!("{} is removed", change.field),
///         (_, true) => format!("{} changes", change.field),
///     }
/// }
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldChange {
    /// Its name in `ClientRepresentation`; an attribute's has `attributes.` in front.
    pub field: String,
    /// The stored value; none if there is none, and never the secret.
    pub from: Option<Value>,
    /// The value to be set; none if it is removed, and never the secret.
    pub to: Option<Value>,
}

impl FieldChange {
    /// Whether the values are, or may be, secret by the field's name: then they should not be shown. The
    /// field `secret` has no values here at all.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(plan: kxi_auth_core::RegistrationPlan) {
    /// let harmless = plan.changes.iter().filter(|change| !change.is_sensitive());
    /// # }
    /// ```
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        may_be_secret(&self.field)
    }

    fn secret() -> Self {
        Self { field: "secret".to_owned(), from: None, to: None }
    }
}

/// Whether the values of a field or attribute with this name are, or may be, secret: then they should not
/// be shown.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::may_be_secret;
///
/// assert!(may_be_secret("attributes.saml.encryption.private.key"));
/// assert!(!may_be_secret("attributes.access.token.lifespan"));
/// ```
#[must_use]
pub fn may_be_secret(field: &str) -> bool {
    // Without what separates words, so that `api.key`, `API_KEY` and `apiKey` are one.
    let name: String = field.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    // Mappers carry configuration of any kind.
    let words =
        ["secret", "passw", "passphrase", "pwd", "private", "credential", "apikey", "protocolmappers"];
    // Keycloak's own attributes speak of tokens, too, but do not end with the word.
    name.ends_with("token") || words.iter().any(|word| name.contains(word))
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldChange({})", self.field.escape_debug())
    }
}

/// A plan that is described but not made: `.await` it. It reads and never writes.
///
/// Made by [`RegisterClient::plan`].
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// let plan = manager.register_client("my-service").plan().await?;
/// println!("{}", if plan.stored.is_none() { "would be created" } else { "is there" });
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a plan is not made until it is awaited"]
pub struct PlanClient {
    pub(crate) manager: ClientManager,
    pub(crate) registration: RegisterClient,
}

impl RegisterClient {
    /// What the registration would change. What it would refuse is refused here too. 3 requests, 4 if
    /// there is no such client.
    ///
    /// # Errors
    ///
    /// Those of [`ClientManager::register_client`], but for conflicts: they show when it is sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let registration = manager.register_client("my-service").token_lifespan(300);
    /// if !registration.clone().plan().await?.is_unchanged() {
    ///     registration.await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn plan(self) -> PlanClient {
        PlanClient { manager: self.manager.clone(), registration: self }
    }
}

impl ClientManager {
    /// What many registrations would change, one outcome for each in the same order; it reads and never
    /// writes. Roles and clients are read once for all, then 2 requests for each client that exists.
    ///
    /// # Errors
    ///
    /// Each outcome is its own: those of [`register_clients`](Self::register_clients), but for conflicts.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// let items = ["feed-1", "feed-2"].map(|id| manager.register_client(id));
    /// for plan in manager.plan_clients(items).await {
    ///     println!("{:?}", plan?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn plan_clients(&self, items: impl IntoIterator<Item = RegisterClient>) -> Bulk<PlanClient> {
        Bulk::new(self, items.into_iter().map(RegisterClient::plan))
    }
}

impl PlanClient {
    async fn run(self) -> Result<RegistrationPlan, Error> {
        self.registration.check()?;
        let client = self.manager.api().find_client(&self.registration.id).await?;
        if client.is_none() {
            guard::clients_are_visible(&self.manager).await?;
        }
        self.registration.planned(Known { client, ..Known::default() }).await
    }
}

impl IntoFuture for PlanClient {
    type Output = Result<RegistrationPlan, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::info_span!("plan_client", client_id = self.registration.id);
        Box::pin(self.run().instrument(span))
    }
}

/// The changes that the body of a write makes to a stored client, if there is one.
pub(crate) fn changes(
    stored: Option<&FoundClient>,
    fields: &Map<String, Value>,
    new_secret: bool,
) -> Vec<FieldChange> {
    let before = |field: &str| stored.and_then(|stored| stored.fields.get(field)).cloned();
    let mut changes = Vec::new();
    for (field, value) in fields {
        match value {
            Value::Object(attributes) if field == "attributes" => {
                changes.extend(attributes.iter().map(|(name, value)| FieldChange {
                    field: format!("attributes.{name}"),
                    from: before(field).and_then(|stored| stored.get(name).cloned()),
                    // An empty attribute is a removed one.
                    to: Some(value.clone()).filter(|value| value.as_str() != Some("")),
                }));
            }
            value => changes.push(FieldChange {
                field: field.clone(),
                from: before(field),
                to: Some(value.clone()).filter(|value| !value.is_null()),
            }),
        }
    }
    if new_secret {
        changes.push(FieldChange::secret());
    }
    changes.retain(|change| stored.is_some() || change.to.is_some() || change.field == "secret");
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::auth_client::ClientUuid;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    #[test]
    fn attributes_are_changes_of_their_own() {
        let fields = map(json!({"description": "old", "attributes": {"a": "1", "gone": "x"}}));
        let stored =
            FoundClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret: None, fields };
        let body = map(json!({"description": "new", "attributes": {"a": "2", "gone": "", "b": "3"}}));
        let told: Vec<_> = changes(Some(&stored), &body, true)
            .into_iter()
            .map(|change| (change.field, change.from, change.to))
            .collect();
        let expected = [
            ("attributes.a", Some(json!("1")), Some(json!("2"))),
            ("attributes.b", None, Some(json!("3"))),
            ("attributes.gone", Some(json!("x")), None),
            ("description", Some(json!("old")), Some(json!("new"))),
            ("secret", None, None),
        ];
        assert_eq!(told, expected.map(|(field, from, to)| (field.to_owned(), from, to)));
    }

    #[test]
    fn values_that_may_be_secret_are_told_by_the_name() {
        let sensitive =
            |field: &str| FieldChange { field: field.to_owned(), from: None, to: None }.is_sensitive();
        for field in [
            "secret",
            "attributes.saml.encryption.private.key",
            "attributes.db.Password",
            "protocolMappers",
            "attributes.api.key",
            "attributes.apiKey",
            "attributes.API_KEY",
            "attributes.passphrase",
            "attributes.pass-wd",
            "attributes.auth.token",
            "attributes.accessToken",
            "registrationAccessToken",
        ] {
            assert!(sensitive(field), "{field}");
        }
        for field in [
            "description",
            "redirectUris",
            "attributes.access.token.lifespan",
            "attributes.token.endpoint.auth.signing.alg",
            "attributes.id.token.as.detached.signature",
            "attributes.use.refresh.tokens",
            "attributes.dpop.bound.access.tokens",
        ] {
            assert!(!sensitive(field), "{field}");
        }
    }

    #[test]
    fn no_value_is_in_the_debug_output() {
        let change = FieldChange { field: "f".to_owned(), from: Some(json!("hunter2")), to: None };
        assert!(!format!("{change:?}").contains("hunter2"));
    }
}
