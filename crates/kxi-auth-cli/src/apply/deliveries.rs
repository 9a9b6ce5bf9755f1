//! Which secret files have to be written.

use std::path::{Path, PathBuf};

use kxi_auth_core::{ClientManager, RegistrationPlan, SecretString};

use crate::declaration::{DeclaredClient, Fault, Faults, Field, Located, SecretSource};
use crate::failure::Failure;
use crate::secrets::{Delivery, FileFault, KeptFiles, Owner, State};

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
    /// Other users can read it.
    Exposed,
}

/// Whether the secret file of the declared client with this index has to be written, by what the plan knows.
pub(super) fn due(
    manager: &ClientManager,
    located: &Located,
    index: usize,
    plan: &RegistrationPlan,
    secret: Option<&SecretString>,
) -> Result<Option<Due>, Failure> {
    let Some(delivery) = of(located, index) else { return Ok(None) };
    let is_new = plan.stored.is_none() || plan.changes.iter().any(|change| change.field == "secret");
    let stored = plan.stored.as_ref().and_then(|stored| stored.secret.as_ref());
    let reason = match secret.or(stored) {
        // The secret is known only after the server has it.
        None => Some(Reason::NewSecret),
        Some(secret) => {
            let owner = Owner { host: manager.host(), realm: manager.realm(), client_id: &plan.id };
            match delivery.state(owner, secret).map_err(|fault| at(located, index, &fault))? {
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

/// Rejects, before anything is sent, paths that no secret file can be written to, and files that would be lost:
/// `inputs`, the declaration itself, and the files of its secrets. It reports all of them.
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
        let checked = delivery.check_place(&client.id).and_then(|()| kept.reject(&delivery.path));
        // A second secret in the same file would overwrite the first.
        kept.add(&delivery.path);
        if let Err(fault) = checked {
            faults.push(at_line(located, index, &fault));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let lines = Faults::new(located.file(), faults).lines();
    Err(Failure::usage("cannot write some of the secret files").with_details(lines))
}

/// Where the secret of the declared client with this index goes, if it goes anywhere.
pub(super) fn of(located: &Located, index: usize) -> Option<Delivery> {
    delivery(located, located.declaration.clients.get(index)?)
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

/// The fault at the line of the client's `secret_out`, which is where the path is.
fn at_line(located: &Located, index: usize, fault: &FileFault) -> Fault {
    Fault { at: located.locate(index, Field::SecretOut), message: fault.without_path() }
}

/// The failure of a command because of one secret file.
pub(super) fn at(located: &Located, index: usize, fault: &FileFault) -> Failure {
    Failure::usage("cannot write a secret file")
        .with_details(Faults::new(located.file(), vec![at_line(located, index, fault)]).lines())
        .with_hint_if(fault.hint())
}

impl Due {
    pub(super) fn path(&self) -> &PathBuf {
        &self.delivery.path
    }
}
