//! Guards against changes that the caller has to allow explicitly.

use serde_json::Value;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::model::client_uuid::ClientUuid;
use crate::model::fields::ATTRIBUTES;
use crate::model::role::Roles;
use crate::model::stored_client::StoredClient;

/// Clients that kdb Insights Enterprise or Keycloak itself needs.
const BUILTIN: [&str; 8] = [
    "account",
    "account-console",
    "admin-cli",
    "admin-permissions",
    "broker",
    "insights-app",
    "realm-management",
    "security-admin-console",
];

/// What the caller allows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allow {
    /// To change a built-in client.
    pub(crate) builtin: bool,
    /// To change the client that the admin signs in as so that the sign-in ends.
    pub(crate) own: bool,
}

impl Allow {
    /// Reads the client before a change that ends every sign-in as it (`change` says which), and rejects the change of
    /// a built-in client and of the admin's own. It sends nothing if the caller allows both, or if the admin is no
    /// client of the realm and the caller allows the other.
    pub(crate) async fn ending(
        self,
        manager: &ClientManager,
        uuid: &ClientUuid,
        change: &str,
    ) -> Result<(), Error> {
        let own = if self.own { None } else { manager.api().own_client().await? };
        if self.builtin && own.is_none() {
            return Ok(());
        }
        let stored = manager.api().client(uuid).await?;
        builtin(manager, &stored, self.builtin).await?;
        if own.as_ref() == Some(&stored.id) { Err(own_client(&stored.id, change)) } else { Ok(()) }
    }

    /// Whether this is the client that the admin signs in as, and the caller does not allow to end that.
    pub(crate) async fn protects(self, manager: &ClientManager, client_id: &str) -> Result<bool, Error> {
        Ok(!self.own && manager.api().own_client().await?.as_deref() == Some(client_id))
    }
}

/// The error for a change that would end the admin's own sign-in, or take away its permissions.
pub(crate) fn own_client(client_id: &str, change: impl Into<String>) -> Error {
    Error::OwnClient { client_id: client_id.to_owned(), change: change.into() }
}

/// Rejects changing or deleting a client with the ID of a built-in client. This needs no request.
pub(crate) fn builtin_id(manager: &ClientManager, id: &str, allow: bool) -> Result<(), Error> {
    if !allow && has_known_id(manager, id) { Err(rejection(id)) } else { Ok(()) }
}

/// Rejects changing or deleting a built-in client.
pub(crate) async fn builtin(
    manager: &ClientManager,
    stored: &StoredClient,
    allow: bool,
) -> Result<(), Error> {
    if !allow && is_builtin(manager, stored).await? { Err(rejection(&stored.id)) } else { Ok(()) }
}

/// Whether this is a built-in client, or one that the caller guards.
///
/// The client with the admin permissions of the realm can have any ID (observed on Keycloak 26.7.3). Which one it is
/// is read only if this client has authorization settings, as that one must.
pub(crate) async fn is_builtin(manager: &ClientManager, stored: &StoredClient) -> Result<bool, Error> {
    if has_known_id(manager, &stored.id) || is_marked(stored) {
        return Ok(true);
    }
    if !stored.authorization_services() {
        return Ok(false);
    }
    let settings = manager.api().realm_settings().await?;
    Ok(settings.admin_permissions_client.as_ref() == Some(&stored.uuid))
}

fn has_known_id(manager: &ClientManager, id: &str) -> bool {
    // The realm `master` has a client `<realm>-realm` for the administration of each realm.
    let administers = manager.realm() == "master" && id.ends_with("-realm");
    administers || BUILTIN.contains(&id) || manager.connection().builtin.iter().any(|builtin| builtin == id)
}

/// Whether the server marks the client as its own: by an attribute, or by the key of a translated name. Neither
/// depends on the client ID, which can be changed (observed on Keycloak 26.0.8 and 26.7.3; 22.0.5 has only the name).
fn is_marked(stored: &StoredClient) -> bool {
    let attribute = stored.fields.get(ATTRIBUTES).and_then(|attributes| attributes.get("realm_client"));
    let name = stored.fields.get("name").and_then(Value::as_str).unwrap_or_default();
    attribute.and_then(Value::as_str) == Some("true")
        || BUILTIN
            .iter()
            .any(|id| name.strip_prefix("${client_").is_some_and(|rest| rest.strip_suffix('}') == Some(id)))
}

fn rejection(id: &str) -> Error {
    Error::Builtin { client_id: id.to_owned() }
}

/// Rejects all roles of the realm `master`, because they include `admin`.
pub(crate) fn master_roles(manager: &ClientManager, roles: &Roles, allow: bool) -> Result<(), Error> {
    let realm = manager.realm();
    if !allow && *roles == Roles::All && realm == "master" {
        return Err(Error::MasterRoles { realm: realm.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;

    fn client(id: &str, fields: Value) -> StoredClient {
        let Value::Object(fields) = fields else { panic!("an object") };
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: id.to_owned(), secret: None, fields }
    }

    #[tokio::test]
    async fn a_built_in_client_is_known_by_its_id_and_by_the_marks_of_the_server() {
        let builder = ClientManager::builder().host("https://x").username("a").builtin_clients(["mine"]);
        let manager = builder.password(SecretString::from("hunter2")).build().unwrap();
        for (id, fields, builtin) in [
            ("admin-permissions", json!({}), true),
            ("mine", json!({}), true),
            ("renamed", json!({"name": "${client_account}"}), true),
            ("renamed", json!({"attributes": {"realm_client": "true"}}), true),
            ("svc", json!({"name": "${client_svc}", "attributes": {"realm_client": "false"}}), false),
            ("svc", json!({"name": "account"}), false),
            ("svc-realm", json!({}), false),
        ] {
            assert_eq!(
                is_builtin(&manager, &client(id, fields.clone())).await.unwrap(),
                builtin,
                "{id} {fields}"
            );
        }
    }
}
