//! Register and manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.
//!
//! A [`ClientManager`] signs in to Keycloak as an admin of the realm. Registering and updating can be
//! repeated: what is already correct stays unchanged, and what an interruption left incomplete is completed.
//! The names are those of the Python class `kxi.authorization.client.ClientManager`.
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use kxi_auth_core::{ClientConfig, ClientManager, Error, Roles};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     // INSIGHTS_URL, INSIGHTS_ADMIN_USERNAME, INSIGHTS_ADMIN_PASSWORD
//!     let manager = ClientManager::from_env()?;
//!
//!     // Creates or updates the client and assigns the roles to its service account.
//!     let roles = Roles::named(["insights.query.data", "insights.query.sql"]);
//!     let client = manager.register_client("my-service").roles(roles).token_lifespan(300).await?;
//!     println!("{} has the UUID {}", client.id, client.uuid);
//!
//!     // Changes only the fields that are set here.
//!     let config = ClientConfig::new().description("writes the trade feed");
//!     manager.update_client(&client).config(config).await?;
//!     for role in manager.service_account_roles(&client).await? {
//!         println!("has {}", role.name);
//!     }
//!
//!     // All clients, page by page.
//!     let mut clients = manager.list_clients().with_secret(false).stream();
//!     while let Some(client) = clients.try_next().await? {
//!         println!("{client}");
//!     }
//!
//!     // Many clients at once: one result for each, in the same order.
//!     let items = ["feed-1", "feed-2"].map(|id| manager.register_client(id));
//!     for outcome in manager.register_clients(items).await {
//!         println!("{} is registered", outcome?.id);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! An operation with optional arguments is a builder. Nothing is sent until it is awaited.
//!
//! # Signing in
//!
//! [`ClientManager::from_env`] reads environment variables; [`ClientManager::builder`] does not. The builder
//! accepts one of these:
//!
//! - a user ([`username`](ClientManagerBuilder::username) and [`password`](ClientManagerBuilder::password))
//! - a client with a service account ([`admin_client`](ClientManagerBuilder::admin_client))
//! - an HTTP client that signs in by itself ([`session`](ClientManagerBuilder::session))
//!
//! The admin belongs to the realm `master` unless [`admin_realm`](ClientManagerBuilder::admin_realm) is set.
//!
//! # Secrets
//!
//! Secrets are [`SecretString`]s. No `Debug`, `Display`, error or trace shows a secret. Where you need the
//! text, import [`ExposeSecret`] and call `expose_secret()`.
//!
//! # Errors and retries
//!
//! If an operation fails, it returns an [`Error`], an enum that you can match on.
//!
//! Temporary failures (connection failures, timeouts, 429, 502 to 504, races inside the server) are retried
//! up to 5 times, with pauses that grow and have a random part. An attempt may take 15 s, and all attempts
//! together 60 s. [`retries`](ClientManagerBuilder::retries), [`timeout`](ClientManagerBuilder::timeout) and
//! [`total_timeout`](ClientManagerBuilder::total_timeout) change these defaults. A rejected password is never
//! retried.
//!
//! In this example no server listens at the address, so the operation fails:
//!
//! ```
//! use kxi_auth_core::{ClientManager, Error, SecretString};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let manager = ClientManager::builder()
//!     .host("http://127.0.0.1:1")
//!     .username("admin")
//!     .password(SecretString::from("the admin's password"))
//!     .retries(0)
//!     .build()?;
//! match manager.get_client("my-service").await {
//!     Ok(client) => println!("{} has the UUID {}", client.id, client.uuid),
//!     Err(error) if error.is_not_found() => println!("not registered"),
//!     Err(error) => {
//!         assert!(error.is_unavailable() && matches!(error, Error::Connection { .. }));
//!         eprintln!("{error}");
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! # Tracing
//!
//! With [`tracing`](https://docs.rs/tracing), each operation is a span of level `INFO` with the operation's
//! name and the client ID or the UUID. Inside it, each attempt of a request is a span `request` of level
//! `DEBUG` with the method, path template, attempt number and status.
//!
//! # Features
//!
//! - `rustls` (default): TLS with rustls and the certificates that the system trusts.
//! - `native-tls`: TLS with the system's own library (OpenSSL on Linux).
//! - `blocking`: the same API without async, in the module `blocking`.

// A module imports only from modules to its left: `error`, `model`, `transport`, `admin`, `desired` and
// `manager`, `roles` and `diagnostics`, `clients`, `blocking`. Only `admin` sees the generated types.

mod admin;
#[cfg(feature = "blocking")]
pub mod blocking;
mod clients;
mod desired;
mod diagnostics;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod manager;
mod model;
mod roles;
mod transport;

pub use crate::clients::bulk::Bulk;
pub use crate::clients::bulk::cancel::CancelHandle;
pub use crate::clients::bulk::progress::Progress;
pub use crate::clients::delete::{DeleteClient, DeleteClientByUuid};
pub use crate::clients::get::{GetClient, GetClientDetails};
pub use crate::clients::list::{ClientStream, ListClientDetails, ListClients};
pub use crate::clients::plan::{PlanClient, RegistrationPlan};
pub use crate::clients::register::RegisterClient;
pub use crate::clients::register::registration::Registration;
pub use crate::clients::register_new::RegisterNewClient;
pub use crate::clients::rotate_secret::RotateSecret;
pub use crate::clients::update::UpdateClient;
pub use crate::clients::updated_client::UpdatedClient;
pub use crate::desired::arguments::ClientArguments;
pub use crate::desired::config::ClientConfig;
pub use crate::desired::generate::generate_secret;
pub use crate::desired::validate::check_group_path;
pub use crate::diagnostics::permissions::{Access, Permission, Right};
pub use crate::error::{
    Cause, Error, Hint, Incomplete, RequestLine, Step, UnknownClient, UnknownGroups, UnknownRole,
};
pub use crate::manager::ClientManager;
pub use crate::manager::builder::ClientManagerBuilder;
pub use crate::model::access_token::{AccessToken, Claims};
pub use crate::model::auth_client::{AuthClient, ExposedAuthClient};
pub use crate::model::client_details::ClientDetails;
pub use crate::model::client_scopes::ClientScopes;
pub use crate::model::client_uuid::ClientUuid;
pub use crate::model::field_change::{FieldChange, may_be_secret};
pub use crate::model::fields::{TOKEN_LIFESPAN_ATTRIBUTE, TOKEN_LIFESPANS, is_unset};
pub use crate::model::group::{GroupGrants, ServiceAccount};
pub use crate::model::names::nearest_name;
pub use crate::model::protocol_mappers::is_servers_own_mapper;
pub use crate::model::proxy::proxy_credentials;
pub use crate::model::role::{Role, Roles, UMA_PROTECTION};
pub use crate::model::role_set::{ExactRoles, RoleNames, RoleSet};
pub use crate::model::text::{NotText, decode_text, value_of_text};
pub use crate::model::warning::Warning;
pub use crate::roles::assign::AssignRoles;
pub use crate::roles::revoke::RevokeRoles;
/// The HTTP library, in the version of the client that [`ClientManagerBuilder::session`] accepts.
pub use reqwest;
pub use secrecy::{ExposeSecret, SecretString};
/// The JSON library, in the version of the values that [`ClientConfig`] accepts.
pub use serde_json;
