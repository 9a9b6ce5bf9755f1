//! Parts of the messages.

use crate::error::unknown_role::UnknownRole;

/// The proxy that was used.
pub(super) fn through(proxy: Option<&String>) -> String {
    proxy.map(|proxy| format!(" through the proxy {}", proxy.escape_debug())).unwrap_or_default()
}

/// Each name with what is similar to it.
pub(super) fn list(unknown: &[UnknownRole]) -> String {
    unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A client that the list does not show, although the list does not have every client. `rejected` is why the server
/// rejects a create of it.
pub(super) fn unseen(name: &str, realm: &str, needs: &str, rejected: Option<&str>) -> String {
    let rejected = rejected.map(|why| format!("; it cannot be created: {why}")).unwrap_or_default();
    format!(
        "client `{name}` is not visible to the signed-in admin or does not exist in the realm `{realm}`; to see every \
         client, the admin needs {needs}{rejected}"
    )
}
