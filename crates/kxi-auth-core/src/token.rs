//! Access tokens: fetched once for all who wait, renewed before they expire and after a 401.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::error::{Error, RequestLine};
use crate::http::{Http, url};

/// The public client that Keycloak has in every realm for command line administration.
const ADMIN_CLI: &str = "admin-cli";
/// A token is not used in the last part of its life, so that it does not expire on its way.
/// Admin tokens of the realm `master` live 60 s by default.
const RESERVE: Duration = Duration::from_secs(10);

/// An access token and when to stop using it.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    renew_at: Instant,
    serial: u64,
}

/// The token of one manager, shared by its clones.
#[derive(Debug)]
pub(crate) struct TokenSource {
    realm: String,
    username: String,
    password: SecretString,
    state: Mutex<State>,
    /// Counts the answers to sign-ins, so that who waited for one shares its outcome.
    answered: std::sync::atomic::AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    failure: Option<Error>,
    serial: u64,
}

impl TokenSource {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            realm: connection.admin_realm.clone(),
            username: connection.username.clone(),
            password: connection.password.clone(),
            state: Mutex::default(),
            answered: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// A token that is good for the next seconds. `rejected` is one that the server answered with
    /// 401: it is not given again.
    pub(crate) async fn token(
        &self,
        http: &Http,
        base: &str,
        rejected: Option<&Token>,
    ) -> Result<Token, Error> {
        use std::sync::atomic::Ordering;

        let seen = self.answered.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(token) = state.usable(rejected) {
            return Ok(token);
        }
        // Who waited while a sign-in failed shares the failure: twenty tasks with a wrong password
        // must not become twenty attempts, which would lock the account.
        if self.answered.load(Ordering::Acquire) != seen
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        let outcome = self.sign_in(http, base).await;
        self.answered.fetch_add(1, Ordering::Release);
        state.store(outcome)
    }

    async fn sign_in(&self, http: &Http, base: &str) -> Result<Answer, Error> {
        let form = [
            ("grant_type", "password"),
            ("client_id", ADMIN_CLI),
            ("username", &self.username),
            ("password", self.password.expose_secret()),
        ];
        request_token(http, base, &self.realm, &self.username, &form).await
    }
}

impl State {
    fn usable(&self, rejected: Option<&Token>) -> Option<Token> {
        let token = self.token.as_ref()?;
        let fresh = Instant::now() < token.renew_at;
        let good = rejected.is_none_or(|rejected| rejected.serial < token.serial);
        (fresh && good).then(|| token.clone())
    }

    fn store(&mut self, outcome: Result<Answer, Error>) -> Result<Token, Error> {
        match outcome {
            Ok(answer) => {
                self.serial += 1;
                let token = Token {
                    renew_at: renew_at(answer.expires_in),
                    secret: answer.access_token,
                    serial: self.serial,
                };
                self.token = Some(token.clone());
                self.failure = None;
                Ok(token)
            }
            Err(failure) => {
                self.token = None;
                self.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }
}

/// When a token of `lifetime` seconds is no longer used: ten seconds before its end, or at half of
/// its life if it is that short.
fn renew_at(lifetime: u64) -> Instant {
    let lifetime = Duration::from_secs(lifetime.min(86_400));
    Instant::now() + lifetime.saturating_sub(RESERVE.min(lifetime / 2))
}

/// The token endpoint's answer (RFC 6749, 5.1).
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) access_token: SecretString,
    /// Seconds.
    #[serde(default)]
    pub(crate) expires_in: u64,
}

/// Asks the token endpoint of `realm` and tells what its refusals mean. `who` names the user or
/// client in errors.
pub(crate) async fn request_token(
    http: &Http,
    base: &str,
    realm: &str,
    who: &str,
    form: &[(&str, &str)],
) -> Result<Answer, Error> {
    let path = format!("/realms/{realm}/protocol/openid-connect/token");
    let line = RequestLine::new("POST", path);
    let url = url(base, &["realms", realm, "protocol", "openid-connect", "token"])?;
    let (status, body) = http.send(&line, http.client().post(url).form(form)).await?;
    if status.is_success() {
        // serde's error would quote the body, and with it the token.
        return serde_json::from_slice(&body).map_err(|_| Error::Protocol {
            request: line,
            reason: "no access token in the answer".to_owned(),
        });
    }
    Err(refusal(status, &body, line, who, realm))
}

/// The token endpoint's refusal (RFC 6749, 5.2) in words that help.
fn refusal(status: StatusCode, body: &[u8], line: RequestLine, who: &str, realm: &str) -> Error {
    #[derive(Deserialize, Default)]
    struct Refusal {
        #[serde(default)]
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let Refusal { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
    let words = if error_description.is_empty() { &error } else { &error_description };
    if status.is_server_error() {
        return Error::Server { request: line, status: status.as_u16(), message: words.clone() };
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
        ("Realm does not exist", _) => {
            "the realm does not exist; check its name, which is case-sensitive".to_owned()
        }
        ("invalid_client" | "unauthorized_client", _) => {
            format!("the client id or its secret is wrong ({words})")
        }
        _ if words.is_empty() => format!("the server answers {}", status.as_u16()),
        _ => format!("the server answers {}: {}", status.as_u16(), words.escape_debug()),
    };
    Error::TokenRetrieval { who: who.to_owned(), realm: realm.to_owned(), reason }
}
