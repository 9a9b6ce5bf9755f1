//! Finds Keycloak below the host: at the root (kdb Insights Enterprise 1.17 and later) or under `/auth`
//! (earlier versions). The result is remembered.

use std::sync::{Mutex, PoisonError};

use reqwest::StatusCode;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::error::{Error, RequestLine};
use crate::transport::connection::Connection;
use crate::transport::http::{Http, Response, request_id, url};
use crate::transport::retry::{is_passing, retry_after};
use crate::transport::server_message::REALM_DOES_NOT_EXIST;

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
        let url = url(base, &["realms", &self.realm])?;
        let attempt = || async {
            let response = http.send(&line, http.client().get(url.clone())).await?;
            match judge(response.status, &response.body) {
                Verdict::Keycloak { realm } => Ok(realm),
                Verdict::Other(_) if is_passing(response.status) => Err(unavailable(&line, &response)),
                Verdict::Other(what) => Err(Error::EndpointNotFound {
                    host: base.to_owned(),
                    answers: format!("{} {what}", line.path),
                }),
            }
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
        let mut answers = Vec::new();
        let mut last = None;
        for (prefix, template) in PREFIXES {
            let line = RequestLine::new("GET", template, &[&self.realm]);
            let url = url(&format!("{}{prefix}", self.server), &["realms", &self.realm])?;
            let response = http.send(&line, http.client().get(url)).await?;
            match judge(response.status, &response.body) {
                Verdict::Keycloak { .. } => return Ok(format!("{}{prefix}", self.server)),
                Verdict::Other(what) => answers.push(format!("{} {what}", line.path)),
            }
            if is_passing(response.status) {
                last = Some(unavailable(&line, &response));
            }
        }
        let nowhere = Error::EndpointNotFound { host: self.server.clone(), answers: answers.join(", ") };
        Err(last.unwrap_or(nowhere))
    }
}

fn unavailable(line: &RequestLine, response: &Response) -> Error {
    Error::Server {
        request: RequestLine { request_id: request_id(&response.headers), ..line.clone() },
        status: response.status.as_u16(),
        message: match response.status {
            StatusCode::TOO_MANY_REQUESTS => "the server limits the rate of requests".to_owned(),
            _ => "Keycloak is unavailable or still starting".to_owned(),
        },
        retry_after: retry_after(&response.headers),
    }
}

/// What responds at an address.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Keycloak.
    Keycloak {
        /// Whether the realm exists.
        realm: bool,
    },
    /// Something else, with a description of its response.
    Other(String),
}

/// A prefix is correct if Keycloak itself responds with 200, or with its own 404 for an unknown realm. Any
/// other response (a 503 while the server starts, HTML from a gateway, a redirect to a sign-in page) proves
/// nothing.
fn judge(status: StatusCode, body: &[u8]) -> Verdict {
    #[derive(Deserialize)]
    struct Body {
        realm: Option<String>,
        error: Option<String>,
    }
    let body: Option<Body> = serde_json::from_slice(body).ok();
    match (status, body) {
        (StatusCode::OK, Some(Body { realm: Some(_), .. })) => Verdict::Keycloak { realm: true },
        (StatusCode::NOT_FOUND, Some(Body { error: Some(error), .. })) if error == REALM_DOES_NOT_EXIST => {
            Verdict::Keycloak { realm: false }
        }
        (StatusCode::OK, _) => Verdict::Other("responded with 200, but is not Keycloak".to_owned()),
        (StatusCode::SERVICE_UNAVAILABLE, _) => {
            Verdict::Other("responded with 503 (it may still be starting)".to_owned())
        }
        (status, _) if status.is_redirection() => Verdict::Other(format!("redirected ({})", status.as_u16())),
        (status, _) => Verdict::Other(format!("responded with {}", status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keycloaks_own_responses_are_accepted() {
        let yes = [
            (200, r#"{"realm":"insights","public_key":"k"}"#, true),
            (404, r#"{"error":"Realm does not exist"}"#, false),
        ];
        for (status, body, realm) in yes {
            let response = judge(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!(response, Verdict::Keycloak { realm });
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
            let response = judge(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert!(matches!(response, Verdict::Other(_)), "{status} {body}");
        }
    }
}
