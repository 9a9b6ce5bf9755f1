//! From flags and environment to a manager, and from files to secrets.

use std::path::Path;

use kxi_auth_core::{ClientManager, ClientManagerBuilder, SecretString};

use crate::args::ConnectionArgs;
use crate::failure::Failure;

/// The variable that holds the admin's password.
const PASSWORD: &str = "INSIGHTS_ADMIN_PASSWORD";

/// A manager for the server that flags and environment name, signed in as the admin. Flags win over
/// variables.
pub(crate) fn manager(args: &ConnectionArgs) -> Result<ClientManager, Failure> {
    let mut builder = server(args);
    if let Some(username) = given(args.admin_username.as_ref()) {
        builder = builder.username(username);
    }
    if let Some(password) = password()? {
        builder = builder.password(password);
    }
    builder.build().map_err(Failure::from)
}

/// A manager that is only good for signing in as this client: no admin is needed for that.
pub(crate) fn signing_in_as(
    args: &ConnectionArgs,
    id: &str,
    secret: SecretString,
) -> Result<ClientManager, Failure> {
    server(args).admin_client(id, secret).build().map_err(Failure::from)
}

fn server(args: &ConnectionArgs) -> ClientManagerBuilder {
    let mut builder = ClientManager::builder();
    if let Some(host) = given(args.host.as_ref()) {
        builder = builder.host(host);
    }
    if let Some(realm) = given(args.realm.as_ref()) {
        builder = builder.realm(realm);
    }
    builder
}

/// An empty variable is as good as none: `INSIGHTS_REALM= kxi-auth …` is how a shell unsets one.
fn given(value: Option<&String>) -> Option<&String> {
    value.filter(|value| !value.is_empty())
}

fn password() -> Result<Option<SecretString>, Failure> {
    match std::env::var(PASSWORD) {
        Ok(password) if password.is_empty() => Ok(None),
        Ok(password) => Ok(Some(SecretString::from(password))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::Usage(format!("the variable {PASSWORD} is not valid UTF-8")))
        }
    }
}

/// The secret in a file, without one line end at its end.
pub(crate) fn secret_file(path: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!("cannot read the secret file {}: {error}", path.display()))
    })?;
    let secret =
        text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() {
        return Err(Failure::Usage(format!("the secret file {} is empty", path.display())));
    }
    Ok(SecretString::from(secret))
}
