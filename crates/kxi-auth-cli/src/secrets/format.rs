//! The formats of a secret file.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

// These comments are shown by `--help` and `kxi-auth schema`.

/// How a secret is written to a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecretFormat {
    /// The secret alone, without a line end.
    #[default]
    Raw,
    /// Variables for a shell or a container: `INSIGHTS_CLIENT_ID`, `INSIGHTS_CLIENT_SECRET`,
    /// `INSIGHTS_URL`, `INSIGHTS_REALM`.
    Env,
    /// A JSON object with `host`, `realm`, `client_id`, `client_secret`.
    Json,
    /// A manifest of a Kubernetes Secret with the variables of `env`.
    Kubernetes,
}

impl SecretFormat {
    /// The format with this name, as on the command line.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// All names.
    pub(crate) fn names() -> Vec<String> {
        let values = Self::value_variants().iter().filter_map(Self::to_possible_value);
        values.map(|value| value.get_name().to_owned()).collect()
    }
}
