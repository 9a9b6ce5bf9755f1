//! Settings of the realm, and how long they count as current.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::model::client_uuid::ClientUuid;
use crate::model::role::Role;

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

impl LastRead {
    /// The settings, read again if they are not current. Callers at the same time share one read.
    pub(crate) async fn or_read<F, E>(&self, read: impl FnOnce() -> F + Send) -> Result<Arc<RealmSettings>, E>
    where
        F: Future<Output = Result<RealmSettings, E>> + Send,
    {
        let mut last = self.0.lock().await;
        if let Some((at, settings)) = last.as_ref()
            && at.elapsed() < CURRENT_FOR
        {
            return Ok(Arc::clone(settings));
        }
        let at = Instant::now();
        let settings = Arc::new(read().await?);
        *last = Some((at, Arc::clone(&settings)));
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_settings_are_read_again_after_five_minutes_and_after_a_failure() {
        let last = LastRead::default();
        let read = || async { Ok::<_, &str>(RealmSettings::default()) };
        assert!(last.or_read(|| async { Err("failed") }).await.is_err());
        let first = last.or_read(read).await.unwrap();
        tokio::time::advance(Duration::from_secs(299)).await;
        assert!(Arc::ptr_eq(&first, &last.or_read(read).await.unwrap()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!Arc::ptr_eq(&first, &last.or_read(read).await.unwrap()));
    }
}
