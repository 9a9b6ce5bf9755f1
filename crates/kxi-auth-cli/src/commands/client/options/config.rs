//! The configuration of a client, by flags and by a file.

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
    /// How long the client's access tokens live. Default: as the realm says.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) token_lifespan: Option<i64>,

    /// What the client is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// An attribute of the client; an empty value removes it. Repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,

    /// A field of Keycloak's `ClientRepresentation`, its value in JSON. Repeatable.
    #[arg(long = "set", value_name = "FIELD=JSON")]
    pub(crate) fields: Vec<String>,

    /// A YAML or JSON file with fields of Keycloak's `ClientRepresentation`, `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The configuration that file and flags say together; a flag wins over the file.
pub(crate) async fn config(context: &Context<'_>, args: &ConfigArgs) -> Result<ClientConfig, Failure> {
    let mut config = match &args.config {
        Some(path) => {
            let fields = config_file(context, path).await?;
            refuse_owner(fields.get("attributes"))?;
            ClientConfig::from_map(fields)
        }
        None => ClientConfig::new(),
    };
    for field in &args.fields {
        let (name, value) = pair("--set", field)?;
        // The parser's own words would quote the value.
        let value: Value = serde_json::from_str(value).map_err(|_| {
            Failure::usage(format!("the value of --set {name} is not JSON"))
                .with_hint(format!("text is in quotes: --set '{name}=\"…\"'"))
        })?;
        refuse_owner(Some(&value).filter(|_| name == "attributes"))?;
        config = config.set(name, value);
    }
    for attribute in &args.attribute {
        let (name, value) = pair("--attribute", attribute)?;
        refuse_owner(Some(&json!({name: value})))?;
        config = config.attribute(name, value);
    }
    if let Some(text) = &args.description {
        config = config.description(text);
    }
    Ok(config)
}

/// Refuses the attribute by which `apply --prune` tells whose a client is.
fn refuse_owner(attributes: Option<&Value>) -> Result<(), Failure> {
    if attributes.is_some_and(|attributes| attributes.get(OWNER_ATTRIBUTE).is_some()) {
        return Err(Failure::usage(format!(
            "the attribute `{OWNER_ATTRIBUTE}` says whose file declares the client"
        ))
        .with_hint("`kxi-auth apply` sets it; --take-over makes a client another file's"));
    }
    Ok(())
}

fn pair<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str), Failure> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| Failure::usage(format!("{flag} wants a name, `=` and a value")))
}

async fn config_file(context: &Context<'_>, path: &Path) -> Result<Map<String, Value>, Failure> {
    let (text, name) = if path == Path::new("-") {
        (context.stdin.read("--config").await?, "standard input".to_owned())
    } else {
        (read_file(path, "configuration").await?, path.display().to_string())
    };
    // Without the source line, which may hold a secret.
    serde_saphyr::from_str(&text).map_err(|error| {
        let place = error.location().map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
        Failure::usage(format!("{name}{place}: this is no YAML or JSON map of fields"))
    })
}
