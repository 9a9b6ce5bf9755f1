//! Settings of the realm, and how long they count as current.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::model::client_uuid::ClientUuid;
use crate::model::fields::SESSION_MAX_ATTRIBUTE;
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
    /// The longest session in seconds. No token lives longer.
    pub(crate) sso_session_max: Option<i64>,
    /// The longest session of one client in seconds, unless the client has its own. 0 means no limit.
    pub(crate) client_session_max: Option<i64>,
}

/// What limits the life of a client's tokens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LifespanCap {
    pub(crate) seconds: i64,
    /// The field of the realm, or the attribute of the client.
    pub(crate) setting: &'static str,
}

impl RealmSettings {
    /// The lowest limit of the lifespan of a client's tokens. `own` is the client's [`SESSION_MAX_ATTRIBUTE`]; it replaces
    /// the realm's limit for a client session if it is a positive number (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) fn lifespan_cap(&self, own: Option<&str>) -> Option<LifespanCap> {
        let cap = |seconds: Option<i64>, setting| {
            seconds.filter(|seconds| *seconds > 0).map(|seconds| LifespanCap { seconds, setting })
        };
        let own = cap(own.and_then(|own| own.parse().ok()), SESSION_MAX_ATTRIBUTE);
        let of_client = own.or_else(|| cap(self.client_session_max, "clientSessionMaxLifespan"));
        let caps = [cap(self.sso_session_max, "ssoSessionMaxLifespan"), of_client];
        caps.into_iter().flatten().min_by_key(|cap| cap.seconds)
    }
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

    #[test]
    fn the_lowest_limit_counts_and_the_clients_own_replaces_the_realms() {
        let settings = |sso, client| RealmSettings {
            sso_session_max: sso,
            client_session_max: client,
            ..RealmSettings::default()
        };
        let cap =
            |settings: &RealmSettings, own| settings.lifespan_cap(own).map(|cap| (cap.seconds, cap.setting));
        let (sso, client) = ("ssoSessionMaxLifespan", "clientSessionMaxLifespan");
        let both = settings(Some(500), Some(300));
        assert_eq!(cap(&both, None), Some((300, client)));
        assert_eq!(cap(&both, Some("200")), Some((200, SESSION_MAX_ATTRIBUTE)));
        assert_eq!(cap(&both, Some("900")), Some((500, sso)));
        for no_limit in ["", "0", "-1", "abc"] {
            assert_eq!(cap(&both, Some(no_limit)), Some((300, client)), "{no_limit}");
        }
        assert_eq!(cap(&settings(Some(500), Some(0)), None), Some((500, sso)));
        // An admin without `view-realm` is not shown the settings.
        assert_eq!(cap(&settings(None, None), None), None);
        assert_eq!(cap(&settings(None, None), Some("200")), Some((200, SESSION_MAX_ATTRIBUTE)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_settings_are_read_again_after_five_minutes_and_after_a_failure() {
        let last = LastRead::default();
        let read = || async { Ok::<_, &str>(RealmSettings::default()) };
        assert!(last.or_read(|| async { Err("failed") }).await.is_err());
        let first = last.or_read(read).await.unwrap();
        tokio::time::advance(CURRENT_FOR.saturating_sub(Duration::from_secs(1))).await;
        assert!(Arc::ptr_eq(&first, &last.or_read(read).await.unwrap()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!Arc::ptr_eq(&first, &last.or_read(read).await.unwrap()));
    }
}
