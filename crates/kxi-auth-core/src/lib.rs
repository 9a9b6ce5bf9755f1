//! Register and manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.
//!
//! [`ClientManager`] signs in as a Keycloak admin; [`ClientManager::register_client`] creates a
//! client or brings it up to date, gives its service account realm roles and returns its
//! credentials as an [`AuthClient`].
//!
//! ```no_run
//! use kxi_auth_core::{ClientManager, Roles, SecretString};
//!
//! # async fn f(password: SecretString) -> Result<(), kxi_auth_core::Error> {
//! let manager = ClientManager::builder()
//!     .host("https://insights.example.com")
//!     .username("admin")
//!     .password(password)
//!     .build()?;
//! let client = manager.register_client("my-service").roles(Roles::All).await?;
//! println!("{} is {}", client.id, client.uuid);
//! # Ok(()) }
//! ```
//!
//! The modules follow the data: parameters (`builder`, `connection`) -> `endpoint` -> `token` ->
//! `api` (the only one that sees the generated types) -> `manager` and its operations.

mod access_token;
mod api;
mod assign;
mod auth_client;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod bulk;
mod call;
mod config;
mod connection;
mod delete;
mod desired;
mod endpoint;
mod env;
mod error;
mod found;
mod get;
mod guard;
mod http;
mod list;
mod manager;
mod paging;
mod random;
mod register;
mod retry;
mod roles;
mod sign_in;
mod token;
mod update;
mod validate;
mod warning;

pub use crate::access_token::{AccessToken, Claims};
pub use crate::assign::AssignRoles;
pub use crate::auth_client::{AuthClient, ClientUuid, ExposedAuthClient};
pub use crate::builder::ClientManagerBuilder;
pub use crate::bulk::{Bulk, CancelHandle, Progress};
pub use crate::config::ClientConfig;
pub use crate::delete::{DeleteClient, DeleteClientByUuid};
pub use crate::error::{Cause, Error, RequestLine};
pub use crate::get::GetClient;
pub use crate::list::{ClientStream, ListClients};
pub use crate::manager::ClientManager;
pub use crate::register::{RegisterClient, RegisterNewClient, Registration};
pub use crate::roles::{Role, Roles};
pub use crate::update::UpdateClient;
pub use crate::warning::Warning;
pub use secrecy::{ExposeSecret, SecretString};
