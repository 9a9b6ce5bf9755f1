//! Warnings about results that may not be what the caller meant.

use std::fmt;

/// Something that was done as requested but may not be what the caller meant. `Display` describes it in one
/// sentence.
///
/// Part of [`Registration::warnings`](crate::Registration::warnings).
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
    /// The client's `fullScopeAllowed` is false, so its tokens contain no roles (observed on Keycloak
    /// 26.7.3).
    #[non_exhaustive]
    NoFullScope {
        /// The client ID.
        client_id: String,
    },
    /// The config sets fields that the server accepts only when it creates a client, but the client already
    /// existed. They were not changed (observed on Keycloak 26.7.3).
    #[non_exhaustive]
    NotUpdatable {
        /// The client ID.
        client_id: String,
        /// The JSON names of the fields.
        fields: Vec<String>,
    },
    /// One of the requested roles is a composite role that includes permissions to administer the realm.
    #[non_exhaustive]
    GrantsRealmManagement {
        /// The realm role.
        role: String,
        /// The roles of the client `realm-management` (in `master`: `<realm>-realm`) that it includes.
        grants: Vec<String>,
    },
    /// The roles that a composite role includes could not be read. The registration itself is complete.
    #[non_exhaustive]
    NotChecked {
        /// The realm role.
        role: String,
        /// Why they could not be read.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFullScope { client_id } => {
                write!(
                    f,
                    "the tokens of the client `{client_id}` contain no roles because its `fullScopeAllowed` is false"
                )
            }
            Self::NotUpdatable { client_id, fields } => {
                let fields = fields.join(", ");
                write!(
                    f,
                    "the client `{client_id}` already exists, and the server sets {fields} only when it creates a client"
                )
            }
            Self::GrantsRealmManagement { role, grants } => {
                write!(
                    f,
                    "the role `{role}` includes permissions to administer the realm: {}",
                    grants.join(", ")
                )
            }
            Self::NotChecked { role, reason } => {
                write!(f, "the roles that `{role}` includes could not be read: {reason}")
            }
        }
    }
}
