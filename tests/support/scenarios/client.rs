//! Finding, listing and deleting clients.

use anyhow::Result;
use kxi_auth_core::ClientUuid;
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("client-list", "lists the clients of a realm", |at| Box::pin(list(at)))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-list-by-id", "lists one client, and one that is not there", |at| {
            Box::pin(list_by_id(at))
        })
        .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-get", "finds one client", |at| Box::pin(get(at, "svc-1")))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-get-missing", "looks for a client that is not there", |at| {
            Box::pin(get(at, "svc-3"))
        }),
        Scenario::new("client-delete", "deletes one client, and once more", |at| Box::pin(delete(at)))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-delete-by-uuid", "deletes a client by its uuid, and once more", |at| {
            Box::pin(delete_by_uuid(at))
        })
        .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-delete-builtin", "tries to delete a client of Keycloak's own", |at| {
            Box::pin(delete_builtin(at))
        }),
        Scenario::new("client-delete-unguarded", "deletes by uuid without a look at the client", |at| {
            Box::pin(delete_unguarded(at))
        })
        .prepared(|realm| Box::pin(two_clients(realm))),
    ]
}

async fn list(at: At) -> Result<Value> {
    let clients = at.manager()?.list_clients().await?;
    Ok(clients.iter().map(describe::client).collect())
}

async fn list_by_id(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let found = manager.list_clients().id("svc-1").with_secret(false).await?;
    let missing = manager.list_clients().id("svc-3").await?;
    Ok([found, missing]
        .iter()
        .map(|clients| clients.iter().map(describe::client).collect::<Value>())
        .collect())
}

async fn get(at: At, id: &str) -> Result<Value> {
    Ok(describe::result(at.manager()?.get_client(id).await, describe::client))
}

async fn delete(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let deleted = manager.delete_client("svc-1").await?;
    let missing = manager.delete_client("svc-1").await;
    Ok(json!([describe::client(&deleted), describe::result(missing, describe::client)]))
}

async fn delete_by_uuid(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let uuid: ClientUuid = manager.get_client("svc-1").await?.uuid;
    manager.delete_client_by_uuid(&uuid).await?;
    let missing = manager.delete_client_by_uuid(&uuid).await;
    Ok(json!({"deleted": uuid.as_str(), "again": describe::result(missing, |()| Value::Null)}))
}

async fn delete_builtin(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("account").await?;
    let by_uuid = manager.delete_client_by_uuid(&client.uuid).await;
    let by_id = manager.delete_client("account").await;
    Ok(json!([describe::result(by_uuid, |()| Value::Null), describe::result(by_id, describe::client)]))
}

async fn delete_unguarded(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc-1").await?;
    manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await?;
    let again = manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await;
    Ok(describe::result(again, |()| Value::Null))
}

async fn two_clients(realm: &TestRealm) -> Result<()> {
    for id in ["svc-1", "svc-2"] {
        let client = json!({
            "clientId": id,
            "secret": format!("the secret of {id}"),
            "serviceAccountsEnabled": true,
        });
        realm.post("/clients", &client).await?;
    }
    Ok(())
}
