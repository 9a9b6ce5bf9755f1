//! The token endpoint of a realm: what is asked of it and what its refusals mean.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, RequestLine};
use crate::transport::http::{self, Http, request_id, url};
use crate::transport::retry::{is_passing, retry_after};
use crate::transport::server_message::{REALM_DOES_NOT_EXIST, server_words};

/// The token endpoint's answer (RFC 6749, 5.1).
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretString,
    /// Seconds.
    #[serde(default = "unknown_lifetime")]
    expires_in: i64,
}

/// The lifetime is optional (RFC 6749, 5.1). Keycloak always tells it; this is its shortest default.
fn unknown_lifetime() -> i64 {
    60
}

impl TokenResponse {
    /// How long the token lives from its issue on.
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.expires_in).unwrap_or(0))
    }
}

/// Asks the token endpoint of `realm`, again while the server is away, but never after it refused:
/// each wrong password counts towards a lock-out. `who` names the user or client in errors.
pub(crate) async fn request_token(
    http: &Http,
    base: &str,
    realm: &str,
    who: &str,
    form: &[(&str, &str)],
) -> Result<TokenResponse, Error> {
    let line = RequestLine::new("POST", "/realms/{realm}/protocol/openid-connect/token", &[realm]);
    let url = url(base, &["realms", realm, "protocol", "openid-connect", "token"])?;
    let response = http.policy.run(&line, || ask(http, &line, &url, form)).await?;
    let line = RequestLine { request_id: request_id(&response.headers), ..line };
    if response.status.is_success() {
        // serde's error would quote the body, and with it the token.
        let protocol = |reason: &str| Error::Protocol { request: line.clone(), reason: reason.to_owned() };
        let given: TokenResponse =
            serde_json::from_slice(&response.body).map_err(|_| protocol("no access token in it"))?;
        if given.expires_in <= 0 {
            // Seen where a client's `access.token.lifespan` is zero or negative (26.7.3).
            return Err(protocol("the access token has no lifetime left; check the client's token lifespan"));
        }
        return Ok(given);
    }
    Err(refusal(response.status, &response.body, line, (who, realm, base)))
}

/// One attempt. A server error is a failure, so that it can be repeated; a refusal is an answer.
async fn ask(
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
            message: server_words(&response.body).unwrap_or_else(|| "no token is given".to_owned()),
            retry_after: retry_after(&response.headers),
        });
    }
    Ok(response)
}

/// The token endpoint's refusal (RFC 6749, 5.2) in words that help.
fn refusal(
    status: StatusCode,
    body: &[u8],
    line: RequestLine,
    (who, realm, base): (&str, &str, &str),
) -> Error {
    #[derive(Deserialize, Default)]
    struct Refusal {
        #[serde(default)]
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let Refusal { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
    let words = if error_description.is_empty() { &error } else { &error_description };
    if status.is_redirection() {
        let reason = format!("the token endpoint redirects ({}), which Keycloak never does", status.as_u16());
        return Error::Protocol { request: line, reason };
    }
    if error == REALM_DOES_NOT_EXIST {
        return Error::RealmNotFound { realm: realm.to_owned(), host: base.to_owned(), request: Some(line) };
    }
    if status == StatusCode::NOT_FOUND && words.is_empty() {
        // A page, not Keycloak: a base path that was given is not probed.
        let answers = format!("{} answers 404", line.path);
        return Error::EndpointNotFound { host: base.to_owned(), answers };
    }
    let reason = match (error.as_str(), error_description.as_str()) {
        // Keycloak says the same for a wrong password, an unknown user and a brute-force lock-out.
        ("invalid_grant", "Invalid user credentials") => {
            "the user name or password is wrong, or the account is locked after too many attempts".to_owned()
        }
        ("invalid_grant", "Account disabled") => "the account is disabled".to_owned(),
        ("invalid_grant", "Account is not fully set up") => {
            "the account has pending actions; sign in to the console once to finish them".to_owned()
        }
        ("invalid_client" | "unauthorized_client", _) => {
            format!(
                "the client id or its secret is wrong, or its service account is off ({})",
                words.escape_debug()
            )
        }
        _ if words.is_empty() => format!("the server answers {}", status.as_u16()),
        _ => format!("the server answers {}: {}", status.as_u16(), words.escape_debug()),
    };
    Error::TokenRetrieval { who: who.to_owned(), realm: realm.to_owned(), reason, request: Some(line) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;

    #[test]
    fn refusals_say_what_to_check() {
        let said = |status, body: &str| {
            let line = RequestLine::new("POST", "/token", &[]);
            refusal(
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
        assert!(said(401, r#"{"error":"invalid_client"}"#).to_string().contains("client id or its secret"));
        assert!(said(400, "<html>").to_string().ends_with("the server answers 400"));
        assert!(said(302, "").to_string().contains("redirects"));
        let page = said(404, "<html>").to_string();
        assert!(page.starts_with("no Keycloak found at https://x: /token answers 404"), "{page}");
    }
}
