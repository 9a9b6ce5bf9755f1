//! The data types of the other modules: clients, roles, tokens, warnings. Nothing here sends a request.

pub(crate) mod access_token;
pub(crate) mod auth_client;
pub(crate) mod client_details;
pub(crate) mod client_scopes;
pub(crate) mod client_uuid;
pub(crate) mod field_change;
pub(crate) mod fields;
pub(crate) mod group;
pub(crate) mod names;
pub(crate) mod protocol_mappers;
pub(crate) mod proxy;
pub(crate) mod realm_settings;
pub(crate) mod role;
pub(crate) mod role_set;
pub(crate) mod stored_client;
pub(crate) mod text;
pub(crate) mod warning;
