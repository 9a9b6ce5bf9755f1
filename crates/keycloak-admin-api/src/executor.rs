//! Sends a request and reads its response in place of the generated client.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http_body_util::{LengthLimitError, Limited};
use reqwest::header::HeaderMap;
use reqwest::{Body, Request, Response, StatusCode};

/// The longest body that is read without an executor.
const LIMIT: usize = 64 * 1024 * 1024;

/// The future of [`Executor::execute`].
pub type Execution<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Received>> + Send + 'a>>;

/// Sends the requests of a [`Client`](crate::Client) and reads the responses, for example up to a limit. Set by
/// [`RequestContext::sent_by`](crate::RequestContext::sent_by).
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::{Execution, Executor, Received};
///
/// /// Reads everything.
/// #[derive(Debug)]
/// struct Plain;
///
/// impl Executor for Plain {
///     fn execute<'a>(&'a self, client: &'a reqwest::Client, request: reqwest::Request) -> Execution<'a> {
///         Box::pin(async move {
///             let response = client.execute(request).await?;
///             let (status, headers) = (response.status(), response.headers().clone());
///             Ok(Received::new(status, headers, response.bytes().await?))
///         })
///     }
/// }
/// ```
pub trait Executor: fmt::Debug + Send + Sync {
    /// Sends the request once. An executor that does not want to read the whole body can return another one.
    ///
    /// # Errors
    ///
    /// The failure of the transport.
    fn execute<'a>(&'a self, client: &'a reqwest::Client, request: Request) -> Execution<'a>;
}

/// A response that was read.
///
/// `Debug` prints neither the headers nor the body.
#[non_exhaustive]
pub struct Received {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Received {
    /// A response with this body.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("status", &self.status).finish_non_exhaustive()
    }
}

impl From<Received> for Response {
    fn from(Received { status, headers, body }: Received) -> Self {
        let mut response = http::Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.into()
    }
}

/// The response with a body that ends with an error at the limit.
pub(crate) fn limited(response: Response) -> Response {
    let response: http::Response<Body> = response.into();
    response.map(|body| Body::wrap(Limited::new(body, LIMIT))).into()
}

/// The limit, if it is the reason of this error.
pub(crate) fn exceeded(error: &reqwest::Error) -> Option<usize> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Some(LIMIT);
        }
        cause = error.source();
    }
    None
}
