use std::fmt;
use std::path::PathBuf;

use kxi_auth_core::{ClientConfig, Roles, TOKEN_LIFESPANS};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secrets::SecretFormat;

use super::forms::{self, RolesForm};

// The documentation of these types is what `kxi-auth schema` tells a user.

/// The auth clients (service accounts) of one owner, as `kxi-auth plan` and `kxi-auth apply` read them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "kxi-auth declaration", example = forms::example())]
pub(crate) struct Declaration {
    /// Whose clients these are: at most 255 characters, none of them a control character. `apply` stores it
    /// in the attribute `kxi-auth.owner` of each client, and `--prune` deletes only clients of this owner.
    #[schemars(length(max = 255), regex(pattern = forms::OWNER))]
    pub(crate) owner: String,
    /// The clients. If there is none, `apply` needs `--allow-empty`.
    #[serde(default)]
    pub(crate) clients: Vec<DeclaredClient>,
}

/// One client and what it should be. What is not named here stays as it is on the server.
#[derive(Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Client")]
pub(crate) struct DeclaredClient {
    /// The client id, unique in the file.
    #[schemars(regex(pattern = forms::NOT_BLANK))]
    pub(crate) id: String,
    /// The realm roles of its service account: `all`, `none`, or a list of exact names. They are added; those
    /// that it has besides stay, unless `exact_roles` is true.
    #[serde(default, serialize_with = "forms::roles")]
    #[schemars(with = "RolesForm")]
    pub(crate) roles: Roles,
    /// Whether roles that are not named are revoked. `default-roles-<realm>` always stays.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = false))]
    pub(crate) exact_roles: bool,
    /// How long its access tokens are valid, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64", range(min = *TOKEN_LIFESPANS.start(), max = *TOKEN_LIFESPANS.end()))]
    pub(crate) token_lifespan: Option<i64>,
    /// Other fields of Keycloak's `ClientRepresentation`, such as `description` and `attributes`. The id, the
    /// secret and the token lifespan have fields of their own and do not belong here.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(
        extend("propertyNames" = forms::none_of(&forms::OWN_FIELDS)),
        extend("properties" = {"attributes": {"propertyNames": forms::none_of(&forms::OWN_ATTRIBUTES)}})
    )]
    pub(crate) config: Map<String, Value>,
    /// Where its secret comes from; the secret itself never stands in this file.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = SecretSource::default()))]
    pub(crate) secret: SecretSource,
    /// Where its secret goes: a path, or a path with a format. A missing file is written again from the
    /// stored secret.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "secret_out")]
    #[schemars(with = "OutputForm")]
    pub(crate) secret_out: Option<SecretOutput>,
}

/// Of `config`, whose values may be secrets, the names only.
impl fmt::Debug for DeclaredClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredClient")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("exact_roles", &self.exact_roles)
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
    /// A new client gets a random secret; an existing one keeps the secret that it has.
    #[default]
    Generate,
    /// The server's secret stays, and the client must be there: of one that is not, nothing can be kept.
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

/// A file that a client's secret is written to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("dependentSchemas" = forms::only_for_kubernetes()))]
pub(crate) struct SecretOutput {
    /// The file. A relative path starts at the folder of the declaration.
    #[schemars(with = "String", regex(pattern = forms::NOT_BLANK))]
    pub(crate) file: PathBuf,
    /// What is written to it.
    #[serde(default, skip_serializing_if = "forms::is_default")]
    #[schemars(extend("default" = SecretFormat::default()))]
    pub(crate) format: SecretFormat,
    /// Only with the format `kubernetes`: `metadata.name` of the Secret, a DNS name of RFC 1123; the client id
    /// unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 253), regex(pattern = forms::SUBDOMAIN))]
    pub(crate) name: Option<String>,
    /// Only with the format `kubernetes`: `metadata.namespace` of the Secret, a DNS label of RFC 1123; none
    /// unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 63), regex(pattern = forms::LABEL))]
    pub(crate) namespace: Option<String>,
}

/// A path, or a path with a format.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "SecretDestination")]
enum OutputForm {
    /// The file that the secret alone is written to. A relative path starts at the folder of the declaration.
    Path(
        #[schemars(regex(pattern = forms::NOT_BLANK))]
        #[schemars(with = "String")]
        PathBuf,
    ),
    /// The file and what is written to it.
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
