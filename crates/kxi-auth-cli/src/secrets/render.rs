//! The content of a secret file in each format.

use kxi_auth_core::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::failure::Failure;
use crate::secrets::destination::{Delivery, Owner};
use crate::secrets::format::SecretFormat;

impl Delivery {
    /// The content of the file for this secret.
    pub(crate) fn content(&self, owner: Owner<'_>, secret: &SecretString) -> Result<SecretString, Failure> {
        let Owner { host, realm, client_id } = owner;
        let exposed = secret.expose_secret();
        let variables = [
            ("INSIGHTS_URL", host),
            ("INSIGHTS_REALM", realm),
            ("INSIGHTS_CLIENT_ID", client_id),
            ("INSIGHTS_CLIENT_SECRET", exposed),
        ];
        let text = match self.format {
            SecretFormat::Raw => exposed.to_owned(),
            SecretFormat::Env => {
                let lines = variables.iter().map(|(name, value)| format!("{name}={}\n", quoted(value)));
                lines.collect::<Vec<_>>().concat()
            }
            SecretFormat::Json => {
                let object =
                    json!({"host": host, "realm": realm, "client_id": client_id, "client_secret": exposed});
                format!("{object:#}\n")
            }
            SecretFormat::Kubernetes => self.manifest(client_id, &variables)?,
        };
        Ok(SecretString::from(text))
    }

    fn manifest(&self, client_id: &str, variables: &[(&str, &str)]) -> Result<String, Failure> {
        let mut metadata = json!({"name": self.name.as_deref().unwrap_or(client_id)});
        if let Some(namespace) = &self.namespace {
            metadata["namespace"] = json!(namespace);
        }
        let data: serde_json::Map<_, _> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let manifest = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "Opaque",
            "stringData": data,
        });
        // The error could show the secret.
        serde_saphyr::to_string(&manifest).map_err(|_| Failure::local("cannot write the manifest as YAML"))
    }
}

/// A value for a shell, in single quotes if it needs them.
fn quoted(value: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(simple) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}
