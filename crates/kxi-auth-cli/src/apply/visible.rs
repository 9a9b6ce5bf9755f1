//! Whether a list has every client of the realm.

use kxi_auth_core::ClientDetails;

/// A warning if the server may leave clients out of this list of the whole realm. Every realm has built-in clients, so a
/// list without one was filtered: with fine-grained permissions, the server shows only the clients that the user may see
/// (observed on Keycloak 26.7.3).
pub(crate) fn filtered_list(clients: &[ClientDetails]) -> Option<&'static str> {
    let shows_builtin = clients.iter().any(ClientDetails::is_builtin);
    (!shows_builtin).then_some(
        "this user seems to see only some of the realm's clients: the list has no built-in client, and every realm has \
         some",
    )
}
