//! Typed client of the Keycloak Admin REST API: every operation of it, generated from the OpenAPI
//! document that Keycloak's own build makes.
//!
//! ```no_run
//! use keycloak_admin_api::{Client, Failure, PathSegment, RequestContext, Secret, types};
//!
//! # async fn example(http: reqwest::Client, token: Secret) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new_with_client(
//!     "https://keycloak.example.com/auth", // without a slash at the end
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
//! What the document says is patched where it is wrong or unsafe (`specs/patches.toml`, with the
//! reasons): ids are [`PathSegment`]s, secrets [`Secret`]s, an empty list is sent, enumerations stay
//! open, unknown fields survive in `extra`, and every error status arrives with its body. Values in
//! `attributes` and `config` maps are plain text, and `Debug` prints them.
//!
//! The client sends one request per call: renewing tokens, trying again and time-outs are the
//! caller's. Both TLS backends are features, `rustls` (the default) and `native-tls`.

mod context;
mod failure;
pub mod fields;
mod path_segment;
mod secret;
mod unknown_field;

// Skipped by rustfmt too: the file is compared byte for byte with what the generator makes.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::invalid_html_tags,
    reason = "generated code: how it looks is the generator's"
)]
#[rustfmt::skip]
mod generated;

pub use context::RequestContext;
pub use failure::Failure;
pub use generated::{Client, types};
pub use path_segment::{InvalidPathSegment, PathSegment};
/// What a generated method fails with.
///
/// **Never print or keep it**: `Debug` and `Display` of its `InvalidResponsePayload` print the whole
/// body, with every secret in it. Turn it into a [`Failure`] where it arises.
pub use progenitor_client::Error;
pub use progenitor_client::{ByteStream, ClientHooks, ClientInfo, OperationInfo, ResponseValue};
pub use secret::Secret;
pub use unknown_field::UnknownField;
