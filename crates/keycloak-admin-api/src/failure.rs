//! Why a call failed, in a form that is safe to keep, to print and to log.

use std::error::Error as _;
use std::fmt;

use bytes::{Bytes, BytesMut};
use progenitor_client::Error;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// A failed call, made from the generated client's [`Error`] by [`Failure::from_error`].
///
/// It never holds the body of a success, and neither `Debug` nor `Display` prints the body of an
/// error, a header or a URL: what the server said is there for whoever asks for it.
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
    /// Nothing was sent: the request could not be made, for the reason given.
    Request(String),
    /// There was no whole answer: no connection, a time-out, a cut body. The URL is taken out.
    Transport(reqwest::Error),
    /// The server answered with an error, or with a redirect.
    Response {
        /// The status, never a success.
        status: StatusCode,
        /// The headers (for example `Retry-After`).
        headers: HeaderMap,
        /// What came of the body, at most 64 KiB of it; empty if it could not be read.
        body: Bytes,
    },
    /// A success that this operation does not have.
    UnexpectedSuccess(StatusCode),
    /// A success whose body is not what the operation returns. Neither the body nor the parser's
    /// words are kept, as both can quote a secret.
    Payload {
        /// Whether the JSON itself was broken, rather than something else than expected.
        syntax: bool,
        /// The line it was found in, from 1 (0: unknown).
        line: usize,
        /// The column it was found in, from 1 (0: unknown).
        column: usize,
    },
}

impl Failure {
    /// Takes what is needed out of the generated client's error; reads the body of an error answer.
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
                // What is wrong with the URL is said by the source; `error` itself would show the URL.
                let reason = error.source().map(ToString::to_string);
                Self::Request(reason.unwrap_or_else(|| "its parts do not fit together".to_owned()))
            }
            Error::CommunicationError(error)
            | Error::InvalidUpgrade(error)
            | Error::ResponseBodyError(error) => Self::Transport(error.without_url()),
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

    /// The status the server answered with, if it is known.
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

/// More than any message of Keycloak's, less than a proxy could fill the memory with.
const BODY_LIMIT: usize = 64 * 1024;

/// The beginning of the body. That it cannot be read is not reported: the status says more.
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
            Self::Request(reason) => write!(f, "the request could not be made: {reason}"),
            Self::Transport(_) => f.write_str("there was no whole answer from the server"),
            Self::Response { status, .. } => write!(f, "the server answered {status}"),
            Self::UnexpectedSuccess(status) => {
                write!(f, "the server answered {status}, which this operation does not have")
            }
            Self::Payload { syntax, line, column } => {
                let what = if *syntax { "broken JSON" } else { "JSON of another shape" };
                write!(f, "the server answered with {what} (line {line}, column {column})")
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
