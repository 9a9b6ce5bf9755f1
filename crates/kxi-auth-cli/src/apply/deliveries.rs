//! Which secret files have to be written.

use std::path::{Path, PathBuf};

use kxi_auth_core::{ClientManager, RegistrationPlan, SecretString};

use crate::declaration::{DeclaredClient, Fault, Faults, Field, Located, SecretSource};
use crate::failure::Failure;
use crate::secrets::{Delivery, KeptFiles, Owner, State};

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
    /// Others can read it.
    Exposed,
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
    let Some(delivery) = declared.and_then(|client| delivery(located, client)) else { return Ok(None) };
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
                State::Exposed => Some(Reason::Exposed),
            }
        }
    };
    Ok(reason.map(|reason| Due { delivery, reason }))
}

/// Refuses, before anything is sent, places that no secret file can be written to, and files that would be
/// lost: `inputs`, the declaration itself, and those of its secrets. All of them are told.
pub(crate) fn check_places(located: &Located, inputs: &KeptFiles) -> Result<(), Failure> {
    let mut kept = inputs.clone();
    kept.add(Path::new(located.file()));
    for client in &located.declaration.clients {
        if let SecretSource::File(path) = &client.secret {
            kept.add(&located.resolve(path));
        }
    }
    let mut faults = Vec::new();
    for (index, client) in located.declaration.clients.iter().enumerate() {
        let Some(delivery) = delivery(located, client) else { continue };
        let checked = delivery.check_place(&client.id).and_then(|()| kept.refuse(&delivery.path));
        // Two secrets in one file would be one too few.
        kept.add(&delivery.path);
        if let Err(failure) = checked {
            faults.push(fault(located, index, &failure));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let lines = Faults::new(located.file(), faults).lines();
    Err(Failure::usage("some secret files cannot be written").with_details(lines))
}

fn delivery(located: &Located, client: &DeclaredClient) -> Option<Delivery> {
    let output = client.secret_out.as_ref()?;
    Some(Delivery {
        path: located.resolve(&output.file),
        format: output.format,
        name: output.name.clone(),
        namespace: output.namespace.clone(),
    })
}

/// Without the path: it stands at the place that is told, and no value of a declaration is repeated.
fn fault(located: &Located, index: usize, failure: &Failure) -> Fault {
    let path = located.declaration.clients.get(index).and_then(|client| delivery(located, client));
    let named = path.map(|delivery| format!("secret file {}", delivery.path.display())).unwrap_or_default();
    let message = failure.message().replacen(&named, "secret file", 1);
    Fault { at: located.locate(index, Field::SecretOut), message }
}

/// The failure at the line of the client's `secret_out`.
pub(super) fn at(located: &Located, index: usize, failure: &Failure) -> Failure {
    let fault = fault(located, index, failure);
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
