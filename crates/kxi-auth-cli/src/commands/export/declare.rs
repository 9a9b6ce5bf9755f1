//! Declares a client for the file, and reports what is left out.

use std::collections::BTreeMap;

use kxi_auth_core::serde_json::{Map, Value};
use kxi_auth_core::{
    ClientConfig, ClientDetails, ClientManager, ClientScopes, Error, RegisterClient, Role, RoleNames, Roles,
    ServiceAccount, TOKEN_LIFESPAN_ATTRIBUTE, TOKEN_LIFESPANS, UMA_PROTECTION,
};

use crate::commands::export::config;
use crate::commands::export::text::is_read_back;
use crate::declaration::{Declaration, DeclaredClient};
use crate::failure::Failure;

/// The realm that the clients are compared with.
pub(super) struct Realm<'a> {
    manager: &'a ClientManager,
    owner: &'a str,
    roles: usize,
    default_role: Role,
    scopes: ClientScopes,
}

/// The result for one client.
pub(super) struct ExportedClient {
    /// `None` if a declaration cannot hold the client.
    pub(super) client: Option<DeclaredClient>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Realm<'a> {
    /// Reads the realm with four requests, whatever the number of clients.
    pub(super) async fn read(manager: &'a ClientManager, owner: &'a str) -> Result<Self, Failure> {
        let roles = manager.all_roles().await?.len();
        let default_role = manager.default_role().await?;
        let scopes = manager.default_client_scopes().await?;
        Ok(Self { manager, owner, roles, default_role, scopes })
    }

    pub(super) async fn declare(&self, client: ClientDetails) -> Result<ExportedClient, Failure> {
        // Checks the client ID before reading the roles.
        if let Err(error) = self.manager.register_client(&client.id).roles(Roles::None).check() {
            let reason = format!("`apply` rejects it: {error}");
            return Ok(ExportedClient { client: None, warnings: vec![left_out(&client.id, &reason)] });
        }
        let mut notes = Vec::new();
        let account = match self.manager.service_account(&client).await {
            Ok(account) => account,
            // One client whose stored data no request can use must not stop the export.
            Err(Error::BadStoredData { reason, .. }) => {
                return Ok(ExportedClient { client: None, warnings: vec![left_out(&client.id, &reason)] });
            }
            Err(error) => return Err(error.into()),
        };
        let ServiceAccount { roles, groups, .. } = account;
        let (roles, client_roles) = self.roles(&client.id, roles, &mut notes);
        let groups = self.groups(&client.id, groups, &mut notes);
        let rejection = |fields: &Map<String, Value>| self.rejection(&client.id, fields);
        let own_scopes = Some(client.client_scopes()).filter(|scopes| *scopes != self.scopes);
        let config = config::config(client.fields(), own_scopes.as_ref(), &rejection, &mut notes);
        let token_lifespan = token_lifespan(client.fields(), &mut notes);
        let (id, enabled) = (client.id.clone(), (!client.is_enabled()).then_some(false));
        let declared = DeclaredClient {
            id,
            roles,
            client_roles,
            groups,
            enabled,
            token_lifespan,
            config,
            ..DeclaredClient::default()
        };
        Ok(self.checked(declared, notes))
    }

    /// Why the core would reject a client with these fields, if it would.
    fn rejection(&self, id: &str, fields: &Map<String, Value>) -> Option<String> {
        let config = ClientConfig::from_map(fields.clone());
        let registration = self.manager.register_client(id).roles(Roles::None).config(config);
        registration.check().err().map(reason)
    }

    /// The realm roles, and the client roles by client ID. The realm roles are `all` if the client has all of them.
    fn roles(
        &self,
        id: &str,
        roles: Vec<Role>,
        notes: &mut Vec<String>,
    ) -> (Roles, BTreeMap<String, Vec<String>>) {
        let (roles, of_clients): (Vec<Role>, Vec<Role>) =
            roles.into_iter().partition(|role| role.client.is_none());
        let client_roles = client_roles(id, of_clients, notes);
        // In the realm `master`, `apply` rejects `all` but accepts the names.
        let all_is_accepted = self.manager.register_client(id).roles(Roles::All).check().is_ok();
        if roles.len() == self.roles && all_is_accepted {
            return (Roles::All, client_roles);
        }
        (named(roles, &self.default_role, notes), client_roles)
    }

    /// The groups that a declaration can hold.
    fn groups(&self, id: &str, mut groups: Vec<String>, notes: &mut Vec<String>) -> Vec<String> {
        groups.retain(|path| {
            let check = self.manager.register_client(id).roles(Roles::None).groups([path]).check();
            if let Err(error) = &check {
                notes.push(format!("a group is left out: {error}"));
            }
            check.is_ok()
        });
        groups
    }

    /// Checks the whole client with the core and with the reader of the file. Until now, only its parts were
    /// checked.
    fn checked(&self, client: DeclaredClient, notes: Vec<String>) -> ExportedClient {
        let id = client.id.clone();
        let declaration = Declaration { owner: self.owner.to_owned(), clients: vec![client] };
        let rejected = declaration.clients.iter().find_map(|client| self.registration(client).check().err());
        let reason = match rejected {
            Some(error) => Some(format!("`apply` rejects it: {error}")),
            None if !is_read_back(&declaration) => {
                Some("a declaration cannot hold some of its values".to_owned())
            }
            None => None,
        };
        if let Some(reason) = reason {
            return ExportedClient { client: None, warnings: vec![left_out(&id, &reason)] };
        }
        let warnings = notes.into_iter().map(|note| format!("`{id}`: {note}")).collect();
        ExportedClient { client: declaration.clients.into_iter().next(), warnings }
    }

    fn registration(&self, client: &DeclaredClient) -> RegisterClient {
        let config = ClientConfig::from_map(client.config.clone());
        let registration = self
            .manager
            .register_client(&client.id)
            .roles(client.role_set())
            .groups(&client.groups)
            .config(config);
        let registration = match client.enabled {
            Some(enabled) => registration.enabled(enabled),
            None => registration,
        };
        match client.token_lifespan {
            Some(seconds) => registration.token_lifespan(seconds),
            None => registration,
        }
    }
}

fn left_out(id: &str, reason: &str) -> String {
    format!("`{id}` is left out: {reason}")
}

/// What is wrong with a part of the configuration. The reason names the field.
fn reason(error: Error) -> String {
    match error {
        Error::InvalidParameter { reason, .. } => reason,
        error => error.to_string(),
    }
}

/// The roles by name, except the default role that every service account has. The server accepts a blank role
/// name, but the reader of the file does not.
fn named(roles: Vec<Role>, default_role: &Role, notes: &mut Vec<String>) -> Roles {
    let roles = roles.into_iter().filter(|role| role.name != default_role.name && can_be_held(role, notes));
    let mut names: Vec<String> = roles.map(|role| role.name).collect();
    names.sort();
    if names.is_empty() { Roles::None } else { Roles::named(names) }
}

/// The names of client roles, by client ID.
fn client_roles(id: &str, mut roles: Vec<Role>, notes: &mut Vec<String>) -> BTreeMap<String, Vec<String>> {
    roles.retain(|role| can_be_held(role, notes));
    // In an empty realm the client and its roles do not exist before it is created.
    let is_own = |role: &Role| role.client.as_deref() == Some(id);
    if roles.iter().any(|role| is_own(role) && role.name != UMA_PROTECTION) {
        notes.push(
            "the roles of this client itself are left out: they do not exist before the client".to_owned(),
        );
    }
    roles.retain(|role| !is_own(role));
    RoleNames::from_iter(roles).clients
}

/// Whether a declaration can hold the role. If not, this is noted.
fn can_be_held(role: &Role, notes: &mut Vec<String>) -> bool {
    let is_blank = |name: &str| name.trim().is_empty();
    let can = !is_blank(&role.name) && !role.client.as_deref().is_some_and(is_blank);
    if !can {
        notes.push("a role with a blank name is left out: a declaration cannot hold it".to_owned());
    }
    can
}

/// The lifespan, if it is stored in exactly the form that `apply` writes. The server does not check the
/// stored value. Any other form is not a number to the server, leads to expired tokens, or would be rewritten
/// by `apply`.
fn token_lifespan(fields: &Map<String, Value>, notes: &mut Vec<String>) -> Option<i64> {
    let stored = fields.get("attributes")?.get(TOKEN_LIFESPAN_ATTRIBUTE)?;
    let seconds = stored.as_str().and_then(|text| text.parse::<i64>().ok().filter(|s| s.to_string() == text));
    let usable = seconds.filter(|seconds| TOKEN_LIFESPANS.contains(seconds));
    if usable.is_none() {
        notes.push(format!(
            "its `token_lifespan` is left out: the stored attribute `{TOKEN_LIFESPAN_ATTRIBUTE}` is not usable. It must be \
             a whole number from {} to {}; `kxi-auth client update --token-lifespan` fixes it",
            TOKEN_LIFESPANS.start(),
            TOKEN_LIFESPANS.end()
        ));
    }
    usable
}

#[cfg(test)]
mod tests {
    use kxi_auth_core::serde_json::json;

    use super::*;

    fn lifespan(stored: &Value) -> (Option<i64>, Vec<String>) {
        let fields = Map::from_iter([("attributes".to_owned(), json!({TOKEN_LIFESPAN_ATTRIBUTE: stored}))]);
        let mut notes = Vec::new();
        (token_lifespan(&fields, &mut notes), notes)
    }

    #[test]
    fn a_usable_lifespan_is_taken() {
        for (stored, seconds) in [("1", 1), ("300", 300), ("2147483647", 2_147_483_647)] {
            assert_eq!(lifespan(&json!(stored)), (Some(seconds), Vec::new()), "{stored}");
        }
        assert_eq!(token_lifespan(&Map::new(), &mut Vec::new()), None);
    }

    #[test]
    fn a_lifespan_that_is_not_usable_is_reported_without_its_value() {
        for stored in ["0", "-1", "-0", "2147483648", "abc", "1.5", "300s", "0300", "+300", " 300", "", "٣"]
        {
            let (seconds, notes) = lifespan(&json!(stored));
            assert_eq!((seconds, notes.len()), (None, 1), "{stored:?}");
            assert!(notes[0].contains("is not usable") && !notes[0].contains("abc"), "{notes:?}");
        }
        assert_eq!(lifespan(&json!(300)).0, None);
    }
}
