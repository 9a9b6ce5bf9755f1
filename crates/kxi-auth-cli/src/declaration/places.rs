//! The location of each part of a declaration, for errors that are found later.

use std::collections::HashMap;

use kxi_auth_core::{Error, UnknownRole};

use super::faults::{Fault, Location};

/// A part of a declared client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// Its client ID.
    Id,
    /// All its roles.
    Roles,
    /// The role with this name.
    Role(&'a str),
    /// The roles of the client with this ID.
    RolesOf(&'a str),
    /// The role of a client: the client ID and the name.
    ClientRole(&'a str, &'a str),
    /// All its groups.
    Groups,
    /// The group with this path.
    Group(&'a str),
    /// Its token lifespan.
    TokenLifespan,
    /// All of `config`.
    Config,
    /// Where its secret comes from.
    Secret,
    /// The file that its secret is written to.
    SecretOut,
}

/// The locations of the parts of a declaration.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) owner: Location,
    pub(super) clients: Vec<ClientPlaces>,
}

/// The locations of the parts of a client: the value of a field, or the key of a mapping. `None` if the part
/// is not written.
#[derive(Debug, Default)]
pub(super) struct ClientPlaces {
    pub(super) client: Location,
    pub(super) id: Option<Location>,
    pub(super) roles: Option<Location>,
    /// In the order of the list.
    pub(super) role_items: Vec<(String, Location)>,
    pub(super) client_roles: Option<Location>,
    /// In the order of the file.
    pub(super) client_role_items: Vec<RolesOfClient>,
    pub(super) groups: Option<Location>,
    /// In the order of the list.
    pub(super) group_items: Vec<(String, Location)>,
    pub(super) token_lifespan: Option<Location>,
    pub(super) config: Option<Location>,
    /// By the path inside `config`.
    pub(super) config_fields: HashMap<String, Location>,
    pub(super) secret: Option<Location>,
    /// The path in `secret: {file: PATH}`.
    pub(super) secret_file: Option<Location>,
    pub(super) secret_out: Option<Location>,
    /// The path in `secret_out`.
    pub(super) output_file: Option<Location>,
}

/// The locations of a client ID in `client_roles` and of the roles below it.
#[derive(Debug)]
pub(super) struct RolesOfClient {
    pub(super) client: String,
    pub(super) at: Location,
    pub(super) roles: Vec<(String, Location)>,
}

impl ClientPlaces {
    /// The location of the part, or of its parent.
    pub(super) fn locate(&self, field: Field<'_>) -> Location {
        let place = match field {
            Field::Id => self.id,
            Field::Roles => self.roles,
            Field::Role(name) => named(&self.role_items, name).or(self.roles),
            Field::RolesOf(client) => self.roles_of(client).map(|of| of.at).or(self.client_roles),
            Field::ClientRole(client, name) => {
                let item = self.roles_of(client).and_then(|of| named(&of.roles, name));
                return item.unwrap_or_else(|| self.locate(Field::RolesOf(client)));
            }
            Field::Groups => self.groups,
            Field::Group(path) => named(&self.group_items, path).or(self.groups),
            Field::TokenLifespan => self.token_lifespan,
            Field::Config => self.config,
            Field::Secret => self.secret,
            Field::SecretOut => self.secret_out,
        };
        place.unwrap_or(self.client)
    }

    fn roles_of(&self, client: &str) -> Option<&RolesOfClient> {
        self.client_role_items.iter().find(|of| of.client == client)
    }

    /// The location of the field, or of the nearest parent that is written.
    fn config_field(&self, mut path: &str) -> Option<Location> {
        loop {
            if let Some(at) = self.config_fields.get(path) {
                return Some(*at);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    /// The library's error of this client, each part of it at its location.
    pub(super) fn faults(&self, error: &Error) -> Vec<Fault> {
        if let Error::UnknownRoles { realm, unknown, unknown_clients, .. } = error {
            let roles = unknown.iter().map(|role| self.unknown_role(realm, role));
            let clients = unknown_clients.iter().map(|client| Fault {
                at: self.locate(Field::RolesOf(&client.name)),
                message: absent("client", &format!("in the realm `{realm}`"), client.nearest.as_deref()),
            });
            return roles.chain(clients).collect();
        }
        if let Error::UnknownGroups(groups) = error {
            let fault = |path: &String| Fault {
                at: self.locate(Field::Group(path)),
                message: absent("group", &format!("in the realm `{}`", groups.realm), None),
            };
            return groups.paths.iter().map(fault).collect();
        }
        vec![Fault { at: self.of_error(error), message: message(error) }]
    }

    fn unknown_role(&self, realm: &str, role: &UnknownRole) -> Fault {
        let UnknownRole { name, client, nearest, .. } = role;
        let (field, place) = match client {
            Some(client) => {
                (Field::ClientRole(client, name), format!("for the client `{}`", client.escape_debug()))
            }
            None => (Field::Role(name), format!("in the realm `{realm}`")),
        };
        Fault { at: self.locate(field), message: absent("role", &place, nearest.as_deref()) }
    }

    fn of_error(&self, error: &Error) -> Location {
        match error {
            Error::InvalidParameter { parameter: "token lifespan", .. } => self.locate(Field::TokenLifespan),
            Error::InvalidParameter { parameter: "secret", .. } => self.locate(Field::Secret),
            Error::InvalidParameter { parameter: "group", reason, .. } => {
                let named =
                    self.group_items.iter().find(|(path, _)| reason.starts_with(&format!("`{path}`")));
                named.map_or_else(|| self.locate(Field::Groups), |(_, at)| *at)
            }
            Error::InvalidParameter { parameter: "config", reason, .. } => self.in_config(reason),
            Error::MasterRoles { .. } => self.locate(Field::Roles),
            // It can be about the client of a role.
            Error::NotVisible { name, .. } | Error::NotFound { name, .. }
                if self.roles_of(name).is_some() =>
            {
                self.locate(Field::RolesOf(name))
            }
            _ => self.locate(Field::Id),
        }
    }

    /// The first field of `config` that the library's message names in backticks.
    fn in_config(&self, reason: &str) -> Location {
        let named = reason.split('`').skip(1).step_by(2).find_map(|path| self.config_field(path));
        named.unwrap_or_else(|| self.locate(Field::Config))
    }
}

/// The location of the role or group with this name.
fn named(items: &[(String, Location)], name: &str) -> Option<Location> {
    items.iter().find(|(item, _)| item == name).map(|(_, at)| *at)
}

/// A name that does not exist, with one that does.
fn absent(what: &str, place: &str, nearest: Option<&str>) -> String {
    let nearest = nearest.map(|nearest| format!("; did you mean `{}`?", nearest.escape_debug()));
    format!("this {what} does not exist {place}{}", nearest.unwrap_or_default())
}

/// The error's message without the client ID, because the fault points to the line of the client.
pub(super) fn message(error: &Error) -> String {
    match error {
        Error::Builtin { .. } => {
            "this is a built-in client of kdb Insights Enterprise or Keycloak".to_owned()
        }
        Error::NotAServiceAccount { reason, .. } => {
            format!("this client exists but {reason}")
        }
        error => error.to_string(),
    }
}
