//! The library on a real Keycloak: `ClientManager`, asynchronous and blocking.

mod blocking;
mod bulk;
mod bulk_ended;
mod client_roles;
mod connect;
mod default_role;
mod diagnose;
mod endpoint;
mod faults;
mod fine_grained;
mod groups;
mod kept;
mod list;
mod plan;
mod properties;
mod register;
mod roles;
mod session;
mod stored;
mod update;
