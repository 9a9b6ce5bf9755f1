//! Where Keycloak is below the host: at the root (kdb Insights Enterprise from 1.17) or under
//! `/auth` (before). It is asked once and remembered.

use reqwest::StatusCode;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::connection::Connection;
use crate::error::{Error, RequestLine};
use crate::http::{Http, url};

/// Prefixes in the order they are tried.
const PREFIXES: [&str; 2] = ["", "/auth"];
/// Keycloak's words for a realm that it does not have: the prefix is right all the same.
const UNKNOWN_REALM: &str = "Realm does not exist";

/// The address of Keycloak, found once and shared by all clones of a manager.
#[derive(Debug)]
pub(crate) struct Endpoint {
    host: String,
    realm: String,
    base: OnceCell<String>,
}

impl Endpoint {
    pub(crate) fn new(connection: &Connection) -> Self {
        let known = connection.base_path.as_ref().map(|path| format!("{}{path}", connection.host));
        Self {
            host: connection.host.clone(),
            realm: connection.realm.clone(),
            base: OnceCell::new_with(known),
        }
    }

    /// Keycloak's base address without a trailing slash; only a found one is remembered.
    pub(crate) async fn base(&self, http: &Http) -> Result<&str, Error> {
        self.base.get_or_try_init(|| self.probe(http)).await.map(String::as_str)
    }

    async fn probe(&self, http: &Http) -> Result<String, Error> {
        let mut answers = Vec::new();
        for prefix in PREFIXES {
            match self.ask(http, prefix).await? {
                Answer::Keycloak => return Ok(format!("{}{prefix}", self.host)),
                Answer::Other(what) => answers.push(format!("{prefix}/realms/{} {what}", self.realm)),
            }
        }
        Err(Error::EndpointNotFound { host: self.host.clone(), answers: answers.join(", ") })
    }

    async fn ask(&self, http: &Http, prefix: &str) -> Result<Answer, Error> {
        let line = RequestLine::new("GET", format!("{prefix}/realms/{}", self.realm));
        let url = url(&format!("{}{prefix}", self.host), &["realms", &self.realm])?;
        let (status, body) = http.send(&line, http.client().get(url)).await?;
        Ok(judge(status, &body))
    }
}

/// What an address turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Keycloak,
    Other(String),
}

/// A prefix is right on Keycloak's own 200 or its own 404 for an unknown realm. All else (a 503
/// while the server starts, a gateway's HTML, a redirect to a sign-in page) proves nothing.
fn judge(status: StatusCode, body: &[u8]) -> Answer {
    #[derive(Deserialize)]
    struct Body {
        realm: Option<String>,
        error: Option<String>,
    }
    let body: Option<Body> = serde_json::from_slice(body).ok();
    match (status, body) {
        (StatusCode::OK, Some(Body { realm: Some(_), .. })) => Answer::Keycloak,
        (StatusCode::NOT_FOUND, Some(Body { error: Some(error), .. })) if error == UNKNOWN_REALM => {
            Answer::Keycloak
        }
        (StatusCode::OK, _) => Answer::Other("answers 200, but not as Keycloak does".to_owned()),
        (StatusCode::SERVICE_UNAVAILABLE, _) => {
            Answer::Other("answers 503, it may still be starting".to_owned())
        }
        (status, _) if status.is_redirection() => Answer::Other(format!("redirects ({})", status.as_u16())),
        (status, _) => Answer::Other(format!("answers {}", status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keycloaks_own_answers_are_accepted() {
        let yes =
            [(200, r#"{"realm":"insights","public_key":"k"}"#), (404, r#"{"error":"Realm does not exist"}"#)];
        for (status, body) in yes {
            assert_eq!(judge(StatusCode::from_u16(status).unwrap(), body.as_bytes()), Answer::Keycloak);
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
            let answer = judge(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert!(matches!(answer, Answer::Other(_)), "{status} {body}");
        }
    }
}
