//! How a call fails: the server's message is available, and nothing of a successful body is kept.

use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::support::{client, http, realm, segment, server};
use keycloak_admin_api::{Client, Error, Failure, RequestContext, types};
use serde_json::json;
use wiremock::ResponseTemplate;

/// Everything that a failure prints, including its sources.
fn printed(failure: &Failure) -> String {
    let mut text = format!("{failure} {failure:?} {failure:#?}");
    let mut source = failure.source();
    while let Some(error) = source {
        text.push_str(&[error.to_string(), format!("{error:?}")].join(" "));
        source = error.source();
    }
    text
}

#[tokio::test]
async fn an_error_arrives_with_its_status_and_its_body() {
    for status in [400, 401, 403, 404, 409, 500, 502, 503] {
        let words = json!({"errorMessage": format!("no, {status}")});
        let response = ResponseTemplate::new(status).set_body_json(&words).insert_header("Retry-After", "7");
        let server = server(response).await;
        let client = client(&server);
        let name = segment("x");
        let new = types::RoleRepresentation::default();
        // One returns JSON, one returns nothing, and for one Keycloak's document defines the errors.
        let errors = [
            client.role_get(&realm(), &name).await.unwrap_err(),
            client.role_delete(&realm(), &name).await.unwrap_err(),
            client.role_create(&realm(), &new).await.unwrap_err(),
        ];
        for error in errors {
            let Failure::Response { status: got, headers, body } = Failure::from_error(error).await else {
                panic!("{status} is a response");
            };
            assert_eq!(got, status);
            assert_eq!(headers["retry-after"], "7");
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), words);
        }
    }
}

#[tokio::test]
async fn the_one_error_that_upstream_gives_a_type_arrives_the_same_way() {
    let server = server(ResponseTemplate::new(400).set_body_string("no")).await;
    let client = client(&server);
    let error = client.user_impersonation_post(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    let Failure::Response { body, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(&body[..], b"no");
}

#[tokio::test]
async fn nothing_of_a_bad_payload_is_kept_or_printed() {
    let bodies = [
        (r#"{"secret": ["s3cret"]}"#, false),
        (r#"{"secret": "s3cret", "enabled": "s3cret"}"#, false),
        (r#"{"attributes": {"a": {"s3cret": "s3cret"}}}"#, false),
        (r#"{"secret": "s3cret""#, true),
        (r#""s3cret""#, false),
    ];
    for (body, broken) in bodies {
        let server = server(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
        let error = client(&server).client_get(&realm(), &segment("x")).await.unwrap_err();
        assert!(format!("{error:?}").contains("s3cret"), "otherwise this crate would not need `Failure`");
        let failure = Failure::from_error(error).await;
        assert!(!printed(&failure).contains("s3cret"), "{}", printed(&failure));
        assert!(failure.source().is_none());
        assert!(matches!(failure, Failure::Payload { syntax, .. } if syntax == broken), "{body}");
    }
}

#[tokio::test]
async fn the_body_of_an_error_is_not_printed_and_not_read_for_ever() {
    let answer = ResponseTemplate::new(500).set_body_string("s3cret".repeat(100_000));
    let server = server(answer).await;
    let error = client(&server).client_get(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    assert_eq!(failure.to_string(), "the server responded with 500 Internal Server Error");
    assert!(!printed(&failure).contains("s3cret"));
    let Failure::Response { body, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_success_that_the_operation_does_not_have_keeps_no_body() {
    let server = server(ResponseTemplate::new(202).set_body_string("s3cret")).await;
    let error = client(&server).client_get(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    assert!(matches!(failure, Failure::UnexpectedSuccess(status) if status == 202));
    assert!(!printed(&failure).contains("s3cret"));
}

#[tokio::test]
async fn a_failed_connection_does_not_show_the_url() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = at(&format!("http://127.0.0.1:{port}/s3cret"));
    let error = client.client_get(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    assert!(matches!(&failure, Failure::Transport(error) if error.is_connect()), "{failure:?}");
    assert!(!printed(&failure).contains("s3cret"), "{}", printed(&failure));
}

#[tokio::test]
async fn an_invalid_address_is_reported_without_showing_it() {
    let error = at("s3cret").client_get(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    assert_eq!(failure.to_string(), "the request could not be built: relative URL without a base");
    assert!(!printed(&failure).contains("s3cret"), "{}", printed(&failure));
}

#[tokio::test]
async fn a_cut_body_is_no_response_but_a_cut_error_still_has_its_status() {
    let client = at(&respond_once("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"secret\":\"s3cret\""));
    let error = client.client_get(&realm(), &segment("x")).await.unwrap_err();
    assert!(matches!(error, Error::ResponseBodyError(_)));
    let failure = Failure::from_error(error).await;
    assert!(matches!(failure, Failure::Transport(_)), "{failure:?}");
    assert!(!printed(&failure).contains("s3cret"));

    let client = at(&respond_once("HTTP/1.1 503 Gone\r\ncontent-length: 99\r\n\r\nbusy"));
    let error = client.client_get(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    assert_eq!(failure.status().unwrap(), 503);
    let Failure::Response { body, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(&body[..], b"busy");
}

fn at(url: &str) -> Client {
    Client::new_with_client(url, http(), RequestContext::anonymous())
}

/// Starts a server that responds to one request with these bytes and then closes the connection. Returns its
/// URL.
fn respond_once(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let mut read = 0;
        while !request[..read].ends_with(b"\r\n\r\n") {
            read += connection.read(&mut request[read..]).unwrap();
        }
        connection.write_all(bytes.as_bytes()).unwrap();
    });
    url
}
