//! The configuration of a client, from flags and a file.

use std::path::{Path, PathBuf};

use clap::Args;
use kxi_auth_core::ClientConfig;
use kxi_auth_core::serde_json::{Map, Value, json};

use crate::context::Context;
use crate::declaration::OWNER_ATTRIBUTE;
use crate::failure::Failure;
use crate::secrets::read_file;

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Lifespan of the client's access tokens. Default: the realm's.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) token_lifespan: Option<i64>,

    /// Description of the client.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// Set an attribute of the client; an empty value removes it. Can be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,

    /// Set a field of Keycloak's `ClientRepresentation` to a JSON value. Can be repeated.
    #[arg(long = "set", value_name = "FIELD=JSON")]
    pub(crate) fields: Vec<String>,

    /// YAML or JSON file with fields of Keycloak's `ClientRepresentation`, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The combined configuration of the file and the flags. Flags take precedence over the file.
pub(crate) async fn config(context: &Context<'_>, args: &ConfigArgs) -> Result<ClientConfig, Failure> {
    let mut config = match &args.config {
        Some(path) => {
            let fields = config_file(context, path).await?;
            reject_owner(fields.get("attributes"))?;
            ClientConfig::from_map(fields)
        }
        None => ClientConfig::new(),
    };
    for field in &args.fields {
        config = with_field(config, field)?;
    }
    for attribute in &args.attribute {
        let (name, value) = pair("--attribute", attribute)?;
        reject_owner(Some(&json!({name: value})))?;
        config = config.attribute(name, value);
    }
    if let Some(text) = &args.description {
        config = config.description(text);
    }
    Ok(config)
}

/// The configuration with the field of a flag `--set`.
pub(crate) fn with_field(config: ClientConfig, field: &str) -> Result<ClientConfig, Failure> {
    let (name, value) = pair("--set", field)?;
    // The parser's own message would quote the value.
    let value: Value = serde_json::from_str(value).map_err(|_| {
        Failure::usage(format!("the value of --set {name} is not valid JSON"))
            .with_hint(format!("put text in double quotes: --set '{name}=\"…\"'"))
    })?;
    reject_owner(Some(&value).filter(|_| name == "attributes"))?;
    Ok(config.set(name, value))
}

/// Rejects the attribute that holds the client's owner, which `apply --prune` relies on.
fn reject_owner(attributes: Option<&Value>) -> Result<(), Failure> {
    if attributes.is_some_and(|attributes| attributes.get(OWNER_ATTRIBUTE).is_some()) {
        return Err(Failure::usage(format!(
            "the attribute `{OWNER_ATTRIBUTE}` cannot be set: it holds the client's owner"
        ))
        .with_hint("`kxi-auth apply` sets the owner; `kxi-auth apply --take-over` changes it"));
    }
    Ok(())
}

fn pair<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str), Failure> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| Failure::usage(format!("{flag} requires NAME=VALUE")))
}

async fn config_file(context: &Context<'_>, path: &Path) -> Result<Map<String, Value>, Failure> {
    let (text, name) = if path == Path::new("-") {
        (context.stdin.read("--config").await?, "standard input".to_owned())
    } else {
        (read_file(path, "configuration").await?, path.display().to_string())
    };
    fields_of(&name, &text)
}

/// The fields in a text. `name` is that of the file, for errors.
pub(crate) fn fields_of(name: &str, text: &str) -> Result<Map<String, Value>, Failure> {
    // The message omits the source line, which may hold a secret.
    let fields = serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
        Failure::usage(format!("{name}{place}: not a YAML or JSON map of fields"))
    })?;
    // YAML reads some numbers of JSON as text, such as `0e400`.
    Ok(serde_json::from_str(text).unwrap_or(fields))
}
