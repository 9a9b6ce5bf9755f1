//! Warnings about results that may not be what the caller meant.

use std::fmt;

use serde_json::Value;

use crate::error::excerpt;
use crate::model::field_change::FieldChange;
use crate::model::fields::SESSION_MAX_ATTRIBUTE;

/// Something that was done as requested but may not be what the caller meant. `Display` describes it in one
/// sentence.
///
/// Part of [`Registration::warnings`](crate::Registration::warnings),
/// [`RegistrationPlan::warnings`](crate::RegistrationPlan::warnings) and
/// [`UpdatedClient::warnings`](crate::UpdatedClient::warnings).
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
    /// The config sets values that the server accepts and never stores, such as the `consentRequired` of a protocol
    /// mapper (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3). They have no effect and do not count as differences.
    #[non_exhaustive]
    NotStored {
        /// The client ID.
        client_id: String,
        /// The paths of the values, such as `protocolMappers.tenant.consentRequired`.
        fields: Vec<String>,
    },
    /// After a write, the server stores a field with another value than was sent, although it accepted the request: a
    /// client policy of the realm can change a client while it is saved (observed on Keycloak 26.7.3). The other fields
    /// were written. The next [plan](crate::RegisterClient::plan) shows the difference again.
    #[non_exhaustive]
    Overridden {
        /// The client ID.
        client_id: String,
        /// The field with the stored value (`from`) and the wanted value (`to`).
        change: FieldChange,
    },
    /// The client was written, but reading it back failed, so whether the server stored it as sent is not known.
    #[non_exhaustive]
    NotVerified {
        /// The client ID.
        client_id: String,
        /// Why it could not be read.
        reason: String,
    },
    /// Tokens live shorter than the client's token lifespan: a session limit of the realm or the client is lower (observed
    /// on Keycloak 22.0.5, 26.0.8 and 26.7.3). Only an operation that sets the lifespan, or the client's own limit, checks
    /// this.
    #[non_exhaustive]
    LifespanCapped {
        /// The client ID.
        client_id: String,
        /// The token lifespan that was asked for, or else the stored one, in seconds.
        wanted: i64,
        /// How long the tokens live, in seconds.
        effective: i64,
        /// What limits it: `ssoSessionMaxLifespan` or `clientSessionMaxLifespan` of the realm, or the client's attribute
        /// `client.session.max.lifespan`.
        setting: &'static str,
    },
    /// The settings of the realm could not be read, so whether a session limit is lower than the token lifespan that was
    /// asked for is not known. The operation itself is complete. For five minutes the manager and its clones do not read
    /// them again for this warning.
    #[non_exhaustive]
    LifespanNotChecked {
        /// The client ID.
        client_id: String,
        /// Why they could not be read.
        reason: String,
    },
    /// One of the requested roles is a composite role that includes permissions to administer the realm.
    #[non_exhaustive]
    GrantsRealmManagement {
        /// The realm role, or `client/role` for a client role.
        role: String,
        /// The roles of the client `realm-management` (in `master`: `<realm>-realm`) that it includes.
        grants: Vec<String>,
    },
    /// One of the groups that is joined grants permissions to administer the realm.
    #[non_exhaustive]
    GroupGrantsRealmManagement {
        /// The path of the group.
        group: String,
        /// The roles of the client `realm-management` (in `master`: `<realm>-realm`) that it or its parents grant.
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
                let client_id = excerpt(client_id);
                write!(
                    f,
                    "the tokens of the client `{client_id}` contain no roles because its `fullScopeAllowed` is false"
                )
            }
            Self::NotUpdatable { client_id, fields } => {
                let client_id = excerpt(client_id);
                let fields = fields.join(", ");
                write!(
                    f,
                    "the client `{client_id}` already exists, and the server sets {fields} only when it creates a client"
                )
            }
            Self::NotStored { client_id, fields } => {
                let client_id = excerpt(client_id);
                write!(
                    f,
                    "the server never stores {} of the client `{client_id}`; leave it out",
                    fields.join(", ")
                )
            }
            Self::Overridden { client_id, change } => write_overridden(f, client_id, change),
            Self::NotVerified { client_id, reason } => {
                let client_id = excerpt(client_id);
                write!(f, "the client `{client_id}` was written, but could not be read afterwards: {reason}")
            }
            Self::LifespanCapped { client_id, wanted, effective, setting } => {
                let client_id = excerpt(client_id);
                let whose =
                    if *setting == SESSION_MAX_ATTRIBUTE { "the client's attribute" } else { "the realm's" };
                write!(
                    f,
                    "the tokens of the client `{client_id}` live {effective} s, not the {wanted} s of its token lifespan: \
                     {whose} `{setting}` is {effective} s"
                )
            }
            Self::LifespanNotChecked { client_id, reason } => {
                let client_id = excerpt(client_id);
                write!(
                    f,
                    "whether the realm limits the token lifespan of the client `{client_id}` is not known, because its \
                     settings could not be read: {reason}"
                )
            }
            Self::GrantsRealmManagement { role, grants } => {
                let role = excerpt(role);
                write!(
                    f,
                    "the role `{role}` includes permissions to administer the realm: {}",
                    grants.join(", ")
                )
            }
            Self::GroupGrantsRealmManagement { group, grants } => {
                let group = excerpt(group);
                write!(
                    f,
                    "the group `{group}` grants permissions to administer the realm: {}",
                    grants.join(", ")
                )
            }
            Self::NotChecked { role, reason } => {
                write!(f, "the roles that `{}` includes could not be read: {reason}", excerpt(role))
            }
        }
    }
}

fn write_overridden(f: &mut fmt::Formatter<'_>, client_id: &str, change: &FieldChange) -> fmt::Result {
    let FieldChange { field, from, to } = change;
    let client_id = excerpt(client_id);
    let cause = if field.ends_with("ClientScopes") {
        "the realm may not have such a client scope"
    } else {
        "probably a client policy of the realm changed it, or another admin"
    };
    let shown = |value: &Option<Value>| {
        value.as_ref().map_or_else(|| "no value".to_owned(), |value| excerpt(&value.to_string()))
    };
    if change.is_sensitive() {
        write!(
            f,
            "the server stored another value as `{field}` of the client `{client_id}` than was sent; {cause}"
        )
    } else {
        let (from, to) = (shown(from), shown(to));
        write!(f, "the server stored {from} as `{field}` of the client `{client_id}`, not {to}; {cause}")
    }
}
