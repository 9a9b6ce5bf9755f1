//! Requests tokens from a realm's token endpoint and turns its rejections into errors.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, RequestLine};
use crate::transport::http::{self, Http, request_id, url};
use crate::transport::retry::{is_passing, retry_after};
use crate::transport::server_message::{REALM_DOES_NOT_EXIST, server_words};

/// The token endpoint's response (RFC 6749, section 5.1).
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretString,
    /// In seconds.
    #[serde(default = "unknown_lifetime")]
    expires_in: i64,
}

/// The lifetime is optional (RFC 6749, section 5.1). Keycloak always returns it; this is its shortest
/// default.
fn unknown_lifetime() -> i64 {
    60
}

impl TokenResponse {
    /// How long the token is valid after it was issued.
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.expires_in).unwrap_or(0))
    }
}

/// Requests a token from the token endpoint of `realm`. Retries while the server is unavailable, but never
/// after a rejection, because each wrong password counts towards a lockout. `who` names the user or client in
/// errors.
pub(crate) async fn request_token(
    http: &Http,
    base: &str,
    realm: &str,
    who: &str,
    form: &[(&str, &str)],
) -> Result<TokenResponse, Error> {
    let line = RequestLine::new("POST", "/realms/{realm}/protocol/openid-connect/token", &[realm]);
    let url = url(base, &["realms", realm, "protocol", "openid-connect", "token"])?;
    let response = http.policy.run(&line, || attempt(http, &line, &url, form)).await?;
    let line = RequestLine { request_id: request_id(&response.headers), ..line };
    if response.status.is_success() {
        // serde's error would quote the body, which contains the token.
        let protocol = |reason: &str| Error::Protocol { request: line.clone(), reason: reason.to_owned() };
        let token: TokenResponse =
            serde_json::from_slice(&response.body).map_err(|_| protocol("it contains no access token"))?;
        if token.expires_in <= 0 {
            // Happens if a client's `access.token.lifespan` is zero or negative (observed on Keycloak
            // 26.7.3).
            return Err(protocol("the access token has already expired; check the client's token lifespan"));
        }
        return Ok(token);
    }
    Err(rejection(response.status, &response.body, line, (who, realm, base)))
}

/// Makes one attempt. A failure of the server is an `Err`, which the retry rule decides about. A rejection is an `Ok`.
async fn attempt(
    http: &Http,
    line: &RequestLine,
    url: &reqwest::Url,
    form: &[(&str, &str)],
) -> Result<http::Response, Error> {
    let response = http.send(line, http.client().post(url.clone()).form(form)).await?;
    if response.status.is_server_error() || is_passing(response.status) {
        return Err(Error::Server {
            request: RequestLine { request_id: request_id(&response.headers), ..line.clone() },
            status: response.status.as_u16(),
            message: server_words(&response.body).unwrap_or_else(|| "it issued no token".to_owned()),
            retry_after: retry_after(&response.headers),
        });
    }
    Ok(response)
}

/// The error for a rejection by the token endpoint (RFC 6749, section 5.2).
fn rejection(
    status: StatusCode,
    body: &[u8],
    line: RequestLine,
    (who, realm, base): (&str, &str, &str),
) -> Error {
    #[derive(Deserialize, Default)]
    struct Rejection {
        #[serde(default)]
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let Rejection { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
    let words = if error_description.is_empty() { &error } else { &error_description };
    if status.is_redirection() {
        let reason =
            format!("the token endpoint redirected ({}), which Keycloak never does", status.as_u16());
        return Error::Protocol { request: line, reason };
    }
    if error == REALM_DOES_NOT_EXIST {
        return Error::RealmNotFound { realm: realm.to_owned(), host: base.to_owned(), request: Some(line) };
    }
    if status == StatusCode::NOT_FOUND && words.is_empty() {
        // A page that is not from Keycloak: a base path set by the caller has not been checked before.
        let answers = format!("{} responded with 404", line.path);
        return Error::EndpointNotFound { host: base.to_owned(), answers };
    }
    let reason = match (error.as_str(), error_description.as_str()) {
        // Keycloak sends the same for a wrong password, an unknown user and a brute-force lockout.
        ("invalid_grant", "Invalid user credentials") => {
            "the user name or password is wrong, or the account is locked after too many failed attempts"
                .to_owned()
        }
        ("invalid_grant", "Account disabled") => "the account is disabled".to_owned(),
        ("invalid_grant", "Account is not fully set up") => {
            "the account has required actions; sign in to the account console once to complete them"
                .to_owned()
        }
        ("invalid_client" | "unauthorized_client", _) => {
            format!(
                "the client ID or its secret is wrong, or the client's service account is off ({})",
                words.escape_debug()
            )
        }
        _ if words.is_empty() => format!("the server responded with {}", status.as_u16()),
        _ => format!("the server responded with {}: {}", status.as_u16(), words.escape_debug()),
    };
    Error::TokenRetrieval { who: who.to_owned(), realm: realm.to_owned(), reason, request: Some(line) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;

    #[test]
    fn rejections_say_what_to_check() {
        let said = |status, body: &str| {
            let line = RequestLine::new("POST", "/token", &[]);
            rejection(
                StatusCode::from_u16(status).unwrap(),
                body.as_bytes(),
                line,
                ("admin", "master", "https://x"),
            )
        };
        let wrong = said(400, r#"{"error":"invalid_grant","error_description":"Invalid user credentials"}"#)
            .to_string();
        assert!(wrong.contains("`admin`") && wrong.contains("locked"), "{wrong}");
        let realm = said(404, r#"{"error":"Realm does not exist"}"#);
        assert_eq!(realm.hint(), Some(Hint::CheckRealm), "{realm}");
        assert!(said(401, r#"{"error":"invalid_client"}"#).to_string().contains("client ID or its secret"));
        assert!(said(400, "<html>").to_string().ends_with("the server responded with 400"));
        assert!(said(302, "").to_string().contains("redirected"));
        let page = said(404, "<html>").to_string();
        assert!(page.starts_with("no Keycloak found at https://x: /token responded with 404"), "{page}");
    }
}
