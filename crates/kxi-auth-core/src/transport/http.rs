//! The HTTP client that every request goes through.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Proxy, RequestBuilder, StatusCode, Url};
use secrecy::ExposeSecret as _;

use crate::error::{Error, RequestLine};
use crate::transport::connection::{Connection, Credentials, HttpClient};
use crate::transport::failure::{innermost, transport_error};
use crate::transport::retry::RetryPolicy;

/// One connection pool, and what each request through it has to observe.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: HttpClient,
    server: String,
    /// For one attempt, its whole answer included.
    timeout: Duration,
    pub(crate) policy: RetryPolicy,
}

/// A whole answer.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(connection: &Connection) -> Result<Self, Error> {
        let client = match &connection.credentials {
            Credentials::Session(session) => session.clone(),
            _ => HttpClient(build(connection)?),
        };
        Ok(Self {
            client,
            server: connection.server.clone(),
            timeout: connection.timeout,
            policy: connection.policy,
        })
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client.0
    }

    /// Sends a request once and reads the whole answer. One that came from elsewhere, as a session's
    /// client may follow redirects, is none.
    pub(crate) async fn send(&self, line: &RequestLine, request: RequestBuilder) -> Result<Response, Error> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| self.failed(line, error))?;
        let asked = request.url().clone();
        let whole = async {
            let response = client.execute(request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            tracing::Span::current().record("status", status.as_u16());
            let elsewhere = *response.url() != asked;
            Ok((elsewhere, Response { status, headers, body: response.bytes().await?.to_vec() }))
        };
        let (elsewhere, response) =
            self.within_timeout(line, whole).await?.map_err(|error| self.failed(line, error))?;
        if elsewhere {
            let reason =
                "the HTTP client of the session follows redirects; build it with redirect::Policy::none()";
            return Err(Error::Protocol { request: line.clone(), reason: reason.to_owned() });
        }
        Ok(response)
    }

    /// The outcome of one attempt, if it comes in time.
    pub(crate) async fn within_timeout<T>(
        &self,
        line: &RequestLine,
        attempt: impl Future<Output = T> + Send,
    ) -> Result<T, Error> {
        tokio::time::timeout(self.timeout, attempt)
            .await
            .map_err(|_| Error::timeout(line.clone(), self.timeout))
    }

    /// What a transport failure of the request `line` means.
    pub(crate) fn failed(&self, line: &RequestLine, error: reqwest::Error) -> Error {
        transport_error(line.clone(), &self.server, self.timeout, error)
    }
}

/// The id that a gateway gave the request, where its answer tells it. Cut, as it goes into errors.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    Some(id.chars().take(128).collect())
}

/// No redirects (a sign-in page must not pass for an answer, and a password must not travel on), and
/// no proxy from the process's environment.
fn build(connection: &Connection) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(connection.user_agent.as_str());
    if let Some(proxy) = &connection.proxy {
        // Its words could quote the address, which can hold a password.
        let proxy = Proxy::all(proxy.expose_secret())
            .map_err(|_| Error::invalid("proxy", "it is no URL such as http://proxy.example.com:3128"))?;
        builder = builder.proxy(proxy);
    }
    if let Some(pem) = &connection.ca_certificate {
        builder = builder.tls_certs_merge(certificates(pem)?);
    }
    builder.build().map_err(|error| Error::HttpClient { reason: innermost(&error) })
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    let certificates = Certificate::from_pem_bundle(pem)
        .map_err(|error| Error::invalid("CA certificate", innermost(&error)))?;
    if certificates.is_empty() {
        return Err(Error::invalid("CA certificate", "it holds no certificate in PEM form"));
    }
    Ok(certificates)
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
