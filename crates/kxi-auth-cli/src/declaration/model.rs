//! The types of a declaration.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use kxi_auth_core::{ClientConfig, ExactRoles, RoleSet, Roles, TOKEN_LIFESPANS};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secrets::SecretFormat;

use super::forms::{self, ExactRolesForm, RolesForm};

// These comments are shown by `kxi-auth schema`.

/// The auth clients (service accounts) of one owner, as `kxi-auth plan` and `kxi-auth apply` read them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "kxi-auth declaration", example = forms::example())]
pub(crate) struct Declaration {
    /// The owner of the clients: at most 255 characters, without control characters. `apply` stores it in the
    /// attribute `kxi-auth.owner` of each client, and `--prune` deletes only clients of this owner.
    #[schemars(length(max = 255), regex(pattern = forms::OWNER))]
    pub(crate) owner: String,
    /// The clients. If the list is empty, `apply` needs `--allow-empty`.
    #[serde(default)]
    pub(crate) clients: Vec<DeclaredClient>,
}

/// One client, as it should be. Fields that are not set here stay as they are on the server.
#[derive(Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Client")]
pub(crate) struct DeclaredClient {
    /// The client ID, unique in the file.
    #[schemars(regex(pattern = forms::NOT_BLANK))]
    pub(crate) id: String,
    /// The realm roles of its service account: `all`, `none`, or a list of exact names. Missing roles are
    /// assigned. Other roles stay, unless `exact_roles` is true.
    #[serde(default, serialize_with = "forms::roles")]
    #[schemars(with = "RolesForm")]
    pub(crate) roles: Roles,
    /// The client roles of its service account: the exact names of the roles, by client ID. Missing roles are
    /// assigned. Other roles stay, unless `exact_roles` says otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "forms::ClientRolesForm")]
    pub(crate) client_roles: BTreeMap<String, Vec<String>>,
    /// Whether other roles are revoked: with `true` all other realm roles, and the other roles of the clients in
    /// `client_roles`; with `all` the roles of every other client too. The realm's default role always stays.
    #[serde(default, skip_serializing_if = "forms::is_default", serialize_with = "forms::exact_roles")]
    #[schemars(with = "ExactRolesForm", extend("default" = false))]
    pub(crate) exact_roles: ExactRoles,
    /// The groups that its service account is a member of, by their paths, such as `/market-data/feeds`. They have to
    /// exist. It stays in other groups, unless `exact_groups` is true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true), inner(length(max = 4000), regex(pattern = forms::GROUP_PATH)))]
    pub(crate) groups: Vec<String>,
    /// Whether its service account leaves all other groups.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = false))]
    pub(crate) exact_groups: bool,
    /// Whether the client is enabled. A disabled client cannot sign in. Default: a new client is enabled, and a
    /// disabled one is an error unless `apply --convert` is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub(crate) enabled: Option<bool>,
    /// How long its access tokens are valid, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64", range(min = *TOKEN_LIFESPANS.start(), max = *TOKEN_LIFESPANS.end()))]
    pub(crate) token_lifespan: Option<i64>,
    /// Other fields of Keycloak's `ClientRepresentation`, such as `description` and `attributes`. The client
    /// ID, the secret and the token lifespan have fields of their own and must not be set here.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(
        extend("propertyNames" = forms::none_of(&forms::OWN_FIELDS)),
        extend("properties" = {"attributes": {"propertyNames": forms::none_of(&forms::OWN_ATTRIBUTES)}})
    )]
    pub(crate) config: Map<String, Value>,
    /// Where its secret comes from. The secret itself must never be in this file.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = SecretSource::default()))]
    pub(crate) secret: SecretSource,
    /// The file that its secret is written to: a path, or a path with a format. If the file is missing,
    /// `apply` writes it again with the stored secret.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "secret_out")]
    #[schemars(with = "OutputForm")]
    pub(crate) secret_out: Option<SecretOutput>,
}

impl DeclaredClient {
    /// The realm roles and the client roles.
    pub(crate) fn role_set(&self) -> RoleSet {
        let add = |set: RoleSet, (client, names): (&String, &Vec<String>)| set.and_client(client, names);
        self.client_roles.iter().fold(self.roles.clone().into(), add)
    }
}

/// Shows only the names in `config`, because its values may be secret.
impl fmt::Debug for DeclaredClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredClient")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("client_roles", &self.client_roles)
            .field("exact_roles", &self.exact_roles)
            .field("groups", &self.groups)
            .field("exact_groups", &self.exact_groups)
            .field("enabled", &self.enabled)
            .field("token_lifespan", &self.token_lifespan)
            .field("config", &ClientConfig::from_map(self.config.clone()))
            .field("secret", &self.secret)
            .field("secret_out", &self.secret_out)
            .finish()
    }
}

/// Where a client's secret comes from: `generate`, `keep`, `{env: NAME}` or `{file: PATH}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SecretSource {
    /// A new client gets a random secret. An existing client keeps its secret.
    #[default]
    Generate,
    /// The client keeps its secret. The client must exist already.
    Keep,
    /// The secret is the value of this environment variable.
    Env(#[schemars(regex(pattern = forms::VARIABLE))] String),
    /// The secret is the content of this file. A relative path starts at the folder of the declaration.
    File(
        #[schemars(regex(pattern = forms::NOT_BLANK))]
        #[schemars(with = "String")]
        PathBuf,
    ),
}

/// The file that a client's secret is written to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("dependentSchemas" = forms::only_for_kubernetes()))]
pub(crate) struct SecretOutput {
    /// The file. A relative path starts at the folder of the declaration.
    #[schemars(with = "String", regex(pattern = forms::NOT_BLANK))]
    pub(crate) file: PathBuf,
    /// The format of the file.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = SecretFormat::default()))]
    pub(crate) format: SecretFormat,
    /// Only for the format `kubernetes`: `metadata.name` of the Secret, a DNS name (RFC 1123). Default: the
    /// client ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 253), regex(pattern = forms::SUBDOMAIN))]
    pub(crate) name: Option<String>,
    /// Only for the format `kubernetes`: `metadata.namespace` of the Secret, a DNS label (RFC 1123). Default:
    /// no namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 63), regex(pattern = forms::LABEL))]
    pub(crate) namespace: Option<String>,
}

/// A path, or a path with a format.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "SecretDestination")]
enum OutputForm {
    /// The file, which gets the secret alone. A relative path starts at the folder of the declaration.
    Path(
        #[schemars(regex(pattern = forms::NOT_BLANK))]
        #[schemars(with = "String")]
        PathBuf,
    ),
    /// The file and its format.
    Full(SecretOutput),
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn secret_out<S: Serializer>(output: &Option<SecretOutput>, serializer: S) -> Result<S::Ok, S::Error> {
    let short = |output: &SecretOutput| SecretOutput { file: output.file.clone(), ..SecretOutput::default() };
    let form = output.as_ref().map(|output| match output {
        output if *output == short(output) => OutputForm::Path(output.file.clone()),
        output => OutputForm::Full(output.clone()),
    });
    form.serialize(serializer)
}
