//! Requests for the client scopes that a realm assigns to new clients.

use keycloak_admin_api::{Client, types};

use crate::admin::Api;
use crate::error::Error;
use crate::transport::call::Sent;

const DEFAULT: &str = "/admin/realms/{realm}/default-default-client-scopes";
const OPTIONAL: &str = "/admin/realms/{realm}/default-optional-client-scopes";

/// The protocol of the clients managed here. A realm also has client scopes for SAML.
const PROTOCOL: &str = "openid-connect";

impl Api {
    /// `GET /default-default-client-scopes`. Requires only `view-clients` (observed on Keycloak 26.7.3).
    pub(crate) async fn default_scopes(&self) -> Result<Vec<String>, Error> {
        let realm = &self.realm;
        self.scopes(DEFAULT, move |api| async move { api.default_default_client_scope_list(realm).await })
            .await
    }

    /// `GET /default-optional-client-scopes`. Requires only `view-clients` (observed on Keycloak 26.7.3).
    pub(crate) async fn optional_scopes(&self) -> Result<Vec<String>, Error> {
        let realm = &self.realm;
        self.scopes(OPTIONAL, move |api| async move { api.default_optional_client_scope_list(realm).await })
            .await
    }

    async fn scopes<F, S>(&self, template: &'static str, send: F) -> Result<Vec<String>, Error>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<Vec<types::ClientScopeRepresentation>>> + Send,
    {
        let operation = self.operation("GET", template, &[], "view-clients", None);
        let scopes = self.caller.call(operation, send).await.map_err(|fault| self.explain(fault))?;
        let ours = scopes.into_iter().filter(|scope| scope.protocol.as_deref() == Some(PROTOCOL));
        Ok(ours.filter_map(|scope| scope.name).collect())
    }
}
