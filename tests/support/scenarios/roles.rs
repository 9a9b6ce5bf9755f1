//! Roles: of the realm, and of a client's service account.

use anyhow::{Context as _, Result};
use kxi_auth_core::Roles;
use serde_json::{Value, json};

use super::{At, Scenario, describe};
use crate::keycloak::realm::TestRealm;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("role-list", "lists the roles of a realm", |at| Box::pin(list(at))),
        Scenario::new("role-list-at-root", "lists the roles of a realm, Keycloak at the root", |at| {
            Box::pin(list(at))
        })
        .at_root(),
        Scenario::new("assign-roles", "adds one role to a client's service account", |at| {
            Box::pin(assign(at))
        })
        .prepared(|realm| Box::pin(svc(realm, true))),
        Scenario::new("revoke-roles", "takes a role that is mapped, and one that is not", |at| {
            Box::pin(revoke(at))
        })
        .prepared(|realm| Box::pin(svc(realm, true))),
        Scenario::new(
            "assign-client-roles",
            "adds roles of a client to another client's service account",
            |at| Box::pin(assign_of_client(at)),
        )
        .prepared(|realm| Box::pin(svc(realm, true))),
        Scenario::new(
            "client-roles-deleted-account",
            "the user of the client's service account was deleted",
            |at| Box::pin(assigned(at)),
        )
        .prepared(|realm| Box::pin(deleted(realm))),
        Scenario::new("client-roles", "reads the roles of a client's service account", |at| {
            Box::pin(assigned(at))
        })
        .prepared(|realm| Box::pin(svc(realm, true))),
        Scenario::new("client-details", "shows a client with its details and its roles", |at| {
            Box::pin(details(at))
        })
        .prepared(|realm| Box::pin(described(realm))),
        Scenario::new("client-roles-service-account-off", "the client's service account is off", |at| {
            Box::pin(assigned(at))
        })
        .prepared(|realm| Box::pin(svc(realm, false))),
    ]
}

async fn list(at: At) -> Result<Value> {
    let roles = at.manager()?.all_roles().await?;
    Ok(roles.iter().map(describe::role).collect())
}

async fn assign(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    Ok(json!(manager.assign_roles(&client, Roles::named(["insights.role.viewer"])).await?.realm))
}

async fn assign_of_client(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    let roles = Roles::None.and_client("realm-management", ["view-clients", "view-users"]);
    Ok(json!(manager.assign_roles(&client, roles).await?.clients))
}

async fn revoke(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    let roles = Roles::named(["default-roles-".to_owned() + &at.realm, "insights.role.viewer".to_owned()]);
    Ok(json!(manager.revoke_roles(&client, roles).await?.realm))
}

async fn assigned(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").await?;
    let roles = manager.service_account_roles(&client).await;
    Ok(describe::result(roles, |roles| roles.iter().map(describe::role).collect()))
}

async fn details(at: At) -> Result<Value> {
    let manager = at.manager()?;
    let client = manager.get_client("svc").details().await?;
    let account = manager.service_account(&client).await?;
    Ok(json!({
        "client": describe::client(&client),
        "description": client.description(),
        "lifespan": client.token_lifespan(),
        "owner": client.attribute("kxi-auth.owner"),
        "roles": account.roles.iter().map(describe::role).collect::<Value>(),
        "groups": account.groups,
    }))
}

async fn described(realm: &TestRealm) -> Result<()> {
    let client = json!({
        "clientId": "svc",
        "secret": "the secret of svc",
        "serviceAccountsEnabled": true,
        "description": "writes trades",
        "attributes": {"access.token.lifespan": "600", "kxi-auth.owner": "market-data"},
    });
    realm.post("/clients", &client).await.map(drop)
}

async fn svc(realm: &TestRealm, service_account: bool) -> Result<()> {
    let client = json!({
        "clientId": "svc",
        "secret": "the secret of svc",
        "serviceAccountsEnabled": service_account,
    });
    realm.post("/clients", &client).await.map(drop)
}

/// The client, whose service account has lost its user.
async fn deleted(realm: &TestRealm) -> Result<()> {
    svc(realm, true).await?;
    let found = realm.get("/users?username=service-account-svc&exact=true").await?;
    let user = found[0]["id"].as_str().context("the service account has no user")?;
    realm.remove(&format!("/users/{user}")).await
}
