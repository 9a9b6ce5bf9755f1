//! Sends requests: finds Keycloak, signs in, retries, and turns failures into errors.

pub(crate) mod absence;
pub(crate) mod budget;
pub(crate) mod call;
pub(crate) mod connection;
pub(crate) mod endpoint;
pub(crate) mod exchange;
mod explained;
pub(crate) mod failure;
pub(crate) mod http;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) mod own_certificate;
pub(crate) mod rejection;
pub(crate) mod retry;
#[cfg(any(test, fuzzing))]
pub(crate) mod scripted;
pub(crate) mod server_message;
mod sign_in_words;
pub(crate) mod stranger;
pub(crate) mod token_cache;
pub(crate) mod token_endpoint;
pub(crate) mod weight;
