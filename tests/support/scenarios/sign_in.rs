//! Signing in, as administrator and as a client.

use anyhow::{Context as _, Result};
use kxi_auth_core::{ClientManager, SecretString};
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

const ADMIN: (&str, &str) = ("realm-admin", "the realm administrator's password");
const AUTOMATION: (&str, &str) = ("automation", "the secret of automation");

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("wrong-password", "the administrator's password is wrong", |at| {
            Box::pin(wrong_password(at))
        }),
        Scenario::new("unknown-realm", "the realm does not exist", |at| Box::pin(unknown_realm(at))),
        Scenario::new("unknown-admin-realm", "the administrator's realm does not exist", |at| {
            Box::pin(unknown_admin_realm(at))
        }),
        Scenario::new("account-disabled", "the administrator's account is disabled", |at| {
            Box::pin(as_realm_admin(at))
        })
        .prepared(|realm| Box::pin(admin_with(realm, json!({"enabled": false})))),
        Scenario::new("account-not-set-up", "the administrator has yet to set a password", |at| {
            Box::pin(as_realm_admin(at))
        })
        .prepared(|realm| Box::pin(admin_with(realm, json!({"requiredActions": ["UPDATE_PASSWORD"]})))),
        Scenario::new("admin-client", "a client with a service account is the administrator", |at| {
            Box::pin(as_client(at, AUTOMATION.1))
        })
        .prepared(|realm| Box::pin(automation(realm, true))),
        Scenario::new("admin-client-wrong-secret", "the administrating client's secret is wrong", |at| {
            Box::pin(as_client(at, "certainly wrong"))
        })
        .prepared(|realm| Box::pin(automation(realm, true))),
        Scenario::new("admin-client-service-account-off", "that client has no service account", |at| {
            Box::pin(as_client(at, AUTOMATION.1))
        })
        .prepared(|realm| Box::pin(automation(realm, false))),
        Scenario::new("client-token", "a new client signs in, with its secret and with a wrong one", |at| {
            Box::pin(client_token(at))
        }),
        Scenario::new("client-token-stored", "a client signs in with the secret that is stored", |at| {
            Box::pin(stored_secret(at))
        })
        .prepared(|realm| Box::pin(automation(realm, true))),
    ]
}

async fn wrong_password(at: At) -> Result<Value> {
    let manager = at.builder().password(SecretString::from("certainly wrong")).build()?;
    Ok(describe::result(manager.list_clients().await, |clients| json!(clients.len())))
}

async fn unknown_realm(at: At) -> Result<Value> {
    let manager = at.builder().realm("no-such-realm").build()?;
    Ok(json!({
        "roles": describe::result(manager.all_roles().await, |roles| json!(roles.len())),
        "list": describe::result(manager.list_clients().await, |clients| json!(clients.len())),
        "register": describe::result(manager.register_client("svc").await, describe::registration),
    }))
}

async fn unknown_admin_realm(at: At) -> Result<Value> {
    let manager = at.builder().admin_realm("no-such-realm").build()?;
    Ok(describe::result(manager.all_roles().await, |roles| json!(roles.len())))
}

async fn as_realm_admin(at: At) -> Result<Value> {
    let builder = at.builder().admin_realm(&at.realm).username(ADMIN.0);
    let manager = builder.password(SecretString::from(ADMIN.1)).build()?;
    Ok(describe::result(manager.all_roles().await, |roles| json!(roles.len())))
}

async fn as_client(at: At, secret: &str) -> Result<Value> {
    let manager = ClientManager::builder()
        .host(&at.host)
        .realm(&at.realm)
        .admin_realm(&at.realm)
        .admin_client(AUTOMATION.0, SecretString::from(secret))
        .build()?;
    Ok(describe::result(manager.get_client(AUTOMATION.0).await, describe::client))
}

async fn client_token(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.register_client("svc").await?;
    // The replay accepts no other secret here than the one that was sent to create the client.
    let secret = client.secret.clone().unwrap_or_default();
    let token = manager.client_token(&client.id, &secret).await?;
    let wrong = manager.client_token(&client.id, &SecretString::from("certainly wrong")).await;
    Ok(json!([describe::token(&token), describe::result(wrong, describe::token)]))
}

async fn stored_secret(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client(AUTOMATION.0).await?;
    let secret = client.secret.clone().context("the client has no secret")?;
    Ok(describe::token(&manager.client_token(&client.id, &secret).await?))
}

/// An administrator of the realm, with something else about the account.
async fn admin_with(realm: &TestRealm, change: Value) -> Result<()> {
    realm.add_admin(ADMIN.0, ADMIN.1, &["view-realm"]).await?;
    let mut user = realm.get(&format!("/users?username={}&exact=true", ADMIN.0)).await?[0].take();
    let path = format!("/users/{}", user["id"].as_str().context("the administrator is not there")?);
    for (field, value) in change.as_object().into_iter().flatten() {
        user[field] = value.clone();
    }
    realm.put(&path, &user).await
}

/// The client that administrates, with or without its service account and what that may do.
async fn automation(realm: &TestRealm, service_account: bool) -> Result<()> {
    let client = json!({
        "clientId": AUTOMATION.0,
        "secret": AUTOMATION.1,
        "serviceAccountsEnabled": service_account,
    });
    let uuid = realm.post("/clients", &client).await?;
    if !service_account {
        return Ok(());
    }
    let user = realm.get(&format!("/clients/{uuid}/service-account-user")).await?["id"].clone();
    let user = user.as_str().context("the client has no service account")?;
    let owner = realm.get("/clients?clientId=realm-management").await?[0]["id"].clone();
    let owner = owner.as_str().context("the realm has no realm-management")?;
    let role = realm.get(&format!("/clients/{owner}/roles/view-clients")).await?;
    let path = format!("/users/{user}/role-mappings/clients/{owner}");
    realm.post(&path, &json!([role])).await.map(drop)
}
