//! What every request of a client carries.

use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

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
        Self { bearer: Some(token.into()) }
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
}
