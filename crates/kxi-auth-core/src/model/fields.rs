//! Names of `ClientRepresentation`'s fields and attributes that more than one room uses.

/// Keycloak's attribute for a client's own access token lifespan, in seconds.
pub(crate) const LIFESPAN: &str = "access.token.lifespan";
