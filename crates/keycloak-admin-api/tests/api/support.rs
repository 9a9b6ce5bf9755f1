//! Helpers for the tests of this crate.

use keycloak_admin_api::{Client, PathSegment, RequestContext};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Starts a server that responds to every request with `response`.
pub(crate) async fn server(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(response).mount(&server).await;
    server
}

pub(crate) fn client(server: &MockServer) -> Client {
    client_with(server, RequestContext::anonymous())
}

pub(crate) fn client_with(server: &MockServer, context: RequestContext) -> Client {
    Client::new_with_client(&server.uri(), http(), context)
}

pub(crate) fn realm() -> PathSegment {
    segment("insights")
}

pub(crate) fn segment(text: &str) -> PathSegment {
    PathSegment::new(text).unwrap()
}

/// An HTTP client that follows no redirects and ignores proxies in the environment.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The only request that was sent.
pub(crate) async fn only_request(server: &MockServer) -> wiremock::Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}
