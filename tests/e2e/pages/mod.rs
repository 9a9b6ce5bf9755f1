//! README and pages show what the command says: each is followed on a real Keycloak.

mod operators;
mod reader;
mod readme;
