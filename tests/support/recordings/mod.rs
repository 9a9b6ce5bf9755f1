//! What passes between the core and Keycloak: written down, made the same for every run, and replayed.

pub mod fixture;
mod json_rules;
pub mod normalize;
pub mod recorder;
pub mod replay;
pub mod stand_in;
