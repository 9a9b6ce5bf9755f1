//! Chooses the clients to export.

use std::collections::HashSet;

use kxi_auth_core::ClientDetails;

use crate::declaration::OWNER_ATTRIBUTE;

/// Whether an export is about this client at all. It is not about built-in clients, and not about clients without an
/// owner and without a service account. These get no warning.
pub(super) fn concerns(client: &ClientDetails, owned_only: bool) -> bool {
    let is_owned = client.attribute(OWNER_ATTRIBUTE).is_some();
    !client.is_builtin() && (is_owned || (!owned_only && client.is_service_account()))
}

/// Chooses, of the clients that the export [concerns], the service accounts that `apply` accepts, except clients that
/// belong to another owner.
pub(super) fn choose(
    clients: Vec<ClientDetails>,
    owner: &str,
    warnings: &mut Vec<String>,
) -> Vec<ClientDetails> {
    let mut user_names = HashSet::new();
    let mut chosen = Vec::new();
    for client in clients {
        match client.attribute(OWNER_ATTRIBUTE) {
            Some(other) if other != owner => {
                if client.is_service_account() {
                    warnings.push(format!("`{}` is left out: it belongs to owner `{other}`", client.id));
                }
                continue;
            }
            _ => {}
        }
        let reason = unfit(client.is_service_account(), &client.other_obstacles()).or_else(|| {
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
        let obstacles = ["`publicClient` is true", "`bearerOnly` is true"].map(ToOwned::to_owned);
        let reason = unfit(true, &obstacles).unwrap();
        assert!(reason.starts_with("`publicClient` is true, `bearerOnly` is true, so it"), "{reason}");
        assert!(unfit(false, &[]).unwrap().starts_with("it has no service account"));
    }
}
