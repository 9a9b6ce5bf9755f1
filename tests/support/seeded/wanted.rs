//! What a client is before a run, and what it is to be after it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::seeded::draw::Draw;

/// The realm roles that a run can name, one of them with a comma.
pub(super) const ROLES: [&str; 4] = ["insights.query.data", "insights.role.viewer", "writer", "a,b"];

/// Names of realm roles. What a client is to have leaves out the default role, which every service account has.
pub(super) type Roles = BTreeSet<String>;

/// When the secret of a client that is there before the run was set.
pub(super) const SET_AT: &str = "1600000000";

/// A client that is there before the run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Before {
    pub(super) id: String,
    /// What its representation has beside what every service account has.
    pub(super) fields: Map<String, Value>,
    pub(super) roles: Roles,
    pub(super) secret: String,
}

/// What becomes of a client.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// The run has nothing to do with it, and must not change it.
    Untouched,
    Gone,
    There(There),
}

/// What a client is to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct There {
    /// What changes; of the attributes only those that are named.
    pub(super) change: Map<String, Value>,
    /// All its roles but the default one.
    pub(super) roles: Roles,
    pub(super) secret: Secret,
    /// Where its secret is delivered.
    pub(super) file: Option<File>,
}

/// The secret that a client is to have.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Secret {
    /// The one that it has, or a new one if it has none.
    Kept,
    New,
    Given(String),
}

/// A secret file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) format: &'static str,
}

/// Fields to change, as flags and as a declaration name them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Change {
    description: Option<String>,
    lifespan: Option<usize>,
    contact: Option<String>,
    origins: Option<String>,
}

impl Change {
    /// Fields with new values, at least one.
    pub(super) fn draw(draw: &mut Draw) -> Self {
        let mut change = Self::default();
        while change == Self::default() {
            change.description = draw.percent(50).then(|| format!("writes {}", draw.word(6)));
            change.lifespan = draw.percent(50).then(|| draw.number(60..=3600));
            change.contact = draw.percent(40).then(|| format!("{}@example.com", draw.word(5)));
            change.origins = draw.percent(25).then(|| format!("https://{}.example.com", draw.word(5)));
        }
        change
    }

    /// As flags of the commands for one client.
    pub(super) fn flags(&self) -> Vec<String> {
        let flag = |name: &str, value: &Option<String>| {
            value.iter().flat_map(|value| [name.to_owned(), value.clone()]).collect::<Vec<_>>()
        };
        [
            flag("--description", &self.description),
            flag("--token-lifespan", &self.lifespan.map(|seconds| seconds.to_string())),
            flag("--attribute", &self.contact.as_ref().map(|contact| format!("contact={contact}"))),
            flag("--set", &self.origins.as_ref().map(|origin| format!("webOrigins={}", json!([origin])))),
        ]
        .concat()
    }

    /// As a client of a declaration has them.
    pub(super) fn declared(&self) -> Map<String, Value> {
        let mut config = Map::new();
        if let Some(description) = &self.description {
            config.insert("description".to_owned(), json!(description));
        }
        if let Some(contact) = &self.contact {
            config.insert("attributes".to_owned(), json!({"contact": contact}));
        }
        if let Some(origin) = &self.origins {
            config.insert("webOrigins".to_owned(), json!([origin]));
        }
        let mut declared = Map::new();
        if !config.is_empty() {
            declared.insert("config".to_owned(), Value::Object(config));
        }
        if let Some(seconds) = self.lifespan {
            declared.insert("token_lifespan".to_owned(), json!(seconds));
        }
        declared
    }

    /// As the server stores them.
    pub(super) fn stored(&self) -> Map<String, Value> {
        let mut declared = self.declared();
        let lifespan = declared.remove("token_lifespan");
        let config = declared.remove("config");
        let mut stored = config.and_then(|config| config.as_object().cloned()).unwrap_or_default();
        if let Some(seconds) = lifespan {
            attribute(&mut stored, "access.token.lifespan", &seconds.to_string());
        }
        stored
    }
}

/// Sets one attribute among the fields of a client.
pub(super) fn attribute(fields: &mut Map<String, Value>, name: &str, value: &str) {
    let attributes = fields.entry("attributes").or_insert_with(|| json!({}));
    if let Some(attributes) = attributes.as_object_mut() {
        attributes.insert(name.to_owned(), json!(value));
    }
}

/// Roles to name.
pub(super) fn roles(draw: &mut Draw) -> Roles {
    draw.some_of(&ROLES).into_iter().map(str::to_owned).collect()
}

/// The flags that name exactly these roles.
pub(super) fn role_flags(roles: &Roles) -> Vec<String> {
    if roles.is_empty() {
        return vec!["--roles".to_owned(), "none".to_owned()];
    }
    roles.iter().flat_map(|role| ["--role".to_owned(), role.clone()]).collect()
}
