//! Changed roles as data for programs.

use std::collections::BTreeMap;

use kxi_auth_core::RoleNames;
use serde::Serialize;

/// Roles that were added, or would be: realm roles as a list, client roles by client ID.
#[derive(Debug, Serialize)]
pub(crate) struct RolesAdded<'a> {
    #[serde(rename = "roles_added")]
    realm: &'a [String],
    #[serde(rename = "client_roles_added")]
    clients: &'a BTreeMap<String, Vec<String>>,
}

/// Roles that were revoked, or would be: realm roles as a list, client roles by client ID.
#[derive(Debug, Serialize)]
pub(crate) struct RolesRevoked<'a> {
    #[serde(rename = "roles_revoked")]
    realm: &'a [String],
    #[serde(rename = "client_roles_revoked")]
    clients: &'a BTreeMap<String, Vec<String>>,
}

static NO_CLIENTS: BTreeMap<String, Vec<String>> = BTreeMap::new();

impl Default for RolesAdded<'_> {
    fn default() -> Self {
        Self { realm: &[], clients: &NO_CLIENTS }
    }
}

impl Default for RolesRevoked<'_> {
    fn default() -> Self {
        Self { realm: &[], clients: &NO_CLIENTS }
    }
}

impl<'a> From<&'a RoleNames> for RolesAdded<'a> {
    fn from(roles: &'a RoleNames) -> Self {
        Self { realm: &roles.realm, clients: &roles.clients }
    }
}

impl<'a> From<&'a RoleNames> for RolesRevoked<'a> {
    fn from(roles: &'a RoleNames) -> Self {
        Self { realm: &roles.realm, clients: &roles.clients }
    }
}

/// Writes them as two fields, for `#[serde(flatten, serialize_with)]`.
pub(crate) fn added<S: serde::Serializer>(roles: &RoleNames, serializer: S) -> Result<S::Ok, S::Error> {
    RolesAdded::from(roles).serialize(serializer)
}

/// Writes them as two fields, for `#[serde(flatten, serialize_with)]`.
pub(crate) fn revoked<S: serde::Serializer>(roles: &RoleNames, serializer: S) -> Result<S::Ok, S::Error> {
    RolesRevoked::from(roles).serialize(serializer)
}
