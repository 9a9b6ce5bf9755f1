//! What the server says of the realm itself.

use std::sync::Arc;
use std::time::Duration;

use keycloak_admin_api::{Client, types};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::admin::Api;
use crate::admin::roles::role;
use crate::error::Error;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;
use crate::transport::rejection::Operation;

const REALM: &str = "/admin/realms/{realm}";

/// How long the settings count as current. They hardly ever change, and a run of the command or a bulk operation
/// seldom takes longer, so each reads them once. A manager that lives for weeks does not rely on old ones.
const CURRENT_FOR: Duration = Duration::from_mins(5);

/// The settings of the realm that operations depend on. A setting is `None` if the server does not show it to this
/// admin.
#[derive(Debug, Default)]
pub(crate) struct RealmSettings {
    /// The role that the server assigns to every new user and service account. Its name can be any: a realm that is
    /// renamed keeps the old one, and an import can choose it (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) default_role: Option<Role>,
    /// The client that holds the realm's admin permissions, if they are enabled. Its ID is `admin-permissions`, but it
    /// can be renamed, and an import can choose another (observed on Keycloak 26.7.3).
    pub(crate) admin_permissions_client: Option<ClientUuid>,
}

/// The settings that were read last, and when.
#[derive(Debug, Default)]
pub(crate) struct LastRead(Mutex<Option<(Instant, Arc<RealmSettings>)>>);

impl Api {
    /// `GET /admin/realms/{realm}`, unless it was read in the last five minutes. Callers at the same time share one
    /// request. To an admin without `view-realm` the server shows little more than the
    /// realm's name, to one without any role nothing (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) async fn realm_settings(&self) -> Result<Arc<RealmSettings>, Error> {
        let mut last = self.last_read.0.lock().await;
        if let Some((at, settings)) = last.as_ref()
            && at.elapsed() < CURRENT_FOR
        {
            return Ok(Arc::clone(settings));
        }
        let read = (Instant::now(), Arc::new(self.read_realm().await?));
        let settings = Arc::clone(&read.1);
        *last = Some(read);
        Ok(settings)
    }

    /// The realm's default role.
    pub(crate) async fn default_role(&self) -> Result<Role, Error> {
        self.realm_settings().await?.default_role.clone().ok_or_else(|| {
            let Operation { line, needs, about } = self.realm_operation();
            self.rejection_context().forbidden(Operation { line, needs, about })
        })
    }

    async fn read_realm(&self) -> Result<RealmSettings, Error> {
        let realm = &self.realm;
        let send = move |api: Client| async move { api.realm_get(realm).await };
        let found = self.caller.call(self.realm_operation(), send).await;
        match found.map_err(|fault| self.explain(fault)) {
            Ok(types::RealmRepresentation { default_role, admin_permissions_client, .. }) => {
                let permissions = admin_permissions_client.and_then(|client| client.id);
                Ok(RealmSettings {
                    default_role: default_role.and_then(role),
                    admin_permissions_client: permissions.map(ClientUuid::from_server),
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
