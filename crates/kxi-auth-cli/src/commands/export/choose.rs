//! Chooses the clients to export.

use std::collections::HashSet;

use kxi_auth_core::ClientDetails;

use crate::declaration::OWNER_ATTRIBUTE;

/// Chooses the service accounts that `apply` accepts, except built-in clients and clients that belong to
/// another owner. Built-in clients, and clients without an owner and without a service account, get no
/// warning, because no declaration is about them.
pub(super) fn choose(
    clients: Vec<ClientDetails>,
    owner: &str,
    owned_only: bool,
    warnings: &mut Vec<String>,
) -> Vec<ClientDetails> {
    let mut user_names = HashSet::new();
    let mut chosen = Vec::new();
    for client in clients.into_iter().filter(|client| !client.is_builtin()) {
        match client.attribute(OWNER_ATTRIBUTE) {
            None if owned_only || !client.is_service_account() => continue,
            Some(other) if other != owner => {
                if client.is_service_account() {
                    warnings.push(format!("`{}` is left out: it belongs to owner `{other}`", client.id));
                }
                continue;
            }
            _ => {}
        }
        let reason = unfit(client.is_service_account(), &client.obstacles()).or_else(|| {
            // A declaration with both IDs would be rejected.
            let is_new = user_names.insert(client.id.to_lowercase());
            (!is_new).then(|| "its client ID differs only in case from another client ID".to_owned())
        });
        match reason {
            Some(reason) => warnings.push(format!("`{}` is left out: {reason}", client.id)),
            None => chosen.push(client),
        }
    }
    chosen
}

/// Why `apply` would reject the client, if it would.
fn unfit(is_service_account: bool, obstacles: &[String]) -> Option<String> {
    if !is_service_account {
        return Some("it has no service account; `kxi-auth client register` adds one".to_owned());
    }
    if obstacles.is_empty() {
        return None;
    }
    let obstacles = obstacles.join(", ");
    Some(format!("{obstacles}, so it cannot sign in with a secret; `apply --convert` could change that"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_against_a_client_is_named() {
        assert_eq!(unfit(true, &[]), None);
        let obstacles = ["`publicClient` is true", "`enabled` is false"].map(ToOwned::to_owned);
        let reason = unfit(true, &obstacles).unwrap();
        assert!(reason.starts_with("`publicClient` is true, `enabled` is false, so it"), "{reason}");
        assert!(unfit(false, &[]).unwrap().starts_with("it has no service account"));
    }
}
