//! The form of the model's values in a file, for the writer and for the JSON Schema.

use std::collections::BTreeMap;

use kxi_auth_core::{ExactRoles, Roles, TOKEN_LIFESPAN_ATTRIBUTE};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::attributes::OWNER_ATTRIBUTE;
use crate::secrets::SecretFormat;

/// Fields of `ClientRepresentation` that `config` must not contain.
pub(super) const OWN_FIELDS: [&str; 3] = ["clientId", "id", "secret"];
/// Attributes that `config` must not contain.
pub(super) const OWN_ATTRIBUTES: [&str; 2] = [OWNER_ATTRIBUTE, TOKEN_LIFESPAN_ATTRIBUTE];

// Patterns of the JSON Schema (ECMA 262); the reader has its own checks, and a test compares the two.
pub(super) const NOT_BLANK: &str = r"\S";
/// A slash before each name, and no name that is blank, `.` or `..`.
pub(super) const GROUP_PATH: &str = r"^(/(?!\.{1,2}(/|$))[^/\u0000-\u001f\u007f-\u009f]*[^/\s\u0000-\u001f\u007f-\u009f][^/\u0000-\u001f\u007f-\u009f]*)+$";
pub(super) const OWNER: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
pub(super) const VARIABLE: &str = r"^[^=\s\u0000]+$";
pub(super) const LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
pub(super) const SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// `all`, `none`, or a list of role names.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Roles")]
pub(super) enum RolesForm {
    /// One of the two words.
    Word(RolesWord),
    /// These roles, by their exact names. A role with the name `all` is `["all"]`.
    Names(
        #[schemars(extend("uniqueItems" = true))]
        #[schemars(inner(regex(pattern = NOT_BLANK)))]
        Vec<String>,
    ),
}

/// The words for roles.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum RolesWord {
    /// All roles of the realm.
    All,
    /// No roles.
    None,
}

pub(super) fn roles<S: Serializer>(roles: &Roles, serializer: S) -> Result<S::Ok, S::Error> {
    let form = match roles {
        Roles::All => RolesForm::Word(RolesWord::All),
        Roles::Named(names) => RolesForm::Names(names.clone()),
        Roles::None => RolesForm::Word(RolesWord::None),
        _ => return Err(serde::ser::Error::custom("these roles cannot be written to a file")),
    };
    form.serialize(serializer)
}

/// The names of roles, by client ID.
#[derive(JsonSchema)]
#[schemars(rename = "ClientRoles", extend("propertyNames" = {"pattern": NOT_BLANK}))]
pub(super) struct ClientRolesForm(
    #[expect(dead_code, reason = "only its schema is used")] BTreeMap<String, ClientRoleNames>,
);

/// The exact names of roles of this client. With an empty list, `exact_roles` revokes all its roles.
#[derive(JsonSchema)]
#[schemars(inline)]
struct ClientRoleNames(
    #[expect(dead_code, reason = "only its schema is used")]
    #[schemars(extend("uniqueItems" = true))]
    #[schemars(inner(regex(pattern = NOT_BLANK)))]
    Vec<String>,
);

/// `true`, `false` or `all`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ExactRoles")]
pub(super) enum ExactRolesForm {
    /// Whether other roles are revoked, except those of clients that are not named.
    Switch(bool),
    /// All other roles are revoked.
    Word(ExactRolesWord),
}

/// The word for all clients.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum ExactRolesWord {
    /// The roles of every other client too.
    All,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
pub(super) fn exact_roles<S: Serializer>(exact: &ExactRoles, serializer: S) -> Result<S::Ok, S::Error> {
    let form = match exact {
        ExactRoles::Off => ExactRolesForm::Switch(false),
        ExactRoles::Named => ExactRolesForm::Switch(true),
        ExactRoles::All => ExactRolesForm::Word(ExactRolesWord::All),
        _ => return Err(serde::ser::Error::custom("this mode cannot be written to a file")),
    };
    form.serialize(serializer)
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// `name` and `namespace` are those of a Kubernetes Secret.
pub(super) fn only_for_kubernetes() -> Value {
    let kubernetes =
        json!({"properties": {"format": {"const": SecretFormat::Kubernetes}}, "required": ["format"]});
    json!({"name": kubernetes, "namespace": kubernetes})
}

pub(super) fn none_of(names: &[&str]) -> Value {
    json!({"not": {"enum": names}})
}

pub(super) fn example() -> Value {
    json!({
        "owner": "market-data",
        "clients": [
            {
                "id": "feed-writer",
                "roles": ["insights.role.developer"],
                "client_roles": {"realm-management": ["view-clients"]},
                "token_lifespan": 300,
                "config": {"description": "writes the trade feed", "attributes": {"contact": "a@example.com"}},
                "secret": "generate",
                "secret_out": {"file": "feed-writer.yaml", "format": "kubernetes", "namespace": "feeds"},
            },
            {"id": "reader", "roles": "none", "secret": {"env": "READER_SECRET"}},
        ],
    })
}
