//! What every request of a client gets.

use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::{Client, Error, Secret};

/// What the requests of one [`Client`] carry. A client is two cheap clones and this: make one per
/// call where the token may change between calls.
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
    /// Requests that carry this token (RFC 6750, section 2.1). One with characters that no header can
    /// carry is [`Error::InvalidRequest`] at each call.
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

    /// Requests without a token, for an HTTP client that brings its own sign-in.
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

    /// The header's value, marked so that neither `Debug` nor HTTP/2's header compression keeps it.
    fn authorization<E>(token: &Secret) -> Result<HeaderValue, Error<E>> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
            Error::InvalidRequest("the bearer token has characters no header can carry".to_owned())
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
        // Progenitor sends the document's version; Keycloak's is always "1.0" and means nothing.
        headers.remove(HeaderName::from_static("api-version"));
        if let Some(token) = &self.inner().bearer {
            headers.insert(AUTHORIZATION, RequestContext::authorization(token)?);
        }
        Ok(())
    }
}
