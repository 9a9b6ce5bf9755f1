//! The HTTP client that every request goes through.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, StatusCode, Url};

use crate::connection::Connection;
use crate::error::{Error, RequestLine};

/// One connection pool, and what an error needs to know about it.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    host: String,
    timeout: Duration,
}

impl Http {
    /// No redirects (a sign-in page must not pass for an answer, and a password must not travel
    /// on), no proxy from the process's environment, the timeout per request.
    pub(crate) fn new(connection: &Connection) -> Result<Self, Error> {
        let client = reqwest::Client::builder()
            .timeout(connection.timeout)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("kxi-auth/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::HttpClient { reason: crate::error::innermost(&error) })?;
        Ok(Self { client, host: connection.host.clone(), timeout: connection.timeout })
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(
        &self,
        line: &RequestLine,
        request: RequestBuilder,
    ) -> Result<(StatusCode, Vec<u8>), Error> {
        let response = request.send().await.map_err(|error| self.failed(line, error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.failed(line, error))?;
        Ok((status, body.to_vec()))
    }

    /// What a transport failure of the request `line` means.
    pub(crate) fn failed(&self, line: &RequestLine, error: reqwest::Error) -> Error {
        Error::transport(line.clone(), &self.host, self.timeout.as_secs_f64(), error)
    }
}

/// `base` with path segments added, each encoded.
pub(crate) fn url(base: &str, segments: &[&str]) -> Result<Url, Error> {
    let mut url = Url::parse(base).map_err(|error| Error::invalid("host", error.to_string()))?;
    match url.path_segments_mut() {
        Ok(mut path) => path.pop_if_empty().extend(segments),
        Err(()) => return Err(Error::invalid("host", "it cannot carry a path")),
    };
    Ok(url)
}
