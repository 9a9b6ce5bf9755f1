//! Turns each declared client into a registration, and reads its secret.

use kxi_auth_core::{ClientConfig, ClientManager, RegisterClient, SecretString};

use crate::apply::source::FileArgs;
use crate::declaration::{DeclaredClient, Fault, Faults, Field, Located, OWNER_ATTRIBUTE, SecretSource};
use crate::failure::Failure;
use crate::secrets::{secret_in, variable};

/// The registration of a declared client.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) registration: RegisterClient,
    /// The secret that the declaration names, if it names one.
    pub(super) secret: Option<SecretString>,
}

/// A registration for each client, in the order of the file. Reports every secret that cannot be read.
pub(super) async fn all(
    manager: &ClientManager,
    located: &Located,
    args: &FileArgs,
) -> Result<Vec<Wanted>, Failure> {
    let (mut wanted, mut faults) = (Vec::new(), Vec::new());
    for (index, client) in located.declaration.clients.iter().enumerate() {
        match secret(located, client).await? {
            Ok(secret) => wanted.push(one(manager, located, client, secret, args)),
            Err(message) => faults.push(Fault { at: located.locate(index, Field::Secret), message }),
        }
    }
    if faults.is_empty() {
        return Ok(wanted);
    }
    let faults = Faults::new(located.file(), faults);
    Err(Failure::usage("cannot read some of the secrets").with_details(faults.lines()))
}

fn one(
    manager: &ClientManager,
    located: &Located,
    client: &DeclaredClient,
    secret: Option<SecretString>,
    args: &FileArgs,
) -> Wanted {
    let config = ClientConfig::from_map(client.config.clone())
        .attribute(OWNER_ATTRIBUTE, located.declaration.owner.as_str());
    let mut registration = manager
        .register_client(&client.id)
        .roles(client.role_set())
        .exact_roles(client.exact_roles)
        .groups(&client.groups)
        .exact_groups(client.exact_groups)
        .config(config)
        .allow_builtin(args.allow_builtin)
        .allow_self(args.allow_self)
        .allow_master_roles(args.allow_master_roles)
        .convert(args.convert);
    if !args.take_over {
        // The plan reports clients of other owners. This guards against one that changes its owner after the plan.
        registration = registration.respect_owner(OWNER_ATTRIBUTE, located.declaration.owner.as_str());
    }
    if let Some(enabled) = client.enabled {
        registration = registration.enabled(enabled);
    }
    if let Some(seconds) = client.token_lifespan {
        registration = registration.token_lifespan(seconds);
    }
    if let Some(secret) = &secret {
        registration = registration.secret(secret.clone());
    }
    Wanted { registration, secret }
}

/// The secret that the declaration names, or why it cannot be read. The reason repeats no value of the declaration:
/// somebody may have written the secret itself where the name of a variable belongs.
async fn secret(
    located: &Located,
    client: &DeclaredClient,
) -> Result<Result<Option<SecretString>, String>, Failure> {
    Ok(match &client.secret {
        SecretSource::Generate | SecretSource::Keep => Ok(None),
        SecretSource::Env(name) => match variable(std::env::var(name)) {
            Ok(Some(value)) if value.is_empty() => Err("the variable named here is empty".to_owned()),
            Ok(Some(value)) => Ok(Some(SecretString::from(value))),
            Ok(None) => Err("the variable named here is not set".to_owned()),
            Err(reason) => Err(format!("the variable named here {reason}")),
        },
        SecretSource::File(path) => {
            // Here `-` is the name of a file: standard input may be the declaration.
            let read = secret_in(&located.resolve(path)).await?;
            read.map(Some).map_err(|reason| format!("cannot use the file named here: {reason}"))
        }
    })
}
