//! Role mappings whose responses are all lost: the roles that are assigned decide, or the error says what may have
//! changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use kxi_auth_core::{AuthClient, ClientManager, ClientUuid, Error, Roles, Step};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const MAPPINGS: &str = "/role-mappings/realm";

/// A server with the roles `a` and `b`, and one client, whose service account has some of them.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<BTreeSet<String>>>);

impl Store {
    fn assigned(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Respond for Store {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut assigned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let named = body.as_array().into_iter().flatten().filter_map(|role| role["name"].as_str());
        let shown = |value: Value| ResponseTemplate::new(200).set_body_json(value);
        let role = |name: &str| json!({"id": format!("id of {name}"), "name": name});
        let path = request.url.path();
        match request.method.as_str() {
            "POST" if path.ends_with("/token") => shown(json!({"access_token": "t", "expires_in": 300})),
            "POST" if path.ends_with(MAPPINGS) => {
                assigned.extend(named.map(str::to_owned));
                ResponseTemplate::new(204)
            }
            "DELETE" => {
                named.for_each(|name| drop(assigned.take(name)));
                ResponseTemplate::new(204)
            }
            _ if path.ends_with(MAPPINGS) => shown(assigned.iter().map(|name| role(name)).collect()),
            _ if path.ends_with("/roles") => shown(json!([role("a"), role("b"), role("default")])),
            _ if path.ends_with("/service-account-user") => shown(json!({"id": "user-1"})),
            _ if path.ends_with("/users") => {
                shown(json!([{"id": "user-1", "username": "service-account-svc"}]))
            }
            _ if path.ends_with("/clients/u-1") => {
                shown(json!({"id": "u-1", "clientId": "svc", "secret": "s", "serviceAccountsEnabled": true}))
            }
            _ if path.ends_with("/clients") => shown(
                json!([{"id": "u-1", "clientId": "svc", "secret": "s", "serviceAccountsEnabled": true}]),
            ),
            _ => shown(json!({"defaultRole": role("default")})),
        }
    }
}

/// A store with these roles assigned, a proxy in front of it, and a manager that talks through the proxy.
async fn assigned(roles: &[&str]) -> Result<(Store, MockServer, FaultProxy, ClientManager, AuthClient)> {
    let (store, server) = (Store::default(), MockServer::start().await);
    store
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(roles.iter().map(|role| (*role).to_owned()));
    Mock::given(any()).respond_with(store.clone()).mount(&server).await;
    let proxy = FaultProxy::start(&server.uri()).await?;
    let manager = super::connect(proxy.host()).base_path("/").retries(1).build()?;
    let client = AuthClient::new(manager.host(), "svc", ClientUuid::new("u-1")?);
    Ok((store, server, proxy, manager, client))
}

#[tokio::test]
async fn role_mappings_whose_responses_are_all_lost_are_found_to_be_done() -> Result<()> {
    let page = |status| Fault::in_place(status, "text/html", "<html>done</html>");
    for fault in [Fault::Lose, page(200), page(202), page(503)] {
        let (store, _server, proxy, manager, client) = assigned(&["a"]).await?;
        proxy.inject("POST", MAPPINGS, .., fault.clone());
        proxy.inject("DELETE", MAPPINGS, .., fault);
        assert_eq!(manager.assign_roles(&client, Roles::named(["b"])).await?.realm, ["b"]);
        assert_eq!(store.assigned(), ["a", "b"]);
        assert_eq!(manager.revoke_roles(&client, Roles::named(["a"])).await?.realm, ["a"]);
        assert_eq!(store.assigned(), ["b"]);
    }
    Ok(())
}

#[tokio::test]
async fn role_mappings_that_cannot_be_read_back_are_said_to_be_in_doubt() -> Result<()> {
    for (step, said) in [
        (Step::AssignRoles, "client `svc` may not have all of the roles yet: POST /admin/"),
        (Step::RevokeRoles, "client `svc` may still have roles that were to be revoked: DELETE /admin/"),
    ] {
        // Carried out or not, the command cannot know.
        for fault in [Fault::Lose, Fault::status(503)] {
            let (_store, _server, proxy, manager, client) = assigned(&["a"]).await?;
            proxy.inject("POST", MAPPINGS, .., fault.clone());
            proxy.inject("DELETE", MAPPINGS, .., fault);
            // The read before the change succeeds.
            proxy.inject("GET", MAPPINGS, 2.., Fault::Reset);
            let outcome = match step {
                Step::AssignRoles => manager.assign_roles(&client, Roles::named(["b"])).await,
                _ => manager.revoke_roles(&client, Roles::named(["a"])).await,
            };
            let error = super::refused(outcome)?;
            let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
            assert!(incomplete.in_doubt && incomplete.done.is_empty() && error.is_unavailable(), "{error}");
            assert_eq!(incomplete.failed, step);
            assert!(error.to_string().starts_with(said), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_registration_that_changes_roles_alone_says_which_are_in_doubt() -> Result<()> {
    for (roles, method, failed) in
        [(Roles::named(["a", "b"]), "POST", Step::AssignRoles), (Roles::None, "DELETE", Step::RevokeRoles)]
    {
        let (_store, _server, proxy, manager, _) = assigned(&["a"]).await?;
        proxy.inject(
            "POST",
            "/clients",
            ..,
            Fault::answer(409, "application/json", r#"{"errorMessage":"x"}"#),
        );
        proxy.inject(method, MAPPINGS, .., Fault::status(503));
        let error = super::refused(manager.register_client("svc").roles(roles).exact_roles(true).await)?;
        let Error::Incomplete(incomplete) = &error else { panic!("{error:?}") };
        assert_eq!((incomplete.failed, incomplete.in_doubt), (failed, true), "{error}");
        assert!(incomplete.done.is_empty(), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn keycloaks_own_error_shows_that_no_role_was_mapped() -> Result<()> {
    let (_store, _server, proxy, manager, client) = assigned(&["a"]).await?;
    let own = Fault::answer(503, "application/json", r#"{"error":"HTTP 503 Service Unavailable"}"#);
    proxy.inject("POST", MAPPINGS, .., own);
    let error = super::refused(manager.assign_roles(&client, Roles::named(["b"])).await)?;
    assert!(matches!(error, Error::Server { status: 503, .. }), "{error}");
    Ok(())
}
