//! One admin request: its token, its renewal after a 401, its repetition, and what a refusal means.

use std::sync::atomic::{AtomicBool, Ordering};

use keycloak_admin_api::{Client, Failure, RequestContext, ResponseValue};
use reqwest::StatusCode;
use serde::Deserialize;

use crate::error::{Cause, Error, RequestLine};
use crate::model::access_token::AccessToken;
use crate::transport::connection::{Connection, WriteHook};
use crate::transport::endpoint::Endpoint;
use crate::transport::http::{Http, request_id};
use crate::transport::retry::{Retry, Retryable, is_passing, retry_after};
use crate::transport::token_cache::{Token, TokenSource};

/// What an operation of the generated client returns.
pub(crate) type Sent<T> = Result<ResponseValue<T>, keycloak_admin_api::Error>;

/// Keycloak's words for a role mapping that another one overtook. The end state is complete, but
/// not each of the requests knows it (seen 13 to 19 times of 20 at once, 26.7.3).
const MAPPING_RACE: &str = "Could not add user role mappings!";

/// The admin interface's words for a realm that it does not have.
pub(crate) const UNKNOWN_REALM: &str = "Realm not found.";

/// Sends admin requests to the realm's server.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) http: Http,
    endpoint: Endpoint,
    tokens: TokenSource,
    on_write: WriteHook,
}

/// What an admin request is, for errors: its line, the permission it needs and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) line: RequestLine,
    /// The role of `realm-management` (or `<realm>-realm`) that allows it.
    pub(crate) needs: &'static str,
    /// What a 404 is about: `client`, `user`, and its name; nothing for a list.
    pub(crate) about: (&'static str, String),
}

/// The server's no to an admin request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    /// The server's words.
    pub(crate) message: String,
    /// Whether they are Keycloak's own, not a page of a gateway's. Only then a 404 says that the
    /// thing does not exist.
    pub(crate) by_keycloak: bool,
    retry: Option<Retry>,
    /// Whether an earlier attempt may have been carried out although its answer was lost.
    pub(crate) repeated: bool,
}

/// Why an admin request did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server said no; the caller may know what that means.
    Refused(Box<Refusal>),
    /// Anything else; it may be worth another attempt.
    Failed(Error),
    /// No token: the sign-in has been repeated as often as it may be.
    NotSignedIn(Error),
}

impl Caller {
    pub(crate) fn new(connection: &Connection) -> Result<Self, Error> {
        Ok(Self {
            http: Http::new(connection)?,
            endpoint: Endpoint::new(connection),
            tokens: TokenSource::new(connection),
            on_write: connection.on_write.clone(),
        })
    }

    /// Keycloak's base address.
    pub(crate) async fn base(&self) -> Result<&str, Error> {
        self.endpoint.base(&self.http).await
    }

    /// Whether the server has the managed realm.
    pub(crate) async fn realm_exists(&self) -> Result<bool, Error> {
        self.endpoint.realm_exists(&self.http).await
    }

    /// Signs in, also where a good token is at hand.
    pub(crate) async fn sign_in(&self) -> Result<AccessToken, Error> {
        self.tokens.new_token(&self.http, self.base().await?).await
    }

    /// Sends with a valid token; again while the server is away; and once more with a new token if
    /// the server says 401.
    pub(crate) async fn call<T, F, S>(&self, operation: Operation, send: F) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let base = self.base().await?;
        let unanswered = &AtomicBool::new(false);
        let (operation, send) = (&operation, &send);
        let repeated = self.http.policy.run(&operation.line, || async move {
            let outcome = self.with_token(base, operation, send).await;
            if outcome.as_ref().is_err_and(Fault::is_unanswered) {
                unanswered.store(true, Ordering::Relaxed);
            }
            outcome
        });
        // Boxed: the generated futures are large, and every operation would hold several.
        let outcome = Box::pin(repeated).await;
        outcome.map_err(|fault: Fault| fault.after(unanswered.load(Ordering::Relaxed)))
    }

    async fn with_token<T, F, S>(&self, base: &str, operation: &Operation, send: &F) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let token = self.tokens.token(&self.http, base, None).await.map_err(Fault::NotSignedIn)?;
        match self.attempt(base, token.as_ref(), operation, send).await {
            Err(Fault::Refused(refusal)) if refusal.status == StatusCode::UNAUTHORIZED && token.is_some() => {
                let token =
                    self.tokens.token(&self.http, base, token.as_ref()).await.map_err(Fault::NotSignedIn)?;
                self.attempt(base, token.as_ref(), operation, send).await
            }
            outcome => outcome,
        }
    }

    async fn attempt<T, F, S>(
        &self,
        base: &str,
        token: Option<&Token>,
        operation: &Operation,
        send: &F,
    ) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let context = token
            .map_or_else(RequestContext::anonymous, |token| RequestContext::bearer(token.secret.clone()));
        let client = Client::new_with_client(base, self.http.client().clone(), context);
        if operation.line.method != "GET" {
            self.on_write.call();
        }
        let whole = async {
            match send(client).await {
                Ok(answer) => {
                    tracing::Span::current().record("status", answer.status().as_u16());
                    Ok(answer.into_inner())
                }
                Err(error) => Err(self.fault(operation, Failure::from_error(error).await)),
            }
        };
        self.http.within_timeout(&operation.line, whole).await?
    }

    fn fault(&self, operation: &Operation, failure: Failure) -> Fault {
        let line = operation.line.clone();
        match failure {
            Failure::Response { status, headers, body } => {
                let words = server_words(&body);
                let by_keycloak = words.is_some();
                let message = words.unwrap_or_else(|| unspoken(status));
                let passing = is_passing(status.as_u16()) || is_race(&line, status, &message);
                let retry = passing.then(|| Retry { after: retry_after(&headers) });
                let mut operation = operation.clone();
                operation.line.request_id = request_id(&headers);
                let repeated = false;
                Fault::Refused(Box::new(Refusal { operation, status, message, by_keycloak, retry, repeated }))
            }
            Failure::Transport(error) => self.http.failed(&line, error).into(),
            Failure::Request(reason) => Error::invalid("request", reason).into(),
            // Its words hold no body, no header and no URL.
            other => Error::Protocol { request: line, reason: other.to_string() }.into(),
        }
    }
}

/// Whether a role mapping met another one, or work on another realm: while realms are deleted, the
/// server now and then answers 500 to one (26.7.3). Asking again is safe, for a mapping that is there
/// already is no error.
fn is_race(line: &RequestLine, status: StatusCode, message: &str) -> bool {
    line.template.ends_with("/role-mappings/realm")
        && match status {
            StatusCode::BAD_REQUEST => message == MAPPING_RACE,
            StatusCode::INTERNAL_SERVER_ERROR => true,
            _ => false,
        }
}

impl Fault {
    fn after(mut self, unanswered: bool) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.repeated = unanswered;
        }
        self
    }

    /// Whether the request may have been carried out although no answer of the server says so.
    fn is_unanswered(&self) -> bool {
        match self {
            Self::Refused(refusal) => matches!(refusal.status.as_u16(), 502 | 504),
            // A connection that was never made has carried nothing.
            Self::Failed(Error::Connection { source, .. }) => !source.as_ref().is_some_and(Cause::is_connect),
            Self::Failed(error) => matches!(error, Error::Timeout { .. }),
            Self::NotSignedIn(_) => false,
        }
    }
}

impl Retryable for Fault {
    fn retry(&self) -> Option<Retry> {
        match self {
            Self::Refused(refusal) => refusal.retry,
            Self::Failed(error) => error.retry(),
            Self::NotSignedIn(_) => None,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status.as_u16()),
            Self::Failed(error) | Self::NotSignedIn(error) => error.status(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Who asks and about what, to put a refusal into words.
#[derive(Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) admin_realm: &'a str,
}

impl Asker<'_> {
    /// What a fault is to the user.
    pub(crate) fn explain(&self, fault: Fault) -> Error {
        match fault {
            Fault::Failed(error) | Fault::NotSignedIn(error) => error,
            Fault::Refused(refusal) => self.refused(*refusal),
        }
    }

    /// The permission that the operation needs is missing.
    pub(crate) fn forbidden(&self, operation: Operation) -> Error {
        Error::Forbidden { request: operation.line, needs: self.role(operation.needs) }
    }

    fn refused(&self, refusal: Refusal) -> Error {
        let Refusal { operation, status, message, by_keycloak, retry, .. } = refusal;
        let Operation { line: request, needs, about: (what, name) } = operation;
        match status {
            StatusCode::UNAUTHORIZED => Error::Unauthorized { request, message },
            status if status.is_client_error() && !by_keycloak => Error::Rejected {
                request,
                status: status.as_u16(),
                message: format!("{message}, which is not Keycloak's answer; check what is in front of it"),
            },
            StatusCode::FORBIDDEN => Error::Forbidden { request, needs: self.role(needs) },
            StatusCode::NOT_FOUND if message == UNKNOWN_REALM => Error::RealmNotFound {
                realm: self.realm.to_owned(),
                host: self.host.to_owned(),
                request: Some(request),
            },
            StatusCode::CONFLICT => Error::Conflict { what, name, reason: message, request: Some(request) },
            StatusCode::NOT_FOUND if !what.is_empty() => Error::NotFound {
                what,
                name,
                realm: self.realm.to_owned(),
                hint: String::new(),
                request: Some(request),
            },
            status if status.is_server_error() => {
                let retry_after = retry.and_then(|retry| retry.after);
                Error::Server { request, status: status.as_u16(), message, retry_after }
            }
            status => Error::Rejected { request, status: status.as_u16(), message },
        }
    }

    /// Where the permission belongs.
    fn role(&self, role: &str) -> String {
        let client = management_client(self.realm, self.admin_realm);
        format!("the role `{role}` of the client `{client}` in the realm `{}`", self.admin_realm)
    }
}

/// The client whose roles are the permissions in a realm: an admin of another realm (`master`) has
/// them of `<realm>-realm`, an admin of the realm itself of `realm-management`. The realm `master` has
/// no client of the latter name, only `master-realm` (26.7.3).
pub(crate) fn management_client(realm: &str, admin_realm: &str) -> String {
    if admin_realm == realm && realm != "master" {
        "realm-management".to_owned()
    } else {
        format!("{realm}-realm")
    }
}

/// What Keycloak 24.0.5 says beside every `error` of its admin interface, which it does not explain.
const NO_DESCRIPTION: &str = "For more on this error consult the server log";

/// The server's words in an error body: `errorMessage`, else `error_description`, else `error`. A
/// gateway's page has none of these.
pub(crate) fn server_words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        #[serde(rename = "errorMessage")]
        message: Option<String>,
        error_description: Option<String>,
        error: Option<String>,
    }
    let Body { message, error_description, error } = serde_json::from_slice(body).unwrap_or_default();
    let description = error_description.filter(|words| error.is_none() || !words.starts_with(NO_DESCRIPTION));
    message.or(description).or(error).map(|words| plain(&words))
}

/// Words that hold what a client sent, such as an id: no control character of them may reach a
/// terminal or a log's next line, and no page of text.
fn plain(words: &str) -> String {
    const MOST: usize = 500;
    let mut plain = String::new();
    for c in words.chars().take(MOST) {
        if c.is_control() { plain.extend(c.escape_unicode()) } else { plain.push(c) }
    }
    plain
}

/// What is said of a status that came without words.
fn unspoken(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests;
