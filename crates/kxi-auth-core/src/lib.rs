//! Register and manage the Keycloak auth clients (service accounts) of kdb Insights Enterprise.
//!
//! A [`ClientManager`] signs in to Keycloak as an admin of the realm. Registering and updating can be
//! repeated: what is as it should be stays, what was cut short is completed. The names are those of
//! the Python class `kxi.authorization.client.ClientManager`.
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
//!     // Creates the client, or brings it up to date; its service account gets the roles.
//!     let roles = Roles::named(["insights.query.data", "insights.query.sql"]);
//!     let client = manager.register_client("my-service").roles(roles).token_lifespan(300).await?;
//!     println!("{} is {}", client.id, client.uuid);
//!
//!     // Changes what is named and nothing else.
//!     let config = ClientConfig::new().description("writes the trade feed");
//!     manager.update_client(&client).config(config).await?;
//!     for role in manager.client_roles(&client).await? {
//!         println!("has {}", role.name);
//!     }
//!
//!     // All clients, page by page.
//!     let mut clients = manager.list_clients().with_secret(false).stream();
//!     while let Some(client) = clients.try_next().await? {
//!         println!("{client}");
//!     }
//!
//!     // Many at a time: one result for each, in the same order.
//!     let items = ["feed-1", "feed-2"].map(|id| manager.register_client(id));
//!     for outcome in manager.register_clients(items).await {
//!         println!("{} is there", outcome?.id);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! An operation with optional arguments is a builder that sends nothing until it is awaited.
//!
//! # Signing in
//!
//! [`ClientManager::from_env`] reads the environment; [`ClientManager::builder`] never does. The builder
//! takes a user ([`username`](ClientManagerBuilder::username), [`password`](ClientManagerBuilder::password)),
//! a client with a service account ([`admin_client`](ClientManagerBuilder::admin_client)), or an HTTP
//! client that signs in by itself ([`session`](ClientManagerBuilder::session)). The admin is of the realm
//! `master` unless [`admin_realm`](ClientManagerBuilder::admin_realm) says otherwise.
//!
//! # Secrets
//!
//! Secrets are [`SecretString`]s. No `Debug`, `Display`, error or trace shows one; import
//! [`ExposeSecret`] and call `expose_secret()` where it is needed.
//!
//! # Errors and retries
//!
//! Every operation returns an [`Error`], whose kinds can be matched. What is likely to pass (connection
//! failures, timeouts, 429, 502 to 504, races inside the server) is tried again up to 5 times with growing,
//! jittered pauses, 15 s for an attempt and 60 s in total, unless [`retries`](ClientManagerBuilder::retries),
//! [`timeout`](ClientManagerBuilder::timeout) and [`total_timeout`](ClientManagerBuilder::total_timeout) say
//! otherwise. A refused password is never tried again. This one runs as it stands, as nothing listens
//! at its address:
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
//!     Ok(client) => println!("{} is {}", client.id, client.uuid),
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
//! With [`tracing`](https://docs.rs/tracing) each operation is a span of level `INFO` under its own name,
//! with the client id or the uuid, and each attempt of a request in it a span `request` of level `DEBUG`
//! with method, path template, attempt and status.
//!
//! # Features
//!
//! - `rustls` (default): TLS by rustls, with the certificates that the system trusts.
//! - `native-tls`: TLS by the system's own library (OpenSSL on Linux).
//! - `blocking`: the same surface without async, in the module `blocking`.

// The modules follow the data: parameters (`builder`, `connection`) -> `endpoint` -> `token` -> `api`
// (the only one that sees the generated types) -> `manager` and its operations.

mod admin;
#[cfg(feature = "blocking")]
pub mod blocking;
mod clients;
mod desired;
mod diagnostics;
mod error;
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
pub use crate::desired::arguments::ClientArguments;
pub use crate::desired::config::ClientConfig;
pub use crate::desired::field_change::{FieldChange, may_be_secret};
pub use crate::diagnostics::permissions::{Access, Permission, Right};
pub use crate::error::{Cause, Error, Hint, RequestLine, UnknownRole};
pub use crate::manager::ClientManager;
pub use crate::manager::builder::ClientManagerBuilder;
pub use crate::model::access_token::{AccessToken, Claims};
pub use crate::model::auth_client::{AuthClient, ExposedAuthClient};
pub use crate::model::client_details::ClientDetails;
pub use crate::model::client_scopes::ClientScopes;
pub use crate::model::client_uuid::ClientUuid;
pub use crate::model::fields::{TOKEN_LIFESPAN_ATTRIBUTE, TOKEN_LIFESPANS, is_unset};
pub use crate::model::names::nearest_name;
pub use crate::model::role::{Role, Roles};
pub use crate::model::warning::Warning;
pub use crate::roles::assign::AssignRoles;
/// The HTTP library, in the version that [`ClientManagerBuilder::session`] takes a client of.
pub use reqwest;
pub use secrecy::{ExposeSecret, SecretString};
/// The JSON library, in the version whose values [`ClientConfig`] takes.
pub use serde_json;
