//! Finds Keycloak below the host: at the root (kdb Insights Enterprise 1.17 and later) or under `/auth`
//! (earlier versions). The result is remembered.

use std::sync::{Mutex, PoisonError};

use reqwest::StatusCode;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::error::{Error, RequestLine};
use crate::transport::connection::Connection;
use crate::transport::failure::Route;
use crate::transport::http::{Http, Response, request_id, url};
use crate::transport::retry::{Retryable as _, retry_after};
use crate::transport::server_message::REALM_DOES_NOT_EXIST;
use crate::transport::stranger::sender;

/// The prefixes in the order they are tried, each with the path to request.
const PREFIXES: [(&str, &str); 2] = [("", "/realms/{realm}"), ("/auth", "/auth/realms/{realm}")];

/// The address of Keycloak, found once and shared by all clones of a manager.
#[derive(Debug)]
pub(crate) struct Endpoint {
    server: String,
    realm: String,
    base: OnceCell<String>,
    /// The number of failed searches, and the error of the last one.
    failed: Mutex<(usize, Option<Error>)>,
}

impl Endpoint {
    pub(crate) fn new(connection: &Connection) -> Self {
        let known = connection.base_path.as_ref().map(|path| format!("{}{path}", connection.server));
        Self {
            server: connection.server.clone(),
            realm: connection.realm.clone(),
            base: OnceCell::new_with(known),
            failed: Mutex::default(),
        }
    }

    /// Keycloak's base address without a trailing slash. It is remembered once it has been found.
    pub(crate) async fn base(&self, http: &Http) -> Result<&str, Error> {
        let before = self.failed(None).0;
        let find = || async {
            // Callers that waited for a failed search get its error. If twenty callers searched one after
            // another, they would wait twenty times as long for an unavailable server.
            match self.failed(None) {
                (count, Some(failure)) if count != before => Err(failure),
                _ => self.find(http).await.inspect_err(|failure| drop(self.failed(Some(failure)))),
            }
        };
        self.base.get_or_try_init(find).await.map(String::as_str)
    }

    /// Whether the realm exists. Finds the base address first if it is not known yet. A base path that the
    /// caller set is checked by this request.
    pub(crate) async fn realm_exists(&self, http: &Http) -> Result<bool, Error> {
        let base = self.base(http).await?;
        let line = RequestLine::new("GET", "/realms/{realm}", &[&self.realm]);
        let attempt = || async {
            self.ask(http, &line, base).await?.map_err(|stranger| stranger.into_error(&http.route, base))
        };
        http.policy.run(&line, attempt).await
    }

    async fn find(&self, http: &Http) -> Result<String, Error> {
        let line = RequestLine::new("GET", "/realms/{realm}", &[&self.realm]);
        http.policy.run(&line, || self.probe(http)).await
    }

    /// Counts this failed search if there is one; returns the number of failed searches and the last error.
    fn failed(&self, failure: Option<&Error>) -> (usize, Option<Error>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = failure {
            *failed = (failed.0 + 1, Some(failure.clone()));
        }
        failed.clone()
    }

    async fn probe(&self, http: &Http) -> Result<String, Error> {
        let mut strangers = Vec::new();
        for (prefix, template) in PREFIXES {
            let line = RequestLine::new("GET", template, &[&self.realm]);
            let base = format!("{}{prefix}", self.server);
            match self.ask(http, &line, &base).await? {
                Ok(_) => return Ok(base),
                Err(stranger) => strangers.push(stranger),
            }
        }
        Err(nowhere(&http.route, &self.server, strangers))
    }

    /// Asks for the realm below `base` and returns whether it exists, or what responded instead of Keycloak.
    async fn ask(
        &self,
        http: &Http,
        line: &RequestLine,
        base: &str,
    ) -> Result<Result<bool, Stranger>, Error> {
        let url = url(base, &["realms", &self.realm])?;
        let response = http.send(line, http.client().get(url)).await?;
        Ok(realm(&response).ok_or_else(|| Stranger::new(line, &response)))
    }
}

/// The error if Keycloak is at none of the addresses. A server that is away for a moment says more than one that knows
/// no Keycloak.
fn nowhere(route: &Route, host: &str, mut strangers: Vec<Stranger>) -> Error {
    // The sort is stable: of the same kind, the last address counts.
    strangers
        .sort_by_key(|stranger| stranger.failure.as_ref().and_then(Error::retry).map(|retry| !retry.once));
    let answers = strangers.iter().map(|stranger| stranger.answer.as_str()).collect::<Vec<_>>().join(", ");
    let failure = strangers.pop().and_then(|stranger| stranger.failure);
    failure.unwrap_or_else(|| route.no_keycloak(host, answers))
}

/// A response that is not Keycloak's.
#[derive(Debug)]
struct Stranger {
    /// The path, and what responded there.
    answer: String,
    /// The failure of the server, if its status says that it failed or limits the rate of requests.
    failure: Option<Error>,
}

impl Stranger {
    fn new(line: &RequestLine, Response { status, headers, body }: &Response) -> Self {
        let sender = sender(headers, body);
        let failed = status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS;
        let failure = failed.then(|| Error::Server {
            request: RequestLine { request_id: request_id(headers), ..line.clone() },
            status: status.as_u16(),
            message: match *status {
                StatusCode::TOO_MANY_REQUESTS => format!("the server limits the rate of requests ({sender})"),
                _ => format!("Keycloak is unavailable or still starting ({sender})"),
            },
            retry_after: retry_after(headers),
        });
        let what = match *status {
            StatusCode::OK => format!("responded with 200, but is not Keycloak ({sender})"),
            status if status.is_redirection() => format!("redirected ({})", status.as_u16()),
            status => format!("responded with {} ({sender})", status.as_u16()),
        };
        Self { answer: format!("{} {what}", line.path), failure }
    }

    fn into_error(self, route: &Route, host: &str) -> Error {
        nowhere(route, host, vec![self])
    }
}

/// Whether the realm exists, if Keycloak responded. A prefix is correct if Keycloak itself responds with 200, or with
/// its own 404 for an unknown realm. Any other response (a 503 while the server starts, HTML from a gateway, a redirect
/// to a sign-in page) proves nothing.
fn realm(response: &Response) -> Option<bool> {
    #[derive(Deserialize)]
    struct Body {
        realm: Option<String>,
        error: Option<String>,
    }
    let body: Body = serde_json::from_slice(&response.body).ok()?;
    match response.status {
        StatusCode::OK => body.realm.is_some().then_some(true),
        StatusCode::NOT_FOUND => (body.error? == REALM_DOES_NOT_EXIST).then_some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn response(status: u16, body: &str) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        Response { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn only_keycloaks_own_responses_are_accepted() {
        let yes = [
            (200, r#"{"realm":"insights","public_key":"k"}"#, true),
            (404, r#"{"error":"Realm does not exist"}"#, false),
        ];
        for (status, body, exists) in yes {
            assert_eq!(realm(&response(status, body)), Some(exists));
        }
        let no = [
            (200, "<html>console</html>"),
            (200, "{}"),
            (404, "<html><body><h1>Resource not found</h1></body></html>"),
            (404, r#"{"error":"no route"}"#),
            (302, ""),
            (503, ""),
            (500, r#"{"error":"Realm does not exist"}"#),
        ];
        for (status, body) in no {
            assert_eq!(realm(&response(status, body)), None, "{status} {body}");
        }
    }

    #[test]
    fn a_server_that_is_away_counts_more_than_one_that_fails_and_that_more_than_no_keycloak() {
        let error = |statuses: [u16; 2]| {
            let stranger = |status| Stranger::new(&RequestLine::new("GET", "/x", &[]), &response(status, ""));
            nowhere(&Route::default(), "https://x", statuses.map(stranger).into())
        };
        for (statuses, status) in [([503, 500], 503), ([500, 503], 503), ([500, 404], 500), ([404, 429], 429)]
        {
            let found = error(statuses);
            assert_eq!((found.is_unavailable(), found.status()), (true, Some(status)), "{found}");
        }
        let nowhere = error([404, 403]).to_string();
        assert_eq!(
            nowhere,
            "no Keycloak found at https://x: /x responded with 404 (no content), /x responded with 403 (no content)"
        );
    }
}
