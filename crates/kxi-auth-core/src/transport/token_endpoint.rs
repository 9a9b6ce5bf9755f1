//! Requests tokens from a realm's token endpoint and turns its rejections into errors.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, Hint, RequestLine, plain};
use crate::transport::failure::Route;
use crate::transport::http::{Http, Response, request_id, url};
use crate::transport::retry::{is_passing, retry_after};
use crate::transport::server_message::{REALM_DOES_NOT_EXIST, server_words};
use crate::transport::sign_in_words::{Grant, meaning};
use crate::transport::stranger::{is_page, sender, stranger};

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

/// A sign-in, as errors name it.
struct SignIn<'a> {
    line: RequestLine,
    route: &'a Route,
    grant: Grant,
    base: &'a str,
    realm: &'a str,
    /// The user name or client ID.
    who: &'a str,
}

/// Requests a token from the token endpoint of `realm`. Retries while the server is unavailable, and once if something
/// other than Keycloak responds, but never after a rejection, because each wrong password counts towards a lockout.
/// `who` names the user or client in errors.
pub(crate) async fn request_token(
    http: &Http,
    base: &str,
    realm: &str,
    who: &str,
    form: &[(&str, &str)],
) -> Result<TokenResponse, Error> {
    let line = RequestLine::new("POST", "/realms/{realm}/protocol/openid-connect/token", &[realm]);
    let url = url(base, &["realms", realm, "protocol", "openid-connect", "token"])?;
    let grant = if form.contains(&("grant_type", "password")) { Grant::Password } else { Grant::Client };
    let attempt = || async {
        let response = http.send(&line, http.client().post(url.clone()).form(form)).await?;
        let line = RequestLine { request_id: request_id(&response.headers), ..line.clone() };
        SignIn { line, route: &http.route, grant, base, realm, who }.judge(&response)
    };
    http.policy.run(&line, attempt).await
}

impl SignIn<'_> {
    /// The token in the response, or what the response means.
    fn judge(self, response: &Response) -> Result<TokenResponse, Error> {
        if !response.status.is_success() {
            return Err(self.rejection(response));
        }
        // serde's error would quote the body, which can contain the token. Keycloak never sends a 200 without one.
        let token = serde_json::from_slice::<TokenResponse>(&response.body).ok();
        let Some(token) = token.filter(|_| !is_page(&response.headers)) else {
            return Err(self.not_keycloak(response));
        };
        let Self { line, .. } = self;
        let protocol = |reason: &str| Error::Protocol { request: line.clone(), reason: reason.to_owned() };
        if token.expires_in <= 0 {
            // Happens if a client's `access.token.lifespan` is zero or negative (observed on Keycloak
            // 26.7.3).
            return Err(protocol("the access token has already expired; check the client's token lifespan"));
        }
        Ok(token)
    }

    /// The error for a response without a token. Only words of Keycloak's own say that the sign-in is rejected; any
    /// other response says nothing about the credentials.
    fn rejection(self, response: &Response) -> Error {
        let Response { status, headers, body } = response;
        let OauthError { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
        let words = if error_description.is_empty() { &error } else { &error_description };
        if status.is_redirection() {
            let reason =
                format!("the token endpoint redirected ({}), which Keycloak never does", status.as_u16());
            return Error::Protocol { request: self.line, reason };
        }
        if error == REALM_DOES_NOT_EXIST {
            let (realm, host) = (self.realm.to_owned(), self.base.to_owned());
            let hint = Some(Hint::CheckRealm);
            return Error::RealmNotFound { realm, host, hint, request: Some(self.line) };
        }
        let meaning = meaning(self.grant, &error, &error_description);
        let hint = meaning.and_then(|(_, hint)| hint);
        let reason = match meaning {
            Some((reason, _)) => format!("{reason} ({})", plain(words, LONGEST)),
            None => plain(words, LONGEST),
        };
        if status.is_client_error() && REFUSALS.contains(&error.as_str()) {
            let (who, realm) = (self.who.to_owned(), self.realm.to_owned());
            return Error::TokenRetrieval { who, realm, reason, hint, request: Some(self.line) };
        }
        if status.is_server_error() || is_passing(*status) {
            return Error::Server {
                request: self.line,
                status: status.as_u16(),
                message: server_words(body).unwrap_or_else(|| stranger(*status, headers, body)),
                retry_after: retry_after(headers),
            };
        }
        if is_oauth_code(&error) {
            return Error::Rejected { request: self.line, status: status.as_u16(), message: reason, hint };
        }
        if *status == StatusCode::NOT_FOUND {
            // A base path set by the caller has not been checked before.
            let answers = format!("{} responded with 404 ({})", self.line.path, sender(headers, body));
            return self.route.no_keycloak(self.base, answers);
        }
        self.not_keycloak(response)
    }

    fn not_keycloak(self, response: &Response) -> Error {
        let Response { status, headers, body } = response;
        let answer = stranger(*status, headers, body);
        Error::NotKeycloak { request: self.line, status: status.as_u16(), answer }
    }
}

/// An error of the token endpoint (RFC 6749, section 5.2).
#[derive(Deserialize, Default)]
#[serde(default)]
struct OauthError {
    error: String,
    error_description: String,
}

/// The error codes by which Keycloak rejects credentials or a kind of sign-in (observed on Keycloak 22.0.5 to 26.7.3).
const REFUSALS: [&str; 3] = ["invalid_grant", "invalid_client", "unauthorized_client"];

/// The longest message of the server that is shown.
const LONGEST: usize = 500;

/// Whether this is an error code of OAuth, such as `invalid_request`. A gateway's JSON says `Forbidden` or has no code.
fn is_oauth_code(error: &str) -> bool {
    !error.is_empty() && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use reqwest::header::CONTENT_TYPE;

    use super::*;
    use crate::error::Hint;

    fn judged(status: u16, kind: &str, body: &str) -> Error {
        let line = RequestLine::new("POST", "/token", &[]);
        let (route, grant) = (&Route::default(), Grant::Password);
        let sign_in = SignIn { line, route, grant, base: "https://x", realm: "master", who: "admin" };
        let response = Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: [(CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect(),
            body: body.as_bytes().to_vec(),
        };
        sign_in.judge(&response).err().unwrap()
    }

    fn json(status: u16, body: &str) -> Error {
        judged(status, "application/json", body)
    }

    #[test]
    fn rejections_say_what_to_check() {
        let wrong = json(401, r#"{"error":"invalid_grant","error_description":"Invalid user credentials"}"#);
        assert!(wrong.is_unauthorized(), "{wrong}");
        let wrong = wrong.to_string();
        assert!(wrong.contains("`admin`") && wrong.contains("locked"), "{wrong}");
        let realm = json(404, r#"{"error":"Realm does not exist"}"#);
        assert_eq!(realm.hint(), Some(Hint::CheckRealm), "{realm}");
        let client = json(401, r#"{"error":"invalid_client"}"#);
        assert!(client.is_unauthorized() && client.to_string().contains("`admin-cli`"), "{client}");
        assert!(json(400, r#"{"error":"unauthorized_client"}"#).is_unauthorized());
        // A limit of the rate does not make Keycloak's rejection something that passes.
        assert!(json(429, r#"{"error":"invalid_grant"}"#).is_unauthorized());
    }

    #[test]
    fn only_keycloaks_own_words_are_a_refused_sign_in() {
        let page = "<html><title>Blocked</title></html>";
        for status in [400, 401, 403, 418, 429, 500, 502, 503] {
            let error = judged(status, "text/html", page);
            assert!(error.is_unavailable() && !error.is_unauthorized(), "{status}: {error}");
            let named = format!("{status}: ");
            assert!(
                error.to_string().contains(&named) && error.to_string().contains("title `Blocked`"),
                "{error}"
            );
        }
        let missing = judged(404, "text/html", page).to_string();
        assert!(
            missing.starts_with("no Keycloak found at https://x: /token responded with 404 (text/html"),
            "{missing}"
        );
        let maintenance = judged(200, "text/html", page);
        assert!(matches!(maintenance, Error::NotKeycloak { status: 200, .. }), "{maintenance}");
        // Gateways speak JSON too.
        for body in [r#"{"message":"Signed out"}"#, r#"{"access_token":null}"#, "{}", "[]", ""] {
            let error = json(200, body);
            assert!(matches!(error, Error::NotKeycloak { status: 200, .. }), "{body}: {error}");
            assert!(error.is_unavailable(), "{error}");
            let shown = if body.is_empty() { "200: OK (no content)" } else { "200: OK (application/json" };
            assert!(error.to_string().contains(shown), "{error}");
        }
        for body in [r#"{"message":"Forbidden"}"#, r#"{"error":"Forbidden","path":"/token"}"#, "", "[]"] {
            let error = json(403, body);
            assert!(matches!(error, Error::NotKeycloak { status: 403, .. }), "{body}: {error}");
        }
        assert!(judged(302, "text/html", "").to_string().contains("redirected"));
    }

    #[test]
    fn what_keycloak_rejects_for_another_reason_says_nothing_about_the_credentials() {
        for (status, body, words) in [
            (
                403,
                r#"{"error":"invalid_request","error_description":"HTTPS required"}"#,
                "403: the realm requires HTTPS (`sslRequired`) (HTTPS required)",
            ),
            (
                403,
                r#"{"error":"access_denied","error_description":"Realm not enabled"}"#,
                "Realm not enabled",
            ),
            (400, r#"{"error":"invalid_request"}"#, "400: invalid_request"),
        ] {
            let error = json(status, body);
            assert!(matches!(error, Error::Rejected { .. }) && error.to_string().contains(words), "{error}");
        }
        let server = json(500, r#"{"error":"unknown_error"}"#);
        assert!(matches!(server, Error::Server { status: 500, .. }), "{server}");
    }
}
