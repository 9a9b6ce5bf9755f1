//! Registrations that are refused, by the core or by the server.

use anyhow::Result;
use kxi_auth_core::{ClientConfig, ClientManager, Roles, SecretString};
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

const LIMITED: (&str, &str) = ("limited", "the limited administrator's password");

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("register-unknown-role", "asks for roles that the realm does not have", |at| {
            Box::pin(unknown_role(at))
        }),
        Scenario::new("register-taken-by-user", "a user has the service account's name", |at| {
            Box::pin(register(at, "svc"))
        })
        .prepared(|realm| Box::pin(user(realm))),
        Scenario::new("register-taken-by-spelling", "a client has the id in another spelling", |at| {
            Box::pin(register(at, "svc"))
        })
        .prepared(|realm| Box::pin(other_spelling(realm))),
        Scenario::new("register-public-client", "the client exists and is public", |at| {
            Box::pin(register(at, "web-app"))
        })
        .prepared(|realm| Box::pin(public_client(realm))),
        Scenario::new("register-without-permission", "the administrator may only query clients", |at| {
            Box::pin(without_permission(at))
        })
        .prepared(|realm| Box::pin(realm.add_admin(LIMITED.0, LIMITED.1, &["query-clients"]))),
        Scenario::new("client-get-hidden", "the administrator may query clients and see none", |at| {
            Box::pin(hidden(at))
        })
        .prepared(|realm| Box::pin(realm.add_admin(LIMITED.0, LIMITED.1, &["query-clients"]))),
        Scenario::new("client-write-without-permission", "the administrator may only view", |at| {
            Box::pin(only_view(at))
        })
        .prepared(|realm| Box::pin(viewer(realm))),
        Scenario::new("register-invalid-redirect", "the server finds a redirect URI invalid", |at| {
            Box::pin(invalid_redirect(at))
        }),
    ]
}

async fn register(at: At, id: &str) -> Result<Value> {
    Ok(describe::result(at.manager()?.register_client(id).await, describe::registration))
}

async fn unknown_role(at: At) -> Result<Value> {
    let roles = Roles::named(["insights.query.data", "insights.query.date", "zz"]);
    let result = at.manager()?.register_client("svc").roles(roles).await;
    Ok(describe::result(result, describe::registration))
}

/// What such an administrator is told by a read that hides, by a refused read and a refused write.
async fn without_permission(at: At) -> Result<Value> {
    let manager = limited(&at)?;
    let listed = manager.list_clients().await;
    let roles = manager.all_roles().await;
    let created = manager.register_client("svc").roles(Roles::None).await;
    Ok(json!({
        "list": describe::result(listed, |clients| clients.iter().map(describe::client).collect()),
        "roles": describe::result(roles, |roles| roles.iter().map(describe::role).collect()),
        "register": describe::result(created, describe::registration),
    }))
}

/// A client that exists is hidden like any other.
async fn hidden(at: At) -> Result<Value> {
    let found = limited(&at)?.get_client("account").await;
    Ok(describe::result(found, describe::client))
}

async fn only_view(at: At) -> Result<Value> {
    let manager = limited(&at)?;
    let client = manager.get_client("svc").await?;
    let updated = manager.update_client(&client).token_lifespan(600).await;
    let rotated = manager.rotate_secret(&client).await;
    let deleted = manager.delete_client("svc").await;
    let assigned = manager.assign_roles(&client, Roles::named(["insights.query.data"])).await;
    Ok(json!({
        "update": describe::result(updated, |done| describe::client(done)),
        "rotate": describe::result(rotated, describe::client),
        "delete": describe::result(deleted, describe::client),
        "assign": describe::result(assigned, |added| json!(added.realm)),
    }))
}

async fn invalid_redirect(at: At) -> Result<Value> {
    let config = ClientConfig::new().redirect_uris(["https://*.example.com/ /"]);
    let result = at.manager()?.register_client("svc").config(config).roles(Roles::None).await;
    Ok(describe::result(result, describe::registration))
}

fn limited(at: &At) -> Result<ClientManager> {
    let builder = at.builder().admin_realm(&at.realm).username(LIMITED.0);
    Ok(builder.password(SecretString::from(LIMITED.1)).build()?)
}

async fn viewer(realm: &TestRealm) -> Result<()> {
    let client = json!({"clientId": "svc", "secret": "the secret of svc", "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await?;
    realm.add_admin(LIMITED.0, LIMITED.1, &["view-clients", "view-realm"]).await
}

async fn user(realm: &TestRealm) -> Result<()> {
    let user = json!({"username": "service-account-svc", "enabled": true});
    realm.post("/users", &user).await.map(drop)
}

async fn other_spelling(realm: &TestRealm) -> Result<()> {
    let client = json!({"clientId": "SVC", "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await.map(drop)
}

async fn public_client(realm: &TestRealm) -> Result<()> {
    realm.post("/clients", &json!({"clientId": "web-app", "publicClient": true})).await.map(drop)
}
