//! Typed client for every operation of the Keycloak Admin REST API, generated from the OpenAPI document that
//! Keycloak's build produces.
//!
//! ```no_run
//! use keycloak_admin_api::{Client, Failure, PathSegment, RequestContext, Secret, types};
//!
//! # async fn example(http: reqwest::Client, token: Secret) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new_with_client(
//!     "https://keycloak.example.com/auth", // without a trailing slash
//!     http,
//!     RequestContext::bearer(token),
//! );
//! let realm = PathSegment::new("insights")?;
//! let new = types::ClientRepresentation {
//!     client_id: Some("my-service".to_owned()),
//!     secret: Some(Secret::from("s3cret".to_owned())),
//!     ..Default::default()
//! };
//! match client.client_create(&realm, &new).await {
//!     Ok(created) => println!("{:?}", created.headers().get("location")),
//!     Err(error) => return Err(Failure::from_error(error).await.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The document is patched where it is wrong or unsafe (`specs/patches.toml` lists the patches with reasons):
//!
//! - IDs are [`PathSegment`]s, and secrets are [`Secret`]s.
//! - Empty lists are sent.
//! - Enumerations accept unknown values, and unknown fields are kept in `extra`.
//! - Every error status is returned with its body.
//!
//! Values in the maps `attributes` and `config` are plain text, and `Debug` prints them.
//!
//! A write that `kxi-auth-core` uses succeeds only with the status that Keycloak sends, another write with any 2xx. A
//! body of more than 64 MiB is an error.
//!
//! The client sends one request per call. The caller is responsible for renewing tokens, retries and
//! timeouts. Both TLS backends are features: `rustls` (the default) and `native-tls`.

mod context;
mod executor;
mod failure;
pub mod fields;
mod path_segment;
mod secret;
mod unknown_field;

// rustfmt skips the file too, because it is compared byte for byte with the generator's output.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::invalid_html_tags,
    reason = "the generator determines how the code looks"
)]
#[rustfmt::skip]
mod generated;

pub use context::RequestContext;
pub use executor::{Execution, Executor, Received};
pub use failure::Failure;
pub use generated::{Client, types};
pub use path_segment::{InvalidPathSegment, PathSegment};
/// The error of the generated methods.
///
/// **Never print or keep it**: `Debug` and `Display` of `InvalidResponsePayload` print the whole body,
/// including every secret in it. Convert it to a [`Failure`] immediately.
pub use progenitor_client::Error;
pub use progenitor_client::{ByteStream, ClientHooks, ClientInfo, OperationInfo, ResponseValue};
pub use secret::Secret;
pub use unknown_field::UnknownField;
