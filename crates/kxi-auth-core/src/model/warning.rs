//! What was done as asked, but may not be what was meant.

use std::fmt;

/// Something that was done as asked, but may not be what was meant. `Display` says it in a sentence.
///
/// Told by [`Registration::warnings`](crate::Registration::warnings).
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
/// for warning in &manager.register_client("my-service").await?.warnings {
///     eprintln!("warning: {warning}");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The client's `fullScopeAllowed` is false: its tokens carry no roles (seen on Keycloak 26.7.3).
    #[non_exhaustive]
    NoFullScope {
        /// The client id.
        client_id: String,
    },
    /// Fields of the config that the server takes only when it creates a client; this one existed (seen
    /// on Keycloak 26.7.3).
    #[non_exhaustive]
    NotUpdatable {
        /// The client id.
        client_id: String,
        /// The fields, by their names in JSON.
        fields: Vec<String>,
    },
    /// A composite role that was asked for grants rights to administer the realm.
    #[non_exhaustive]
    GrantsRealmManagement {
        /// The realm role.
        role: String,
        /// The roles of the client `realm-management` (in `master`: `<realm>-realm`) in it.
        grants: Vec<String>,
    },
    /// What a composite role grants could not be read; the registration itself is complete.
    #[non_exhaustive]
    NotChecked {
        /// The realm role.
        role: String,
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFullScope { client_id } => {
                write!(
                    f,
                    "the tokens of `{client_id}` carry no roles, because its `fullScopeAllowed` is false"
                )
            }
            Self::NotUpdatable { client_id, fields } => {
                write!(f, "`{client_id}` exists, and the server sets {} only on create", fields.join(", "))
            }
            Self::GrantsRealmManagement { role, grants } => {
                write!(f, "the role `{role}` grants rights to administer the realm: {}", grants.join(", "))
            }
            Self::NotChecked { role, reason } => {
                write!(f, "what the role `{role}` grants could not be read: {reason}")
            }
        }
    }
}
