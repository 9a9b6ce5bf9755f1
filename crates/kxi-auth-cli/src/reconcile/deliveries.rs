//! Which secret files have to be written.

use std::path::PathBuf;

use kxi_auth_core::{ClientManager, RegistrationPlan, SecretString};

use crate::declaration::{Fault, Faults, Field, Located};
use crate::failure::Failure;
use crate::secrets::{Delivery, Owner, State};

/// A secret file that has to be written, and why.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) delivery: Delivery,
    pub(super) reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// The secret is new.
    NewSecret,
    /// There is no such file.
    Missing,
    /// The file holds something else.
    Differs,
}

/// Whether the secret file of the declared client with this index has to be written.
pub(super) fn due(
    manager: &ClientManager,
    located: &Located,
    index: usize,
    plan: &RegistrationPlan,
    secret: Option<&SecretString>,
) -> Result<Option<Due>, Failure> {
    let declared = located.declaration.clients.get(index);
    let Some(output) = declared.and_then(|client| client.secret_out.as_ref()) else { return Ok(None) };
    let delivery = Delivery {
        path: located.resolve(&output.file),
        format: output.format,
        name: output.name.clone(),
        namespace: output.namespace.clone(),
    };
    let is_new = plan.stored.is_none() || plan.changes.iter().any(|change| change.field == "secret");
    let stored = plan.stored.as_ref().and_then(|stored| stored.secret.as_ref());
    let reason = match secret.or(stored) {
        // Not known before the server has it.
        None => Some(Reason::NewSecret),
        Some(secret) => {
            let owner = Owner { host: manager.host(), realm: manager.realm(), client_id: &plan.id };
            match delivery.state(owner, secret).map_err(|failure| at(located, index, &failure))? {
                State::Current => None,
                _ if is_new => Some(Reason::NewSecret),
                State::Missing => Some(Reason::Missing),
                State::Differs => Some(Reason::Differs),
            }
        }
    };
    Ok(reason.map(|reason| Due { delivery, reason }))
}

/// The failure at the line of the client's `secret_out`.
pub(super) fn at(located: &Located, index: usize, failure: &Failure) -> Failure {
    let fault = Fault { at: located.locate(index, Field::SecretOut), message: failure.message().to_owned() };
    failure
        .clone()
        .told_as("a secret file cannot be written".to_owned())
        .with_details(Faults::new(located.file(), vec![fault]).lines())
}

impl Due {
    pub(super) fn path(&self) -> &PathBuf {
        &self.delivery.path
    }
}
