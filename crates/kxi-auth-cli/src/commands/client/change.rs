//! From the arguments that several commands take to what the core wants.

use std::path::{Path, PathBuf};

use kxi_auth_core::serde_json::{Map, Value, json};
use kxi_auth_core::{ClientConfig, Roles, SecretString};

use crate::commands::client::args::{ConfigArgs, RolesArgs, SecretArgs, SecretOutArgs};
use crate::context::Context;
use crate::declaration::OWNER_ATTRIBUTE;
use crate::failure::Failure;
use crate::secrets::{Delivery, SecretFile, read_file, secret_file};

/// The roles that `--roles` and `--role` name together, none if neither is there.
pub(super) fn roles(args: &RolesArgs) -> Result<Option<Roles>, Failure> {
    let literal = || args.role.iter().cloned();
    match (args.roles.as_deref(), args.role.as_slice()) {
        (None, []) => Ok(None),
        (None | Some("none"), [_, ..]) => Ok(Some(Roles::named(literal()))),
        (Some("none"), []) => Ok(Some(Roles::None)),
        (Some("all"), []) => Ok(Some(Roles::All)),
        (Some("all"), [_, ..]) => Err(Failure::usage("--roles all leaves nothing for --role to add")
            .with_hint("a role that is called `all` is given by --role all alone")),
        (Some(names), _) => {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            if names.contains(&"") {
                return Err(Failure::usage("--roles holds an empty name")
                    .with_hint("write `none` for no roles, and --role for a name with a comma"));
            }
            let names = names.into_iter().map(ToOwned::to_owned);
            Ok(Some(Roles::named(names.chain(literal()))))
        }
    }
}

/// The roles, one of which must be named.
pub(super) fn some_roles(args: &RolesArgs) -> Result<Roles, Failure> {
    roles(args)?
        .ok_or_else(|| Failure::usage("no role is named").with_hint("give --roles A,B or --role NAME"))
}

/// What a change of a client takes from the command line, read before anything is sent.
pub(super) struct Change {
    pub(super) config: ClientConfig,
    /// The secret to set, if one is given.
    pub(super) secret: Option<SecretString>,
    /// Where the client's secret goes, opened.
    pub(super) file: Option<SecretFile>,
}

impl Change {
    pub(super) async fn read(
        context: &Context<'_>,
        client_id: &str,
        config: &ConfigArgs,
        secret: &SecretArgs,
        out: &SecretOutArgs,
    ) -> Result<Self, Failure> {
        let inputs = [secret.secret_file.as_ref(), config.config.as_ref()];
        let config = self::config(context, config).await?;
        let secret = self::secret(context, secret).await?;
        let file = secret_out(context, out, client_id, &inputs)?;
        Ok(Self { config, secret, file })
    }
}

/// The configuration that file and flags say together; a flag wins over the file.
async fn config(context: &Context<'_>, args: &ConfigArgs) -> Result<ClientConfig, Failure> {
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

/// The secret to set, if one is given.
async fn secret(context: &Context<'_>, args: &SecretArgs) -> Result<Option<SecretString>, Failure> {
    if args.secret_stdin {
        return context.stdin.secret("--secret-stdin").await.map(Some);
    }
    match &args.secret_file {
        Some(path) => secret_file(path, &context.stdin, "--secret-file").await.map(Some),
        None => Ok(None),
    }
}

/// The file that the secret goes to, opened. It must be none of the files that this command reads, of which
/// `inputs` are those that the settings do not name.
pub(super) fn secret_out(
    context: &Context<'_>,
    args: &SecretOutArgs,
    client_id: &str,
    inputs: &[Option<&PathBuf>],
) -> Result<Option<SecretFile>, Failure> {
    let Some(path) = &args.secret_out else { return Ok(None) };
    let mut kept = context.settings()?.input_files();
    inputs.iter().flatten().for_each(|input| kept.add(input));
    kept.refuse(path)?;
    let delivery = Delivery {
        path: path.clone(),
        format: args.secret_format,
        name: args.secret_name.clone(),
        namespace: args.secret_namespace.clone(),
    };
    delivery.open(client_id).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(roles: Option<&str>, role: &[&str]) -> RolesArgs {
        let role = role.iter().map(|name| (*name).to_owned()).collect();
        RolesArgs { roles: roles.map(ToOwned::to_owned), role }
    }

    #[test]
    fn role_words_and_literal_names() {
        let named = |names: &[&str]| Some(Roles::named(names.iter().copied()));
        assert_eq!(roles(&of(None, &[])).unwrap(), None);
        assert_eq!(roles(&of(Some("all"), &[])).unwrap(), Some(Roles::All));
        assert_eq!(roles(&of(Some("none"), &[])).unwrap(), Some(Roles::None));
        assert_eq!(roles(&of(Some("a, b"), &[])).unwrap(), named(&["a", "b"]));
        assert_eq!(roles(&of(None, &["all", "none", "a,b"])).unwrap(), named(&["all", "none", "a,b"]));
        assert_eq!(roles(&of(Some("a"), &["b,c"])).unwrap(), named(&["a", "b,c"]));
        assert_eq!(roles(&of(Some("none"), &["none"])).unwrap(), named(&["none"]));
        for empty in ["", "a,", ",a"] {
            assert!(roles(&of(Some(empty), &[])).is_err(), "{empty}");
        }
        assert!(roles(&of(Some("all"), &["a"])).is_err());
        assert!(some_roles(&of(None, &[])).is_err());
    }
}
