//! Successes that Keycloak does not send: a gateway that responds in its place reports nothing done, and nothing found.

use anyhow::Result;
use kxi_auth_core::{AuthClient, ClientManager, ClientUuid, Error, Hint, Roles, SecretString};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::refused;

const CLIENTS: &str = "/clients$";
const CLIENT: &str = "/clients/u-1$";
const MAPPINGS: &str = "/role-mappings/realm$";

/// The writes of the library: the request, and its own status. Keycloak sends no content with any of them.
const WRITES: [(&str, &str, u16); 5] = [
    ("POST", CLIENTS, 201),
    ("PUT", CLIENT, 204),
    ("DELETE", CLIENT, 204),
    ("POST", MAPPINGS, 204),
    ("DELETE", MAPPINGS, 204),
];

async fn answers(server: &MockServer, verb: &str, path: &str, answer: ResponseTemplate) {
    Mock::given(method(verb)).and(path_regex(path)).respond_with(answer).mount(server).await;
}

async fn shows(server: &MockServer, path: &str, body: Value) {
    answers(server, "GET", path, ResponseTemplate::new(200).set_body_json(body)).await;
}

/// A server with one client, and a manager that is signed in there.
async fn one_client() -> Result<(MockServer, ClientManager, AuthClient)> {
    let server = MockServer::start().await;
    let token = json!({"access_token": "t", "expires_in": 300});
    answers(&server, "POST", "/token$", ResponseTemplate::new(200).set_body_json(token)).await;
    let client = json!({"id": "u-1", "clientId": "svc", "secret": "s", "serviceAccountsEnabled": true});
    shows(&server, CLIENT, client).await;
    shows(&server, "/roles$", json!([{"id": "r-1", "name": "a"}, {"id": "r-2", "name": "b"}])).await;
    shows(&server, "/service-account-user$", json!({"id": "user-1"})).await;
    shows(&server, "/users$", json!([{"id": "user-1", "username": "service-account-svc"}])).await;
    shows(&server, MAPPINGS, json!([{"id": "r-1", "name": "a"}])).await;
    let builder = ClientManager::builder().host(server.uri()).base_path("/").retries(2);
    let manager = builder.admin_client("registrar", SecretString::from("s")).build()?;
    let client = AuthClient::new(manager.host(), "svc", ClientUuid::new("u-1")?);
    Ok((server, manager, client))
}

/// Calls the operation that sends this write.
async fn write(manager: &ClientManager, client: &AuthClient, verb: &str, path: &str) -> Result<(), Error> {
    match (verb, path) {
        ("POST", CLIENTS) => manager.register_new_client("svc").await.map(drop),
        ("PUT", CLIENT) => manager.update_client(client).token_lifespan(600).await.map(drop),
        ("DELETE", CLIENT) => manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await.map(drop),
        ("POST", MAPPINGS) => manager.assign_roles(client, Roles::named(["b"])).await.map(drop),
        _ => manager.revoke_roles(client, Roles::named(["a"])).await.map(drop),
    }
}

async fn outcome(verb: &str, path: &str, answer: ResponseTemplate) -> Result<(Result<(), Error>, usize)> {
    let (server, manager, client) = one_client().await?;
    answers(&server, verb, path, answer).await;
    let outcome = write(&manager, &client, verb, path).await;
    let sent = server.received_requests().await.unwrap_or_default();
    let path = regex::Regex::new(path)?;
    let fits =
        |request: &&wiremock::Request| request.method.as_str() == verb && path.is_match(request.url.path());
    Ok((outcome, sent.iter().filter(fits).count()))
}

fn page(status: u16) -> ResponseTemplate {
    let answer = ResponseTemplate::new(status).insert_header("server", "nginx/1.27");
    answer.insert_header("via", "1.1 edge").set_body_raw("<title>Sign in</title>", "text/html")
}

#[tokio::test]
async fn a_write_succeeds_only_with_keycloaks_own_response() -> Result<()> {
    for (verb, path, own) in WRITES {
        let credential = json!({"type": "secret", "value": "the secret"});
        let json = |status| ResponseTemplate::new(status).set_body_json(&credential);
        let empty = ResponseTemplate::new;
        let (done, _) = outcome(verb, path, empty(own)).await?;
        assert!(done.is_ok(), "{verb} {path}: {done:?}");
        let mut foreign =
            vec![page(200), page(201), page(202), empty(200), empty(202), json(200), json(201), json(202)];
        foreign.extend([201, 204].into_iter().filter(|status| *status != own).map(empty));
        for answer in foreign {
            let case = format!("{verb} {path}: {answer:?}");
            let (error, sent) = outcome(verb, path, answer).await?;
            let error = refused(error)?;
            // What is stored is read again, and does not show the change.
            let reason = match &error {
                Error::Incomplete(incomplete) if incomplete.in_doubt => &incomplete.cause,
                error => error,
            };
            assert!(matches!(reason, Error::UnexpectedResponse { .. }), "{case}: {error}");
            assert_eq!(error.hint(), Some(Hint::CheckGateway), "{case}");
            assert!(error.to_string().contains("may or may not have carried out"), "{case}: {error}");
            assert_eq!(
                sent, 1,
                "{case}: it is not repeated, because nothing says that it was not carried out"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_stands_in_front_of_the_server_is_named() -> Result<()> {
    let (error, _) = outcome("PUT", CLIENT, page(200)).await?;
    assert_eq!(
        refused(error)?.to_string(),
        "client `svc` may have been changed: PUT /admin/realms/insights/clients/u-1: unexpected response: 200 (text/html, title `Sign in`, server `nginx/1.27`, \
         via `1.1 edge`) is not what Keycloak sends; the server may or may not have carried out the request"
    );
    Ok(())
}

#[tokio::test]
async fn a_read_finds_only_what_keycloak_shows() -> Result<()> {
    let list = |status| ResponseTemplate::new(status).set_body_json(json!([]));
    for answer in [
        page(200),
        page(203),
        ResponseTemplate::new(200).set_body_raw("[]", "text/html"),
        ResponseTemplate::new(200).set_body_raw("[]", "text/plain"),
        ResponseTemplate::new(200),
        ResponseTemplate::new(204),
        list(202),
        list(203),
        list(206),
    ] {
        let case = format!("{answer:?}");
        let (server, manager, client) = one_client().await?;
        server.reset().await;
        let token = json!({"access_token": "t", "expires_in": 300});
        answers(&server, "POST", "/token$", ResponseTemplate::new(200).set_body_json(token)).await;
        answers(&server, "GET", "/", answer).await;
        let outcomes = [
            manager.list_clients().await.map(drop),
            manager.get_client("svc").await.map(drop),
            manager.all_roles().await.map(drop),
            manager.service_account_roles(&client).await.map(drop),
            manager.default_client_scopes().await.map(drop),
        ];
        for outcome in outcomes {
            let error = refused(outcome)?;
            assert!(matches!(error, Error::UnexpectedResponse { .. }), "{case}: {error}");
            assert!(!error.is_not_found() && !error.to_string().contains("carried out"), "{case}: {error}");
        }
    }
    Ok(())
}
