//! Changing an existing client.

use anyhow::{Context as _, Result};
use kxi_auth_core::{ClientConfig, SecretString, UpdateClient};
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

pub(super) fn scenarios() -> Vec<Scenario> {
    let scenario = |name, about, run| Scenario::new(name, about, run).prepared(|realm| Box::pin(svc(realm)));
    vec![
        scenario("update-secret", "sets another secret", |at| {
            Box::pin(update(at, |update| update.secret(SecretString::from("the new secret of svc"))))
        }),
        scenario("update-lifespan", "sets another token lifespan", |at| {
            Box::pin(update(at, |update| update.token_lifespan(600)))
        }),
        scenario("update-config", "sets fields and attributes, and removes one", |at| {
            Box::pin(update(at, |update| {
                let config = ClientConfig::new().description("writes trades").attribute("desk", "rates");
                update.config(config.remove_attribute("owner"))
            }))
        }),
        scenario("update-nothing", "asks for what the client is already", |at| Box::pin(nothing(at))),
        scenario("update-missing", "the client is gone", |at| Box::pin(missing(at))),
        scenario("rotate-secret", "replaces the secret of a client", |at| Box::pin(rotate(at))),
    ]
}

async fn update(at: At, change: impl FnOnce(UpdateClient) -> UpdateClient + Send) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    Ok(describe::client(&change(manager.update_client(&client)).await?.client))
}

async fn nothing(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    let secret = client.secret.clone().context("the client has no secret")?;
    let config = ClientConfig::new().attribute("owner", "me");
    let update = manager.update_client(&client).secret(secret).token_lifespan(300).config(config);
    Ok(describe::client(&update.await?.client))
}

async fn missing(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.delete_client("svc").await?;
    let updated = manager.update_client(&client).token_lifespan(600).await;
    let rotated = manager.rotate_secret(&client).await;
    Ok(json!([
        describe::result(updated, |done| describe::client(done)),
        describe::result(rotated, describe::client)
    ]))
}

async fn rotate(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    Ok(describe::client(&manager.rotate_secret(&client).await?))
}

async fn svc(realm: &TestRealm) -> Result<()> {
    let client = json!({
        "clientId": "svc",
        "secret": "the old secret of svc",
        "serviceAccountsEnabled": true,
        "attributes": {"owner": "me", "access.token.lifespan": "300"},
    });
    realm.post("/clients", &client).await.map(drop)
}
