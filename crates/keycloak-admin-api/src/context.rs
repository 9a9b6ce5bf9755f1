//! What every request of a client carries, and what sends it.

use std::sync::Arc;

use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::executor::{Executor, limited};
use crate::{Client, Error, Secret};

/// What the requests of one [`Client`] carry. A client is cheap to create: it consists of two clones and this
/// context. If the token may change between calls, create a client for each call.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::{Client, RequestContext};
///
/// let http = reqwest::Client::new();
/// let client = Client::new_with_client("https://keycloak.example.com", http, RequestContext::anonymous());
/// ```
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    bearer: Option<Secret>,
    executor: Option<Arc<dyn Executor>>,
}

impl RequestContext {
    /// Sends requests with this bearer token (RFC 6750, section 2.1). If the token contains characters that a
    /// header cannot contain, each call fails with [`Error::InvalidRequest`].
    ///
    /// # Examples
    ///
    /// ```
    /// use keycloak_admin_api::{RequestContext, Secret};
    ///
    /// let context = RequestContext::bearer(Secret::from("eyJhb...".to_owned()));
    /// ```
    #[must_use]
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self { bearer: Some(token.into()), executor: None }
    }

    /// Sends requests without a token, for an HTTP client that signs in by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let context = keycloak_admin_api::RequestContext::anonymous();
    /// ```
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Sends the requests by this executor, which also reads the responses. Without one, the HTTP client of the
    /// [`Client`] sends them, and a body of more than 64 MiB is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use keycloak_admin_api::{Executor, RequestContext};
    ///
    /// fn context(executor: Arc<dyn Executor>) -> RequestContext {
    ///     RequestContext::anonymous().sent_by(executor)
    /// }
    /// ```
    #[must_use]
    pub fn sent_by(self, executor: Arc<dyn Executor>) -> Self {
        Self { executor: Some(executor), ..self }
    }

    /// The header's value, marked as sensitive so that `Debug` does not print it and HTTP/2 header
    /// compression does not store it.
    fn authorization<E>(token: &Secret) -> Result<HeaderValue, Error<E>> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
            Error::InvalidRequest(
                "the bearer token contains characters that a header cannot contain".to_owned(),
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl ClientHooks<RequestContext> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _operation: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let headers = request.headers_mut();
        // Progenitor sends the version of the OpenAPI document. Keycloak's is always "1.0" and has no
        // meaning.
        headers.remove(HeaderName::from_static("api-version"));
        if let Some(token) = &self.inner().bearer {
            headers.insert(AUTHORIZATION, RequestContext::authorization(token)?);
        }
        Ok(())
    }

    async fn exec(
        &self,
        request: reqwest::Request,
        _operation: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        match &self.inner().executor {
            Some(executor) => executor.execute(self.client(), request).await.map(Into::into),
            None => self.client().execute(request).await.map(limited),
        }
    }
}
