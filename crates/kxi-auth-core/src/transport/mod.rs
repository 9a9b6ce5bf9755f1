//! One request and what becomes of it: where Keycloak is, who signs in, what is tried again.

pub(crate) mod call;
pub(crate) mod connection;
pub(crate) mod endpoint;
pub(crate) mod failure;
pub(crate) mod http;
pub(crate) mod rejection;
pub(crate) mod retry;
pub(crate) mod server_message;
pub(crate) mod token_cache;
pub(crate) mod token_endpoint;
