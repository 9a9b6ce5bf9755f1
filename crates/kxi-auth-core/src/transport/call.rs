//! Sends one admin request: adds the token, renews it after a 401, and retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keycloak_admin_api::{Client, Executor, Failure, RequestContext, ResponseValue};
use reqwest::StatusCode;

use crate::error::{Error, RequestLine};
use crate::model::access_token::{AccessToken, Claims};
use crate::transport::budget::Content;
use crate::transport::connection::{Connection, WriteHook};
use crate::transport::endpoint::Endpoint;
use crate::transport::exchange::{Exchange, Head, Outcome};
use crate::transport::http::{Http, request_id};
use crate::transport::rejection::{Fault, Operation, Rejection, is_glitch, is_race};
use crate::transport::retry::{Retry, is_passing, retry_after};
use crate::transport::server_message::server_words;
use crate::transport::stranger::stranger;
use crate::transport::token_cache::{Token, TokenSource};

/// The result of an operation of the generated client.
pub(crate) type Sent<T> = Result<ResponseValue<T>, keycloak_admin_api::Error>;

/// Sends admin requests to Keycloak.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) http: Http,
    endpoint: Endpoint,
    /// Base address of the Admin API, if it is not that of Keycloak. Only the caller's settings name it: the token
    /// goes there.
    admin: Option<String>,
    tokens: TokenSource,
    on_write: WriteHook,
}

impl Caller {
    pub(crate) fn new(connection: &Connection) -> Result<Self, Error> {
        Ok(Self {
            http: Http::new(connection)?,
            endpoint: Endpoint::new(connection),
            admin: connection.admin_server.clone(),
            tokens: TokenSource::new(connection),
            on_write: connection.on_write.clone(),
        })
    }

    /// Keycloak's base address.
    pub(crate) async fn base(&self) -> Result<&str, Error> {
        self.endpoint.base(&self.http).await
    }

    /// Whether the managed realm exists on the server.
    pub(crate) async fn realm_exists(&self) -> Result<bool, Error> {
        self.endpoint.realm_exists(&self.http).await
    }

    /// Signs in, even if a valid token is available.
    pub(crate) async fn sign_in(&self) -> Result<AccessToken, Error> {
        self.tokens.new_token(&self.http, self.base().await?).await
    }

    /// The claims of the current token, if a client is signed in. They show its roles.
    pub(crate) async fn claims(&self) -> Option<Claims> {
        self.tokens.current_claims().await
    }

    /// The claims of a valid token of a client that signs in by itself. `None` for a user, for an HTTP client of the
    /// caller's that signs in by itself, and for a token without claims.
    pub(crate) async fn client_claims(&self) -> Result<Option<Claims>, Error> {
        if !self.tokens.is_of_client() {
            return Ok(None);
        }
        let base = self.base().await?;
        // Boxed because the future of a sign-in is large.
        let token = Box::pin(self.tokens.token(&self.http, base, None)).await?;
        Ok(token.and_then(|token| Claims::of(&token.secret)))
    }

    /// Sends a request with a valid token. Retries while the server is unavailable, and tries once more with
    /// a new token after a 401.
    pub(crate) async fn call<T, F, S>(&self, operation: Operation, send: F) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let base = self.base().await?;
        let response_lost = &AtomicBool::new(false);
        let (operation, send) = (&operation, &send);
        let repeated =
            self.http.policy.run(&operation.line, || self.with_token(base, operation, send, response_lost));
        // Boxed because the generated futures are large and every operation would contain several.
        let outcome = Box::pin(repeated).await;
        outcome.map_err(|fault: Fault| fault.after(response_lost.load(Ordering::Relaxed)))
    }

    async fn with_token<T, F, S>(
        &self,
        base: &str,
        operation: &Operation,
        send: &F,
        response_lost: &AtomicBool,
    ) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let admin = self.admin.as_deref().unwrap_or(base);
        let token = self.tokens.token(&self.http, base, None).await.map_err(Fault::NotSignedIn)?;
        match self.attempt(admin, token.as_ref(), operation, send, response_lost).await {
            Err(Fault::Rejected(rejection))
                if rejection.status == StatusCode::UNAUTHORIZED && token.is_some() =>
            {
                let token =
                    self.tokens.token(&self.http, base, token.as_ref()).await.map_err(Fault::NotSignedIn)?;
                self.attempt(admin, token.as_ref(), operation, send, response_lost).await
            }
            outcome => outcome,
        }
    }

    async fn attempt<T, F, S>(
        &self,
        admin: &str,
        token: Option<&Token>,
        operation: &Operation,
        send: &F,
        response_lost: &AtomicBool,
    ) -> Result<T, Fault>
    where
        F: Fn(Client) -> S + Sync,
        S: Future<Output = Sent<T>> + Send,
        T: Send,
    {
        let context = token
            .map_or_else(RequestContext::anonymous, |token| RequestContext::bearer(token.secret.clone()));
        let expected = Content::of(&operation.line, operation.about.is_some());
        let exchange = Arc::new(Exchange::new(&self.http, expected));
        let context = context.sent_by(Arc::clone(&exchange) as Arc<dyn Executor>);
        let client = Client::new_with_client(admin, self.http.client().clone(), context);
        if operation.line.method != "GET" {
            self.on_write.call();
        }
        let whole = async {
            match send(client).await {
                Ok(response) => Ok(response.into_inner()),
                Err(error) => Err(Failure::from_error(error).await),
            }
        };
        // Lost until it is there: the time limit of all attempts can end the wait for it.
        let lost_before = response_lost.swap(true, Ordering::Relaxed);
        let outcome = self.http.within_timeout(&operation.line, whole).await;
        let outcome =
            outcome.map_err(Fault::from).and_then(|outcome| self.understood(operation, &exchange, outcome));
        let lost = outcome.as_ref().is_err_and(Fault::has_lost_response);
        response_lost.store(lost_before || lost, Ordering::Relaxed);
        outcome.map_err(|fault| fault.with_claims(|| token.and_then(|token| self.tokens.claims(token))))
    }

    /// What an attempt resulted in, if it is a result of Keycloak's.
    fn understood<T>(
        &self,
        operation: &Operation,
        exchange: &Exchange,
        outcome: Result<T, Failure>,
    ) -> Result<T, Fault> {
        let request = || operation.line.clone();
        match exchange.outcome() {
            Outcome::Unread(unread) => Err(self.http.unread(&operation.line, unread).into()),
            Outcome::Read(head) if !head.is_keycloaks() => Err(unexpected(request(), head).into()),
            Outcome::Read(head) if matches!(outcome, Err(Failure::UnexpectedSuccess(_))) => {
                Err(unexpected(request(), head).into())
            }
            _ => outcome.map_err(|failure| self.fault(operation, failure)),
        }
    }

    fn fault(&self, operation: &Operation, failure: Failure) -> Fault {
        let line = operation.line.clone();
        match failure {
            Failure::Response { status, headers, body } => {
                let words = server_words(&body);
                // Keycloak redirects no request of this library, whatever the body says.
                let by_keycloak = words.is_some() && !status.is_redirection();
                let message = words.unwrap_or_else(|| stranger(status, &headers, &body));
                let passing = is_passing(status) || is_race(&line, status, &message);
                let once = !passing && is_glitch(&line, status);
                let retry = (passing || once).then(|| Retry { after: retry_after(&headers), once });
                let mut operation = operation.clone();
                operation.line.request_id = request_id(&headers);
                let repeated = false;
                Fault::Rejected(Box::new(Rejection {
                    operation,
                    status,
                    message,
                    by_keycloak,
                    retry,
                    repeated,
                    claims: None,
                }))
            }
            Failure::Transport(error) => self.http.failed(&line, error).into(),
            Failure::Request(reason) => Error::invalid("request", reason).into(),
            // Its text contains no body, header or URL.
            other => {
                let reason = format!("{other}{}", line.doubt());
                Error::Protocol { request: line, reason }.into()
            }
        }
    }
}

/// The error for a success that is not Keycloak's.
fn unexpected(line: RequestLine, head: Head) -> Error {
    let Head { status, headers, sender: answer, .. } = head;
    let request = RequestLine { request_id: request_id(&headers), ..line };
    Error::UnexpectedResponse { request, status: status.as_u16(), answer }
}
