//! Why a call failed, in a form that is safe to keep, print and log.

use std::error::Error as _;
use std::fmt;

use bytes::{Bytes, BytesMut};
use progenitor_client::Error;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::executor::exceeded;

/// A failed call, converted from the generated client's [`Error`] by [`Failure::from_error`].
///
/// It never contains the body of a successful response. `Debug` and `Display` never print the body of an
/// error response, a header or a URL. The body and headers are available as fields.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::Failure;
///
/// fn is_worth_another_try(failure: &Failure) -> bool {
///     match failure {
///         Failure::Transport(_) => true,
///         Failure::Response { status, .. } => status.is_server_error(),
///         _ => false,
///     }
/// }
/// ```
#[non_exhaustive]
pub enum Failure {
    /// The request could not be built, for this reason. Nothing was sent.
    Request(String),
    /// There was no complete response: no connection, a timeout, or a truncated body. The URL is removed.
    Transport(reqwest::Error),
    /// The server responded with an error or a redirect.
    Response {
        /// The status. It is never a success.
        status: StatusCode,
        /// The headers (for example `Retry-After`).
        headers: HeaderMap,
        /// The part of the body that could be read, at most 64 KiB. Empty if nothing could be read.
        body: Bytes,
    },
    /// The body of a successful response is longer than this many bytes. The rest was not read.
    TooLong(usize),
    /// The server responded with a success status that the operation does not define.
    UnexpectedSuccess(StatusCode),
    /// The body of a successful response does not match what the operation returns. The body and the parser's
    /// message are not kept, because both can quote a secret.
    Payload {
        /// True if the JSON is invalid, false if it is valid but has an unexpected form.
        syntax: bool,
        /// The line of the fault, starting at 1. 0 if it is unknown.
        line: usize,
        /// The column of the fault, starting at 1. 0 if it is unknown.
        column: usize,
    },
}

impl Failure {
    /// Converts the generated client's error. Reads the body of an error response.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use keycloak_admin_api::{Client, Failure, PathSegment};
    /// # async fn f(client: Client, realm: PathSegment, uuid: PathSegment) -> Result<(), Failure> {
    /// if let Err(error) = client.client_delete(&realm, &uuid).await {
    ///     return Err(Failure::from_error(error).await);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn from_error<E>(error: Error<E>) -> Self {
        match error {
            Error::InvalidRequest(reason) | Error::Custom(reason) => Self::Request(reason),
            Error::CommunicationError(error) if error.is_builder() => {
                // The source says what is wrong with the URL. `error` itself would show the URL.
                let reason = error.source().map(ToString::to_string);
                Self::Request(reason.unwrap_or_else(|| "its parts are not compatible".to_owned()))
            }
            Error::CommunicationError(error)
            | Error::InvalidUpgrade(error)
            | Error::ResponseBodyError(error) => match exceeded(&error) {
                Some(limit) => Self::TooLong(limit),
                None => Self::Transport(error.without_url()),
            },
            Error::InvalidResponsePayload(_, error) => Self::Payload {
                syntax: error.is_syntax() || error.is_eof(),
                line: error.line(),
                column: error.column(),
            },
            Error::ErrorResponse(response) => Self::Response {
                status: response.status(),
                headers: response.headers().clone(),
                body: Bytes::new(),
            },
            Error::UnexpectedResponse(response) if response.status().is_success() => {
                Self::UnexpectedSuccess(response.status())
            }
            Error::UnexpectedResponse(response) => Self::Response {
                status: response.status(),
                headers: response.headers().clone(),
                body: read_some(response).await,
            },
        }
    }

    /// The status of the server's response. `None` if there was no usable response.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_missing(failure: &keycloak_admin_api::Failure) -> bool {
    ///     failure.status().is_some_and(|status| status.as_u16() == 404)
    /// }
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Response { status, .. } | Self::UnexpectedSuccess(status) => Some(*status),
            _ => None,
        }
    }
}

/// Longer than any message from Keycloak, but short enough that a proxy cannot exhaust the memory.
const BODY_LIMIT: usize = 64 * 1024;

/// Reads the beginning of the body. A failure to read it is not reported, because the status says more.
async fn read_some(mut response: reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == BODY_LIMIT {
            break;
        }
    }
    body.freeze()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(reason) => write!(f, "the request could not be built: {reason}"),
            Self::Transport(_) => f.write_str("there was no complete response from the server"),
            Self::Response { status, .. } => write!(f, "the server responded with {status}"),
            Self::TooLong(limit) => write!(f, "the server responded with more than {limit} bytes"),
            Self::UnexpectedSuccess(status) => {
                write!(f, "the server responded with {status}, which this operation does not define")
            }
            Self::Payload { syntax, line, column } => {
                let what = if *syntax { "invalid JSON" } else { "unexpected JSON" };
                write!(f, "the server responded with {what} (line {line}, column {column})")
            }
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(reason) => f.debug_tuple("Request").field(reason).finish(),
            Self::Transport(error) => f.debug_tuple("Transport").field(error).finish(),
            Self::Response { status, body, .. } => f
                .debug_struct("Response")
                .field("status", status)
                .field("body", &format_args!("{} bytes", body.len()))
                .finish_non_exhaustive(),
            Self::TooLong(limit) => f.debug_tuple("TooLong").field(limit).finish(),
            Self::UnexpectedSuccess(status) => f.debug_tuple("UnexpectedSuccess").field(status).finish(),
            Self::Payload { syntax, line, column } => f
                .debug_struct("Payload")
                .field("syntax", syntax)
                .field("line", line)
                .field("column", column)
                .finish(),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}
