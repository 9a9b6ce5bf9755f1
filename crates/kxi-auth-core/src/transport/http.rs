//! The HTTP client that every request goes through.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Proxy, Request, RequestBuilder, StatusCode, Url};
use secrecy::ExposeSecret as _;

use crate::error::{Error, RequestLine};
use crate::model::proxy::proxy_credentials;
use crate::model::text::{NotText, decode_text};
use crate::transport::budget::{Budget, Content, Reserved, Unread};
use crate::transport::connection::{Connection, Credentials, HttpClient};
use crate::transport::failure::{Route, innermost, transport_error};
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
use crate::transport::own_certificate;
use crate::transport::retry::RetryPolicy;

/// A connection pool, with the limits that apply to each request.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: HttpClient,
    pub(crate) route: Route,
    /// Time limit for one attempt, including the whole response.
    timeout: Duration,
    pub(crate) policy: RetryPolicy,
    budget: Arc<Budget>,
}

/// A response that was read completely.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(connection: &Connection) -> Result<Self, Error> {
        let (client, proxy) = match &connection.credentials {
            // It has its own proxy, if any.
            Credentials::Session(session) => (session.clone(), None),
            _ => (HttpClient(build(connection)?), connection.proxy.as_ref()),
        };
        let proxy = proxy.map(|proxy| without_credentials(proxy.expose_secret()));
        Ok(Self {
            client,
            route: Route::new(connection, proxy),
            timeout: connection.timeout,
            policy: connection.policy,
            budget: Arc::new(Budget::new(connection.response_limit)),
        })
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client.0
    }

    /// Sends a request once and reads the whole response.
    pub(crate) async fn send(&self, line: &RequestLine, request: RequestBuilder) -> Result<Response, Error> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| self.failed(line, error))?;
        let whole = self.within_timeout(line, self.receive(&client, request, Content::Short)).await?;
        whole.map(|(response, _)| response).map_err(|unread| self.unread(line, unread))
    }

    /// Sends a request once and reads the whole response. The memory to decode it is reserved.
    pub(crate) async fn receive(
        &self,
        client: &reqwest::Client,
        request: Request,
        content: Content,
    ) -> Result<(Response, Reserved), Unread> {
        let requested = request.url().clone();
        let response = sent(client, request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        tracing::Span::current().record("status", status.as_u16());
        if *response.url() != requested {
            return Err(Unread::Elsewhere);
        }
        let (body, reserved) = self.budget.read(response, content).await?;
        Ok((Response { status, headers, body }, reserved))
    }

    /// The error for a response that was not read.
    pub(crate) fn unread(&self, line: &RequestLine, unread: Unread) -> Error {
        let request = line.clone();
        match unread {
            Unread::Transport(error) => self.failed(line, error),
            Unread::Elsewhere => {
                let reason = "the HTTP client of the session follows redirects; build it with redirect::Policy::none()";
                Error::Protocol { request, reason: reason.to_owned() }
            }
            Unread::TooLong(limit) => Error::ResponseTooLarge { request, limit, decoded: false },
            Unread::TooHeavy(limit) => Error::ResponseTooLarge { request, limit, decoded: true },
        }
    }

    /// The outcome of one attempt, or a timeout.
    pub(crate) async fn within_timeout<T>(
        &self,
        line: &RequestLine,
        attempt: impl Future<Output = T> + Send,
    ) -> Result<T, Error> {
        tokio::time::timeout(self.timeout, attempt).await.map_err(|_| Error::Timeout {
            request: line.clone(),
            timeout: self.timeout,
            proxy: self.route.proxy.clone(),
        })
    }

    /// The error for a transport failure of the request `line`.
    pub(crate) fn failed(&self, line: &RequestLine, error: reqwest::Error) -> Error {
        transport_error(line.clone(), &self.route, self.timeout, error)
    }
}

/// Sends the request, unless the response comes from a script.
async fn sent(client: &reqwest::Client, request: Request) -> reqwest::Result<reqwest::Response> {
    #[cfg(any(test, fuzzing))]
    if let Some(response) = crate::transport::scripted::respond(&request) {
        return Ok(response);
    }
    client.execute(request).await
}

/// The ID that a gateway assigned to the request, if the response contains it. Cut to a length that suits
/// error messages.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    Some(id.chars().take(128).collect())
}

/// Builds a client that follows no redirects, so that a sign-in page does not pass for a response and a
/// password is not sent elsewhere. It ignores proxies in the process's environment.
fn build(connection: &Connection) -> Result<reqwest::Client, Error> {
    #[cfg(any(test, fuzzing))]
    if let Some(client) = crate::transport::scripted::client() {
        return Ok(client);
    }
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(connection.user_agent.as_str());
    if let Some(proxy) = &connection.proxy {
        // The error could quote the address, which can contain a password.
        let proxy = Proxy::all(proxy.expose_secret())
            .map_err(|_| Error::invalid("proxy", "it is not a URL such as http://proxy.example.com:3128"))?;
        builder = builder.proxy(proxy);
    }
    if let Some(pem) = &connection.ca_certificate {
        builder = trusting(builder, text_of(pem)?)?;
    }
    builder.build().map_err(|error| Error::HttpClient { reason: innermost(&error) })
}

/// Trusts these certificates in addition to the system's, also as the server's own.
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
fn trusting(builder: ClientBuilder, pem: &[u8]) -> Result<ClientBuilder, Error> {
    Ok(builder.tls_backend_preconfigured(own_certificate::tls(pem)?))
}

/// Trusts these certificates in addition to the system's, also as the server's own.
#[cfg(not(all(feature = "rustls", not(feature = "native-tls"))))]
fn trusting(builder: ClientBuilder, pem: &[u8]) -> Result<ClientBuilder, Error> {
    let certificates = reqwest::Certificate::from_pem_bundle(pem)
        .map_err(|error| Error::invalid("CA certificate", innermost(&error)))?;
    if certificates.is_empty() {
        return Err(Error::invalid("CA certificate", "it contains no certificate in PEM format"));
    }
    Ok(builder.tls_certs_merge(certificates))
}

/// The text of a certificate file without its byte order mark.
fn text_of(pem: &[u8]) -> Result<&[u8], Error> {
    match decode_text(pem) {
        Ok(text) => Ok(text.as_bytes()),
        Err(error @ NotText::Encoding { .. }) => Err(Error::invalid("CA certificate", error.to_string())),
        // Comments between the certificates may be in any encoding.
        Err(NotText::Invalid { .. }) => Ok(pem),
    }
}

/// A proxy's address without its credentials.
fn without_credentials(proxy: &str) -> String {
    let mut shown = proxy.to_owned();
    if let Some(range) = proxy_credentials(proxy) {
        // The `@` goes with them.
        shown.replace_range(range.start..=range.end, "");
    }
    shown
}

/// Adds path segments to `base`, each percent-encoded.
pub(crate) fn url(base: &str, segments: &[&str]) -> Result<Url, Error> {
    let mut url = Url::parse(base).map_err(|error| Error::invalid("host", error.to_string()))?;
    match url.path_segments_mut() {
        Ok(mut path) => path.pop_if_empty().extend(segments),
        Err(()) => return Err(Error::invalid("host", "it cannot have a path")),
    };
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_credentials() {
        for (given, shown) in [
            ("http://u:p@proxy:3128", "http://proxy:3128"),
            ("u:p@proxy:3128", "proxy:3128"),
            ("http://u:p/@w@proxy", "http://proxy"),
            ("http://proxy:3128", "http://proxy:3128"),
            ("u:p://w@proxy", "proxy"),
        ] {
            assert_eq!(without_credentials(given), shown);
        }
    }
}
