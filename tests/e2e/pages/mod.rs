//! The pages show what the command prints: each is followed on a real Keycloak.

mod operators;
mod reader;
mod readme;
mod short;
