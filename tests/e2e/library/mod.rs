//! The library on a real Keycloak: `ClientManager`, asynchronous and blocking.

mod blocking;
mod bulk;
mod bulk_ended;
mod connect;
mod default_role;
mod diagnose;
mod endpoint;
mod faults;
mod fine_grained;
mod kept;
mod list;
mod plan;
mod properties;
mod register;
mod roles;
mod session;
mod stored;
mod update;
