//! Registrations that succeed.

use anyhow::{Context as _, Result};
use kxi_auth_core::{RegisterClient, Roles, SecretString};
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("register-new", "registers a new client with all roles", |at| Box::pin(new(at))),
        Scenario::new("register-again", "registers the same client twice", |at| {
            Box::pin(again(at, |register| register))
        }),
        Scenario::new("register-again-lifespan", "registers it again with a token lifespan", |at| {
            Box::pin(again(at, |register| register.token_lifespan(600)))
        }),
        Scenario::new("register-again-role", "registers it again with one more role", |at| {
            Box::pin(with_another_role(at))
        }),
        Scenario::new("register-composite-role", "assigns a role that holds the right to everything", |at| {
            Box::pin(with_roles(at, Roles::named(["boss"])))
        })
        .prepared(|realm| Box::pin(composite_role(realm))),
        Scenario::new("register-new-client", "creates a client, and once more", |at| {
            Box::pin(new_client(at))
        }),
        Scenario::new("register-named-roles", "registers a new client with one role of its choice", |at| {
            Box::pin(with_roles(at, Roles::named(["insights.query.data"])))
        }),
        Scenario::new("register-no-roles", "registers a new client without roles", |at| {
            Box::pin(with_roles(at, Roles::None))
        }),
        Scenario::new(
            "register-service-account-off",
            "registers a client whose service account is off",
            |at| Box::pin(new(at)),
        )
        .prepared(|realm| Box::pin(service_account_off(realm))),
        Scenario::new("register-other-secret", "registers an existing client with another secret", |at| {
            Box::pin(other_secret(at))
        })
        .prepared(|realm| Box::pin(service(realm))),
    ]
}

async fn new(at: At) -> Result<Value> {
    Ok(describe::registration(&at.manager()?.register_client("svc").await?))
}

async fn again(at: At, more: impl FnOnce(RegisterClient) -> RegisterClient + Send) -> Result<Value> {
    let manager = at.manager()?;
    let first = manager.register_client("svc").await?;
    let second = more(manager.register_client("svc")).await?;
    Ok(json!([describe::registration(&first), describe::registration(&second)]))
}

async fn with_another_role(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let first = manager.register_client("svc").roles(Roles::named(["insights.query.data"])).await?;
    let both = Roles::named(["insights.query.data", "insights.role.viewer"]);
    let second = manager.register_client("svc").roles(both).await?;
    Ok(json!([describe::registration(&first), describe::registration(&second)]))
}

async fn new_client(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.register_new_client("svc").token_lifespan(600).await?;
    let again = manager.register_new_client("svc").await;
    Ok(json!([describe::client(&client), describe::result(again, |made| describe::client(made))]))
}

async fn composite_role(realm: &TestRealm) -> Result<()> {
    realm.post("/roles", &json!({"name": "boss"})).await?;
    let owner = realm.get("/clients?clientId=realm-management").await?;
    let owner = owner[0]["id"].as_str().context("the realm has no realm-management")?;
    let part = realm.get(&format!("/clients/{owner}/roles/manage-users")).await?;
    realm.post("/roles/boss/composites", &json!([part])).await.map(drop)
}

async fn with_roles(at: At, roles: Roles) -> Result<Value> {
    Ok(describe::registration(&at.manager()?.register_client("svc").roles(roles).await?))
}

async fn other_secret(at: At) -> Result<Value> {
    let secret = SecretString::from("the new secret of svc");
    let registration = at.manager()?.register_client("svc").secret(secret).roles(Roles::None).await?;
    Ok(describe::registration(&registration))
}

async fn service_account_off(realm: &TestRealm) -> Result<()> {
    let client = json!({
        "clientId": "svc",
        "secret": "the old secret of svc",
        "serviceAccountsEnabled": false,
        "attributes": {"owner": "somebody"},
    });
    realm.post("/clients", &client).await.map(drop)
}

async fn service(realm: &TestRealm) -> Result<()> {
    let client = json!({
        "clientId": "svc",
        "secret": "the old secret of svc",
        "serviceAccountsEnabled": true,
    });
    realm.post("/clients", &client).await.map(drop)
}
