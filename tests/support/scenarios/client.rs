//! Finding, listing and deleting clients, and listing roles.

use anyhow::Result;
use kxi_auth_core::ClientUuid;
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::realm::TestRealm;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("client-list", "lists the clients of a realm", |at| Box::pin(list(at)))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-get", "finds one client, and one that is not there", |at| Box::pin(get(at)))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-delete", "deletes one client, and once more", |at| Box::pin(delete(at)))
            .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("client-delete-by-uuid", "deletes a client by its uuid, and once more", |at| {
            Box::pin(delete_by_uuid(at))
        })
        .prepared(|realm| Box::pin(two_clients(realm))),
        Scenario::new("role-list", "lists the roles of a realm", |at| Box::pin(roles(at))),
        Scenario::new("role-list-at-root", "lists the roles of a realm, Keycloak at the root", |at| {
            Box::pin(roles(at))
        })
        .at_root(),
    ]
}

async fn list(at: At) -> Result<Value> {
    let clients = at.manager()?.list_clients().await?;
    Ok(clients.iter().map(describe::client).collect())
}

async fn get(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let found = manager.get_client("svc-1").await?;
    let missing = manager.get_client("svc-3").await;
    Ok(json!([describe::client(&found), describe::result(missing, describe::client)]))
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

async fn roles(at: At) -> Result<Value> {
    let roles = at.manager()?.all_roles().await?;
    Ok(roles.iter().map(describe::role).collect())
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
