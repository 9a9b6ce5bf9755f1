//! Reads of JSON that the generated client does not have, or sends otherwise than the server needs.

use keycloak_admin_api::{Client, ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use reqwest::Url;
use serde::de::DeserializeOwned;

use crate::transport::call::Sent;

/// Sends `GET` with these path segments in the same way as the generated operations.
pub(super) async fn get_json<T: DeserializeOwned>(
    api: &Client,
    operation_id: &'static str,
    segments: &[&str],
) -> Sent<T> {
    let operation = OperationInfo { operation_id };
    let invalid = |reason: &str| keycloak_admin_api::Error::InvalidRequest(reason.to_owned());
    let mut url = Url::parse(api.baseurl()).map_err(|error| invalid(&error.to_string()))?;
    url.path_segments_mut()
        .map_err(|()| invalid("the base address has no path"))?
        .pop_if_empty()
        .extend(segments);
    let mut request = api.client().get(url).build()?;
    api.pre(&mut request, &operation).await?;
    let response = api.exec(request, &operation).await?;
    if response.status().is_success() {
        ResponseValue::from_response(response).await
    } else {
        Err(keycloak_admin_api::Error::UnexpectedResponse(response))
    }
}
