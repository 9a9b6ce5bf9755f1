//! The location of each part of a declaration, for errors that are found later.

use std::collections::HashMap;

use kxi_auth_core::Error;

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

impl ClientPlaces {
    /// The location of the part, or of its parent.
    pub(super) fn locate(&self, field: Field<'_>) -> Location {
        let place = match field {
            Field::Id => self.id,
            Field::Roles => self.roles,
            Field::Role(name) => self.role(name).or(self.roles),
            Field::TokenLifespan => self.token_lifespan,
            Field::Config => self.config,
            Field::Secret => self.secret,
            Field::SecretOut => self.secret_out,
        };
        place.unwrap_or(self.client)
    }

    fn role(&self, name: &str) -> Option<Location> {
        self.role_items.iter().find(|(item, _)| item == name).map(|(_, at)| *at)
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
        if let Error::UnknownRoles { realm, unknown, .. } = error {
            let fault = |role: &kxi_auth_core::UnknownRole| Fault {
                at: self.locate(Field::Role(&role.name)),
                message: match &role.nearest {
                    Some(nearest) => format!(
                        "this role does not exist in the realm `{realm}`; did you mean `{}`?",
                        nearest.escape_debug()
                    ),
                    None => format!("this role does not exist in the realm `{realm}`"),
                },
            };
            return unknown.iter().map(fault).collect();
        }
        vec![Fault { at: self.of_error(error), message: message(error) }]
    }

    fn of_error(&self, error: &Error) -> Location {
        match error {
            Error::InvalidParameter { parameter: "token lifespan", .. } => self.locate(Field::TokenLifespan),
            Error::InvalidParameter { parameter: "secret", .. } => self.locate(Field::Secret),
            Error::InvalidParameter { parameter: "config", reason, .. } => self.in_config(reason),
            Error::MasterRoles { .. } => self.locate(Field::Roles),
            _ => self.locate(Field::Id),
        }
    }

    /// The first field of `config` that the library's message names in backticks.
    fn in_config(&self, reason: &str) -> Location {
        let named = reason.split('`').skip(1).step_by(2).find_map(|path| self.config_field(path));
        named.unwrap_or_else(|| self.locate(Field::Config))
    }
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
