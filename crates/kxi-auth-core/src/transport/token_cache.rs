//! Access tokens: requested once for all waiting callers, and renewed before they expire and after a 401.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, Hint};
use crate::model::access_token::{AccessToken, Claims};
use crate::transport::connection::{Connection, Credentials};
use crate::transport::http::Http;
use crate::transport::token_endpoint::{TokenResponse, request_token};

/// The public client that Keycloak has in every realm for command line administration.
const ADMIN_CLI: &str = "admin-cli";
/// A token is not used in the last seconds of its lifespan, so that it does not expire on its way to the
/// server. Admin tokens of the realm `master` are valid for 60 s by default.
const RESERVE: Duration = Duration::from_secs(10);
/// A rejected sign-in is not retried for this long. Otherwise two hundred calls with a wrong password would
/// make two hundred attempts, which would lock the account.
const REJECTED_FOR: Duration = Duration::from_secs(30);

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
    /// The realm that is managed.
    managed: String,
    credentials: Credentials,
    state: Mutex<State>,
    /// Counts finished sign-ins, so that callers that waited for a failed sign-in get its error.
    finished: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    failure: Option<(Instant, Error)>,
    serial: u64,
}

impl TokenSource {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            realm: connection.admin_realm.clone(),
            managed: connection.realm.clone(),
            credentials: connection.credentials.clone(),
            state: Mutex::default(),
            finished: AtomicU64::new(0),
        }
    }

    /// Whether a client signs in, and not a user.
    pub(crate) fn is_of_client(&self) -> bool {
        matches!(self.credentials, Credentials::Client { .. })
    }

    /// A token that is valid for at least the next few seconds. `None` if the caller's HTTP client signs in
    /// by itself. `rejected` is a token that the server rejected with 401; it is not returned again.
    pub(crate) async fn token(
        &self,
        http: &Http,
        base: &str,
        rejected: Option<&Token>,
    ) -> Result<Option<Token>, Error> {
        if matches!(self.credentials, Credentials::Session(_)) {
            return Ok(None);
        }
        let seen = self.finished.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(token) = state.usable(rejected) {
            return Ok(Some(token));
        }
        // Callers that waited for a failed sign-in get its error, whatever the error is.
        let waited = self.finished.load(Ordering::Acquire) != seen;
        if let Some(failure) = state.failure(waited) {
            return Err(failure);
        }
        let begin = Instant::now();
        let outcome = self.sign_in(http, base).await;
        self.finished.fetch_add(1, Ordering::Release);
        state.store(begin, outcome).map(Some)
    }

    /// Requests a new token, even if the current token is valid, and replaces the current token. A rejection
    /// is remembered here too.
    pub(crate) async fn new_token(&self, http: &Http, base: &str) -> Result<AccessToken, Error> {
        if matches!(self.credentials, Credentials::Session(_)) {
            return Err(signs_in_by_itself());
        }
        let mut state = self.state.lock().await;
        if let Some(failure) = state.failure(false) {
            return Err(failure);
        }
        let begin = Instant::now();
        let outcome = self.sign_in(http, base).await;
        self.finished.fetch_add(1, Ordering::Release);
        let lifetime = outcome.as_ref().map(TokenResponse::lifetime).unwrap_or_default();
        let token = state.store(begin, outcome)?;
        Ok(AccessToken::new(token.secret, lifetime))
    }

    /// The claims of the token, if a client is signed in: a user's token carries no roles (observed on Keycloak
    /// 26.7.3).
    pub(crate) fn claims(&self, token: &Token) -> Option<Claims> {
        let is_client = matches!(self.credentials, Credentials::Client { .. });
        is_client.then(|| AccessToken::new(token.secret.clone(), Duration::ZERO).claims).flatten()
    }

    /// The claims of the token that was issued last, if a client is signed in.
    pub(crate) async fn current_claims(&self) -> Option<Claims> {
        self.state.lock().await.token.as_ref().and_then(|token| self.claims(token))
    }

    async fn sign_in(&self, http: &Http, base: &str) -> Result<TokenResponse, Error> {
        match self.request_token(http, base).await {
            Err(Error::RealmNotFound { realm, host, request, .. }) if self.realm != self.managed => {
                let hint = Some(Hint::CheckAdminRealm);
                Err(Error::RealmNotFound { realm, host, hint, request })
            }
            outcome => outcome,
        }
    }

    async fn request_token(&self, http: &Http, base: &str) -> Result<TokenResponse, Error> {
        match &self.credentials {
            Credentials::Password { username, password } => {
                let form = [
                    ("grant_type", "password"),
                    ("client_id", ADMIN_CLI),
                    ("username", username),
                    ("password", password.expose_secret()),
                ];
                request_token(http, base, &self.realm, username, &form).await
            }
            Credentials::Client { id, secret } => {
                let form = [
                    ("grant_type", "client_credentials"),
                    ("client_id", id),
                    ("client_secret", secret.expose_secret()),
                ];
                request_token(http, base, &self.realm, id, &form).await
            }
            Credentials::Session(_) => Err(signs_in_by_itself()),
        }
    }
}

fn signs_in_by_itself() -> Error {
    Error::invalid("session", "its HTTP client signs in by itself, so there is no token to return")
}

impl State {
    fn usable(&self, rejected: Option<&Token>) -> Option<Token> {
        let token = self.token.as_ref()?;
        let fresh = Instant::now() < token.renew_at;
        let good = rejected.is_none_or(|rejected| rejected.serial < token.serial);
        (fresh && good).then(|| token.clone())
    }

    fn failure(&self, waited: bool) -> Option<Error> {
        let (at, failure) = self.failure.as_ref()?;
        let rejected = matches!(failure, Error::TokenRetrieval { .. }) && at.elapsed() < REJECTED_FOR;
        (waited || rejected).then(|| failure.clone())
    }

    /// `begin` is the time when the sign-in was sent. The token cannot have been issued earlier.
    fn store(&mut self, begin: Instant, outcome: Result<TokenResponse, Error>) -> Result<Token, Error> {
        self.failure = outcome.as_ref().err().map(|failure| (Instant::now(), failure.clone()));
        let response = outcome?;
        self.serial += 1;
        let renew_at = renew_at(begin, response.lifetime());
        let token = Token { renew_at, secret: response.access_token, serial: self.serial };
        self.token = Some(token.clone());
        Ok(token)
    }
}

/// The time from which a token is no longer used: ten seconds before it expires, or after half of its
/// lifetime if that is later.
fn renew_at(begin: Instant, lifetime: Duration) -> Instant {
    // The limit keeps the sum within the range of the clock.
    let lifetime = lifetime.min(Duration::from_hours(24));
    begin + lifetime.saturating_sub(RESERVE.min(lifetime / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_ten_seconds_before_its_end_or_at_half_of_a_short_life() {
        let begin = Instant::now();
        let left = |lifetime| renew_at(begin, Duration::from_secs(lifetime)).duration_since(begin).as_secs();
        assert_eq!([left(300), left(60), left(10), left(0)], [290, 50, 5, 0]);
        assert_eq!(left(u64::MAX), 86_390);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejection_is_remembered_for_a_while_and_a_passing_failure_only_for_waiting_callers() {
        let rejected = Error::TokenRetrieval {
            who: "a".into(),
            realm: "r".into(),
            reason: "no".into(),
            hint: None,
            request: None,
        };
        let mut state = State::default();
        assert!(state.store(Instant::now(), Err(rejected)).is_err());
        assert!(state.failure(false).is_some());
        tokio::time::advance(REJECTED_FOR).await;
        assert!(state.failure(false).is_none());

        let passing = Error::timeout(crate::error::RequestLine::new("POST", "/", &[]), RESERVE);
        assert!(state.store(Instant::now(), Err(passing)).is_err());
        assert!(state.failure(true).is_some());
        assert!(state.failure(false).is_none());
    }
}
