//! Typed client of the Keycloak Admin REST API.
