//! What the server says of the realm itself.

use std::sync::Arc;

use keycloak_admin_api::{Client, types};

use crate::admin::Api;
use crate::admin::roles::role;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::realm_settings::{AfterFailure, RealmSettings};
use crate::model::role::Role;
use crate::transport::rejection::Operation;

const REALM: &str = "/admin/realms/{realm}";

impl Api {
    /// `GET /admin/realms/{realm}`, unless it was read in the last five minutes. Callers at the same time share one
    /// request, and its failure. To an admin without `view-realm` the server shows little more than the
    /// realm's name, to one without any role nothing (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) async fn realm_settings(&self) -> Result<Arc<RealmSettings>, Error> {
        self.last_read.or_read(AfterFailure::ReadAgain, || self.read_realm()).await
    }

    /// The same for a caller that can go without the settings: a read that failed in the last five minutes is not
    /// repeated.
    pub(crate) async fn realm_settings_or_failure(&self) -> Result<Arc<RealmSettings>, Error> {
        self.last_read.or_read(AfterFailure::GoWithout, || self.read_realm()).await
    }

    /// The realm's default role.
    pub(crate) async fn default_role(&self) -> Result<Role, Error> {
        match self.realm_settings().await?.default_role.clone() {
            Some(role) => Ok(role),
            None => Err(self.forbidden(self.realm_operation()).await),
        }
    }

    async fn read_realm(&self) -> Result<RealmSettings, Error> {
        let realm = &self.realm;
        let send = move |api: Client| async move { api.realm_get(realm).await };
        let found = self.caller.call(self.realm_operation(), send).await;
        match found.map_err(|fault| self.explain(fault)) {
            Ok(realm) => {
                let types::RealmRepresentation { default_role, admin_permissions_client, .. } = realm;
                let permissions = admin_permissions_client.and_then(|client| client.id);
                Ok(RealmSettings {
                    default_role: default_role.and_then(role),
                    admin_permissions_client: permissions.map(ClientUuid::from_server),
                    sso_session_max: realm.sso_session_max_lifespan.map(i64::from),
                    client_session_max: realm.client_session_max_lifespan.map(i64::from),
                })
            }
            Err(Error::Forbidden { .. }) => Ok(RealmSettings::default()),
            Err(error) => Err(error),
        }
    }

    fn realm_operation(&self) -> Operation {
        self.operation("GET", REALM, &[], "view-realm", None)
    }
}
