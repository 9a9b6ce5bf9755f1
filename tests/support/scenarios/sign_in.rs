//! Signing in, as administrator and as a client.

use anyhow::Result;
use kxi_auth_core::SecretString;
use serde_json::{Value, json};

use super::{At, Scenario, describe};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("wrong-password", "the administrator's password is wrong", |at| {
            Box::pin(wrong_password(at))
        }),
        Scenario::new("unknown-realm", "the realm does not exist", |at| Box::pin(unknown_realm(at))),
        Scenario::new("unknown-admin-realm", "the administrator's realm does not exist", |at| {
            Box::pin(unknown_admin_realm(at))
        }),
        Scenario::new("client-token", "a new client signs in, with its secret and with a wrong one", |at| {
            Box::pin(client_token(at))
        }),
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

async fn client_token(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.register_client("svc").await?;
    // The replay accepts no other secret here than the one that was sent to create the client.
    let secret = client.secret.clone().unwrap_or_default();
    let token = manager.client_token(&client.id, &secret).await?;
    let wrong = manager.client_token(&client.id, &SecretString::from("certainly wrong")).await;
    Ok(json!([describe::token(&token), describe::result(wrong, describe::token)]))
}
