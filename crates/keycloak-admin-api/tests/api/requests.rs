//! What every request carries, and which responses are successes.

use crate::support::{client, client_with, http, only_request, realm, segment, server};
use keycloak_admin_api::{ClientHooks as _, Failure, OperationInfo, RequestContext, Secret, types};
use reqwest::header::AUTHORIZATION;
use wiremock::ResponseTemplate;

fn token(text: &str) -> RequestContext {
    RequestContext::bearer(Secret::from(text.to_owned()))
}

#[tokio::test]
async fn the_token_is_sent_and_the_version_of_the_document_is_not() {
    let server = server(ResponseTemplate::new(204)).await;
    let client = client_with(&server, token("t0ken"));
    client.client_delete(&realm(), &segment("x")).await.unwrap();
    let request = only_request(&server).await;
    assert_eq!(request.headers["authorization"], "Bearer t0ken");
    assert!(!request.headers.contains_key("api-version"));
}

#[tokio::test]
async fn without_a_token_none_is_sent() {
    let server = server(ResponseTemplate::new(204)).await;
    let sent = client(&server).client_delete(&realm(), &segment("x")).await;
    assert!(sent.is_ok());
    assert!(!only_request(&server).await.headers.contains_key("authorization"));
}

#[tokio::test]
async fn nothing_prints_the_token() {
    let server = server(ResponseTemplate::new(204)).await;
    let client = client_with(&server, token("t0ken"));
    assert!(!format!("{client:?}").contains("t0ken"));

    let info = OperationInfo { operation_id: "client_list" };
    let mut request = http().get(server.uri()).build().unwrap();
    client.pre::<()>(&mut request, &info).await.unwrap();
    assert!(request.headers()[AUTHORIZATION].is_sensitive());
    assert!(!format!("{request:?}").contains("t0ken"));
}

#[tokio::test]
async fn a_token_that_is_no_header_is_an_error_that_does_not_show_it() {
    let server = server(ResponseTemplate::new(204)).await;
    let client = client_with(&server, token("t0ken\n"));
    let error = client.client_delete(&realm(), &segment("x")).await.unwrap_err();
    let failure = Failure::from_error(error).await;
    let printed = format!("{failure} {failure:?}");
    assert!(matches!(failure, Failure::Request(_)) && !printed.contains("t0ken"), "{printed}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_success_may_have_any_success_status() {
    for status in [200, 201, 204] {
        let response = ResponseTemplate::new(status).insert_header("Location", "/clients/1");
        let server = server(response).await;
        let client = client(&server);
        let (id, new) = (segment("x"), types::RoleRepresentation::default());
        // Keycloak's document defines 201, 200 and 204.
        let responses = [
            client.role_create(&realm(), &new).await.unwrap(),
            client.client_secret_rotated_delete(&realm(), &id).await.unwrap(),
            client.role_delete(&realm(), &id).await.unwrap(),
        ];
        for response in responses {
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["location"], "/clients/1");
        }
    }
}

/// The statuses that Keycloak 22.0.5, 26.0.8 and 26.7.3 send.
#[tokio::test]
async fn a_write_of_the_library_succeeds_with_one_status() {
    for status in 200..=208 {
        let server = server(ResponseTemplate::new(status)).await;
        let client = client(&server);
        let (id, new) = (segment("x"), types::ClientRepresentation::default());
        let outcomes = [
            (201, client.client_create(&realm(), &new).await),
            (204, client.client_update(&realm(), &id, &new).await),
            (204, client.client_delete(&realm(), &id).await),
            (204, client.user_realm_role_mapping_add(&realm(), &id, &Vec::new()).await),
            (204, client.user_realm_role_mapping_remove(&realm(), &id, &Vec::new()).await),
        ];
        for (place, (expected, outcome)) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(_) => assert_eq!(status, expected, "write {place}"),
                Err(error) => {
                    let failure = Failure::from_error(error).await;
                    assert!(status != expected && failure.status().unwrap() == status, "{failure:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_secret_is_sent_as_it_is() {
    let server = server(ResponseTemplate::new(201)).await;
    let new = types::ClientRepresentation {
        client_id: Some("svc".to_owned()),
        secret: Some(Secret::from("s3cret".to_owned())),
        ..Default::default()
    };
    client(&server).client_create(&realm(), &new).await.unwrap();
    let body: serde_json::Value = only_request(&server).await.body_json().unwrap();
    assert_eq!(body, serde_json::json!({"clientId": "svc", "secret": "s3cret"}));
}
