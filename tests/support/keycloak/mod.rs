//! A running Keycloak, and what a test prepares on it.

pub mod crowd;
pub mod differences;
pub mod realm;
