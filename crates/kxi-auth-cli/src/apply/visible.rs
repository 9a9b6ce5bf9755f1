//! Whether a list has every client of the realm.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kxi_auth_core::ClientDetails;

/// Notes of a list of the whole realm whether the server may leave clients out. Every realm has built-in clients, so a
/// list without one was filtered: with fine-grained permissions, the server shows only the clients that the user may see
/// (observed on Keycloak 26.7.3).
#[derive(Clone, Default)]
pub(crate) struct Visible {
    builtin: Arc<AtomicBool>,
}

impl Visible {
    /// Notes a client of the list.
    pub(crate) fn note(&self, client: &ClientDetails) {
        if client.is_builtin() {
            self.builtin.store(true, Ordering::Relaxed);
        }
    }

    /// The warning if the list was filtered.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        (!self.builtin.load(Ordering::Relaxed)).then_some(
            "this user seems to see only some of the realm's clients: the list has no built-in client, and every realm has \
             some",
        )
    }
}
