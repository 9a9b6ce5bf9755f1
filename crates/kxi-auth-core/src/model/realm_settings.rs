//! Settings of the realm, and how long they count as current.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::Error;
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

/// What a caller does about a read that failed before it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterFailure {
    /// It reads again, because it cannot go on without the settings.
    ReadAgain,
    /// It goes without the settings as long as they would count as current. Otherwise bulk work would pay all retries
    /// for each item, only for a warning.
    GoWithout,
}

/// The outcome of a read.
type Outcome = Result<Arc<RealmSettings>, Error>;

/// The settings that were read last, or why that failed, and when.
#[derive(Debug, Default)]
pub(crate) struct LastRead {
    last: Mutex<Option<(Instant, Outcome)>>,
    /// The number of failed reads.
    failures: AtomicUsize,
}

impl LastRead {
    /// The settings, read again if they are not current. Callers at the same time share one read, and its failure.
    pub(crate) async fn or_read<F>(
        &self,
        after_failure: AfterFailure,
        read: impl FnOnce() -> F + Send,
    ) -> Outcome
    where
        F: Future<Output = Result<RealmSettings, Error>> + Send,
    {
        let before = self.failures.load(Ordering::Relaxed);
        let mut last = self.last.lock().await;
        if let Some((at, outcome)) = last.as_ref()
            && at.elapsed() < CURRENT_FOR
        {
            let waited = self.failures.load(Ordering::Relaxed) != before;
            if outcome.is_ok() || waited || after_failure == AfterFailure::GoWithout {
                return outcome.clone();
            }
        }
        let at = Instant::now();
        let outcome = read().await.map(Arc::new);
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        *last = Some((at, outcome.clone()));
        outcome
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
        let read = || async { Ok(RealmSettings::default()) };
        let first = last.or_read(AfterFailure::ReadAgain, failed).await;
        assert!(first.is_err());
        let first = last.or_read(AfterFailure::ReadAgain, read).await.unwrap();
        tokio::time::advance(CURRENT_FOR.saturating_sub(Duration::from_secs(1))).await;
        let current = last.or_read(AfterFailure::ReadAgain, read).await.unwrap();
        assert!(Arc::ptr_eq(&first, &current));
        tokio::time::advance(Duration::from_secs(1)).await;
        let later = last.or_read(AfterFailure::ReadAgain, read).await.unwrap();
        assert!(!Arc::ptr_eq(&first, &later));
    }

    async fn failed() -> Result<RealmSettings, Error> {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Err(Error::invalid("x", "failed"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_read_is_shared_by_all_that_waited_and_remembered_where_it_is_only_a_warning() {
        for after_failure in [AfterFailure::ReadAgain, AfterFailure::GoWithout] {
            let (last, reads) = (LastRead::default(), AtomicUsize::new(0));
            let read = || {
                reads.fetch_add(1, Ordering::Relaxed);
                failed()
            };
            let together = (0..8).map(|_| last.or_read(after_failure, read));
            let outcomes = futures_util::future::join_all(together).await;
            assert!(outcomes.iter().all(Result::is_err));
            assert_eq!(reads.load(Ordering::Relaxed), 1, "{after_failure:?}");
            assert!(last.or_read(after_failure, read).await.is_err());
            let again = usize::from(after_failure == AfterFailure::ReadAgain);
            assert_eq!(reads.load(Ordering::Relaxed), 1 + again, "{after_failure:?}");
            tokio::time::advance(CURRENT_FOR).await;
            assert!(last.or_read(after_failure, read).await.is_err());
            assert_eq!(reads.load(Ordering::Relaxed), 2 + again, "{after_failure:?}");
        }
    }
}
