//! Changes whose responses are all lost: what is stored decides, and the error says what may have changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use kxi_auth_core::{
    AuthClient, ClientManager, ClientUuid, Error, ExposeSecret as _, Hint, Roles, SecretString, Step,
};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const CLIENTS: &str = "/admin/realms/insights/clients";

/// A server with at most one client, which carries out what it is asked for.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Option<Value>>>);

impl Store {
    fn client(&self) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn secret(&self) -> Option<String> {
        self.client()?["secret"].as_str().map(ToOwned::to_owned)
    }
}

impl Respond for Store {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut client = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let path = request.url.path();
        let missing = json!({"error": "Could not find client"});
        match (request.method.as_str(), &mut *client) {
            ("POST", _) if path.ends_with("/token") => {
                ResponseTemplate::new(200).set_body_json(json!({"access_token": "t", "expires_in": 300}))
            }
            ("GET", client) if path.ends_with("/clients") => {
                ResponseTemplate::new(200).set_body_json(client.iter().collect::<Vec<_>>())
            }
            ("POST", client) if path.ends_with("/clients") => {
                *client = Some(body);
                ResponseTemplate::new(201)
            }
            ("GET", Some(client)) if path.contains("/clients/") => {
                ResponseTemplate::new(200).set_body_json(&*client)
            }
            ("PUT", Some(client)) => {
                if let (Some(client), Value::Object(body)) = (client.as_object_mut(), body) {
                    client.extend(body);
                }
                ResponseTemplate::new(204)
            }
            ("DELETE", client) => {
                *client = None;
                ResponseTemplate::new(204)
            }
            _ => ResponseTemplate::new(404).set_body_json(missing),
        }
    }
}

/// A store with a client, a proxy in front of it, and a manager that talks through the proxy.
async fn stored_client() -> Result<(Store, MockServer, FaultProxy, ClientManager, AuthClient)> {
    let (store, server) = (Store::default(), MockServer::start().await);
    Mock::given(any()).respond_with(store.clone()).mount(&server).await;
    let proxy = FaultProxy::start(&server.uri()).await?;
    let manager = super::connect(proxy.host()).base_path("/").retries(1).build()?;
    let client = manager.register_client("svc").secret(SecretString::from("old")).roles(Roles::None).await?;
    Ok((store, server, proxy, manager, client.into()))
}

#[tokio::test]
async fn a_rotation_whose_responses_are_all_lost_is_found_to_be_done() -> Result<()> {
    let page = |status| Fault::in_place(status, "text/html", "<html>done</html>");
    for fault in [Fault::Lose, page(200), page(500), page(504)] {
        let (store, _server, proxy, manager, client) = stored_client().await?;
        proxy.inject("PUT", CLIENTS, .., fault);
        let rotated = manager.rotate_secret(&client).await?;
        let secret = rotated.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        assert_eq!(secret, store.secret());
        assert_ne!(secret.as_deref(), Some("old"));
    }
    Ok(())
}

#[tokio::test]
async fn a_rotation_that_cannot_be_read_back_says_what_may_have_changed() -> Result<()> {
    let (store, _server, proxy, manager, client) = stored_client().await?;
    proxy.inject("PUT", CLIENTS, .., Fault::Lose);
    // The read before the change succeeds.
    let reads = proxy.count("GET", CLIENTS);
    proxy.inject("GET", CLIENTS, 2.., Fault::Reset);
    let chosen = SecretString::from("chosen before it became live");
    let error = super::refused(manager.rotate_secret(&client).secret(chosen.clone()).await)?;
    let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
    assert_eq!((incomplete.failed, incomplete.in_doubt, incomplete.done.len()), (Step::SetSecret, true, 0));
    assert!(error.to_string().starts_with("client `svc` may have the new secret: PUT /admin/"), "{error}");
    assert_eq!(error.hint(), Some(Hint::ReadSecret));
    assert!(error.is_unavailable() && error.request().is_some());
    assert!(proxy.count("GET", CLIENTS) > reads + 1);
    // The same call again is harmless: the caller holds the secret that is live.
    assert_eq!(store.secret().as_deref(), Some(chosen.expose_secret()));
    proxy.heal();
    let puts = proxy.count("PUT", CLIENTS);
    manager.rotate_secret(&client).secret(chosen).await?;
    assert_eq!(proxy.count("PUT", CLIENTS), puts);
    Ok(())
}

/// Whatever status it has: a gateway can respond with it after it has passed the request on, as Envoy does with a 503.
#[tokio::test]
async fn after_an_error_that_is_not_keycloaks_the_stored_secret_decides() -> Result<()> {
    for status in [403, 404, 429, 503] {
        let (store, _server, proxy, manager, client) = stored_client().await?;
        proxy.inject("PUT", CLIENTS, .., Fault::in_place(status, "text/plain", "upstream connect error"));
        let rotated = manager.rotate_secret(&client).await?;
        assert_eq!(rotated.secret.as_ref().map(|secret| secret.expose_secret().to_owned()), store.secret());
        assert_ne!(store.secret().as_deref(), Some("old"));

        // The request may still be under way when the old secret is read.
        let (store, _server, proxy, manager, client) = stored_client().await?;
        proxy.inject("PUT", CLIENTS, .., Fault::status(status));
        let error = super::refused(manager.rotate_secret(&client).await)?;
        let Error::Incomplete(incomplete) = &error else { panic!("{status}: {error:?}") };
        assert!(incomplete.in_doubt && incomplete.done.is_empty(), "{error}");
        assert_eq!((incomplete.failed, error.hint()), (Step::SetSecret, Some(Hint::ReadSecret)));
        assert_eq!(store.secret().as_deref(), Some("old"));
    }
    Ok(())
}

#[tokio::test]
async fn keycloaks_own_error_shows_that_the_secret_was_not_replaced() -> Result<()> {
    let (store, _server, proxy, manager, client) = stored_client().await?;
    let own = Fault::answer(503, "application/json", r#"{"error":"HTTP 503 Service Unavailable"}"#);
    proxy.inject("PUT", CLIENTS, .., own);
    let error = super::refused(manager.rotate_secret(&client).await)?;
    assert!(matches!(error, Error::Server { status: 503, .. }), "{error}");
    assert_eq!(store.secret().as_deref(), Some("old"));
    Ok(())
}

#[tokio::test]
async fn a_rotation_that_a_gateway_swallowed_is_no_success() -> Result<()> {
    let (store, _server, proxy, manager, client) = stored_client().await?;
    proxy.inject("PUT", CLIENTS, .., Fault::answer(204, "text/plain", ""));
    let error = super::refused(manager.rotate_secret(&client).await)?;
    let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
    assert!(error.is_conflict() && !incomplete.in_doubt && incomplete.done.is_empty(), "{error}");
    assert_eq!((incomplete.failed, error.hint()), (Step::SetSecret, Some(Hint::CheckGateway)));
    // A secret that cannot be read back is not known to be live.
    for rotation in [manager.rotate_secret(&client), manager.rotate_secret(&client).secret("given".into())] {
        proxy.heal();
        proxy.inject("PUT", CLIENTS, .., Fault::answer(204, "text/plain", ""));
        proxy.inject("GET", CLIENTS, 2.., Fault::Reset);
        let error = super::refused(rotation.await)?;
        assert!(matches!(&error, Error::Incomplete(incomplete) if incomplete.in_doubt), "{error}");
        assert_eq!(error.hint(), Some(Hint::ReadSecret));
    }
    assert_eq!(store.secret().as_deref(), Some("old"));
    Ok(())
}

/// A response of Keycloak to a request that is repeated after another one was carried out.
fn taken() -> Fault {
    Fault::answer(409, "application/json", r#"{"errorMessage":"Client svc already exists"}"#)
}

#[tokio::test]
async fn a_lost_create_whose_client_cannot_be_found_is_in_doubt() -> Result<()> {
    let unseen = [
        (Fault::Reset, Hint::RunAgain),
        // The list of an admin who does not see every client.
        (Fault::answer(200, "application/json", "[]"), Hint::CheckPermissions),
    ];
    for (answer, hint) in unseen {
        let (_store, _server, proxy, manager, _) = stored_client().await?;
        manager.delete_client("svc").await?;
        proxy.inject("POST", CLIENTS, 1..=1, Fault::Lose);
        proxy.inject("POST", CLIENTS, 2.., taken());
        proxy.inject("GET", CLIENTS, .., answer.clone());
        let error = super::refused(manager.register_new_client("svc").await)?;
        assert!(error.to_string().starts_with("client `svc` may have been created: "), "{error}");
        let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
        assert_eq!((incomplete.failed, incomplete.in_doubt), (Step::Create, true));
        assert_eq!(error.hint(), Some(hint));
        // Without a lost response it is known that nothing was created.
        proxy.heal();
        proxy.inject("POST", CLIENTS, .., taken());
        proxy.inject("GET", CLIENTS, .., answer);
        let error = super::refused(manager.register_new_client("svc").await)?;
        assert!(!matches!(error, Error::Incomplete(_)), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_update_whose_repetition_is_a_conflict_counts_if_it_was_stored() -> Result<()> {
    let (store, _server, proxy, manager, client) = stored_client().await?;
    let lose = |proxy: &FaultProxy| {
        proxy.heal();
        proxy.inject("PUT", CLIENTS, 1..=1, Fault::Lose);
        proxy.inject("PUT", CLIENTS, 2.., taken());
    };
    lose(&proxy);
    let done = manager.update_client(&client).token_lifespan(60).await?;
    assert!(done.updated, "{:?}", done.warnings);
    lose(&proxy);
    proxy.inject("POST", CLIENTS, .., taken());
    let done = manager.register_client("svc").secret("new".into()).roles(Roles::None).await?;
    assert!(!done.created && done.updated && store.secret().as_deref() == Some("new"));

    lose(&proxy);
    proxy.inject("GET", CLIENTS, 2.., Fault::Reset);
    let error = super::refused(manager.update_client(&client).token_lifespan(90).await)?;
    assert!(error.to_string().starts_with("client `svc` may have been changed: "), "{error}");
    assert!(matches!(&error, Error::Incomplete(incomplete) if incomplete.in_doubt), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_hint_of_a_change_in_doubt_is_that_of_its_cause() -> Result<()> {
    let (_store, _server, proxy, manager, client) = stored_client().await?;
    for (fault, hint) in [
        (Fault::status(403), Some(Hint::SetAdminUrl)),
        (Fault::status(500), None),
        (Fault::status(503), Some(Hint::RunAgain)),
        (Fault::Reset, Some(Hint::RunAgain)),
    ] {
        proxy.heal();
        proxy.inject("PUT", CLIENTS, .., fault.clone());
        let error = super::refused(manager.update_client(&client).token_lifespan(60).await)?;
        assert!(matches!(&error, Error::Incomplete(incomplete) if incomplete.in_doubt), "{error}");
        assert_eq!(error.hint(), hint, "{fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_the_time_limit_ends_is_in_doubt() -> Result<()> {
    let (_store, server, proxy, _, client) = stored_client().await?;
    drop(server);
    let builder = super::connect(proxy.host()).base_path("/").retries(3);
    let manager = builder.timeout(Duration::from_secs(2)).total_timeout(Duration::from_secs(2)).build()?;
    // The first attempt does not reach the server; the second is under way when the time is over.
    proxy.inject("GET", CLIENTS, 1..=1, Fault::answer(200, "application/json", &stored_json(&client)));
    proxy.inject("PUT", CLIENTS, 1..=1, Fault::status(503));
    proxy.inject("PUT", CLIENTS, 2.., Fault::Hang);
    let token = r#"{"access_token":"t","expires_in":300}"#;
    proxy.inject("POST", "/token", .., Fault::answer(200, "application/json", token));
    let error = super::refused(manager.rotate_secret(&client).await)?;
    assert!(matches!(&error, Error::Incomplete(incomplete) if incomplete.in_doubt), "{error}");
    Ok(())
}

fn stored_json(client: &AuthClient) -> String {
    json!({"id": client.uuid, "clientId": "svc", "secret": "old", "serviceAccountsEnabled": true}).to_string()
}

#[tokio::test]
async fn a_create_and_a_delete_whose_responses_are_all_lost_are_found_to_be_done() -> Result<()> {
    let (store, _server, proxy, manager, _) = stored_client().await?;
    proxy.inject("DELETE", CLIENTS, .., Fault::Lose);
    manager.delete_client("svc").await?;
    assert!(store.client().is_none());
    proxy.inject("POST", CLIENTS, .., Fault::Lose);
    let new = manager.register_new_client("svc").await?;
    assert_eq!(new.client.secret.map(|secret| secret.expose_secret().to_owned()), store.secret());
    Ok(())
}

#[tokio::test]
async fn what_may_have_been_created_changed_or_deleted_is_said() -> Result<()> {
    let (_store, _server, proxy, manager, client) = stored_client().await?;
    let said = |error: &Error, text: &str, step: Step| {
        assert!(error.to_string().starts_with(text), "{error}");
        let Error::Incomplete(incomplete) = error else { panic!("{error:?}") };
        assert!(incomplete.in_doubt, "{error}");
        assert_eq!((incomplete.failed, error.hint()), (step, Some(Hint::RunAgain)));
    };
    for method in ["PUT", "DELETE", "POST"] {
        proxy.inject(method, CLIENTS, .., Fault::Reset);
    }
    proxy.inject("GET", CLIENTS, 2.., Fault::Reset);
    let error = super::refused(manager.update_client(&client).token_lifespan(60).await)?;
    said(&error, "client `svc` may have been changed: ", Step::Update);
    proxy.heal();
    for method in ["PUT", "DELETE", "POST"] {
        proxy.inject(method, CLIENTS, .., Fault::Reset);
    }
    // Still there when it is read again: the request may be under way.
    let error = super::refused(manager.delete_client("svc").await)?;
    said(&error, "client `svc` may have been deleted: ", Step::Delete);
    let error = super::refused(manager.register_new_client("other").await)?;
    said(&error, "client `other` may have been created: ", Step::Create);
    let gone = AuthClient::new(manager.host(), "svc", ClientUuid::new("u-1")?);
    let error = super::refused(manager.delete_client_by_uuid(&gone.uuid).allow_builtin(true).await)?;
    said(&error, "client `u-1` may have been deleted: ", Step::Delete);
    Ok(())
}

#[tokio::test]
async fn a_registration_that_fails_after_the_create_says_so() -> Result<()> {
    let replay = super::tireless("register-named-roles").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    proxy.inject("POST", "/role-mappings/realm", .., Fault::status(503));
    let manager = super::connect(proxy.host()).retries(0).build()?;
    let roles = Roles::named(["insights.query.data"]);
    let error = super::refused(manager.register_client("svc").roles(roles).await)?;
    let text = "client `svc` was created, but may not have all of the roles yet (1 of 2 steps done): POST ";
    assert!(error.to_string().starts_with(text), "{error}");
    let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
    assert_eq!(
        (incomplete.done.as_slice(), incomplete.failed),
        ([Step::Create].as_slice(), Step::AssignRoles)
    );
    // A gateway's 503 does not show that the server has not assigned them.
    assert!(incomplete.in_doubt, "{error}");
    assert!(error.is_unavailable() && !error.is_usage());
    Ok(())
}
