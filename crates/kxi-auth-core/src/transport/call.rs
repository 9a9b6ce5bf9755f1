//! One admin request: its token, its renewal after a 401, its repetition, and what a refusal means.

use std::sync::atomic::{AtomicBool, Ordering};

use keycloak_admin_api::{Client, Failure, RequestContext, ResponseValue};
use reqwest::StatusCode;

use crate::error::Error;
use crate::model::access_token::AccessToken;
use crate::transport::connection::{Connection, WriteHook};
use crate::transport::endpoint::Endpoint;
use crate::transport::http::{Http, request_id};
use crate::transport::rejection::{Fault, Operation, Refusal, is_race};
use crate::transport::retry::{Retry, is_passing, retry_after};
use crate::transport::server_message::{server_words, unspoken};
use crate::transport::token_cache::{Token, TokenSource};

/// What an operation of the generated client returns.
pub(crate) type Sent<T> = Result<ResponseValue<T>, keycloak_admin_api::Error>;

/// Sends admin requests to the realm's server.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) http: Http,
    endpoint: Endpoint,
    tokens: TokenSource,
    on_write: WriteHook,
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
                let passing = is_passing(status) || is_race(&line, status, &message);
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
