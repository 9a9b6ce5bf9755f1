//! Writes the secret files of a plan.

use std::collections::HashMap;

use kxi_auth_core::{ClientManager, SecretString, generate_secret};

use crate::apply::deliveries::{self, Reason};
use crate::apply::plan::PlannedClient;
use crate::context::Context;
use crate::declaration::Located;
use crate::failure::Failure;
use crate::secrets::{Folders, Owner, SecretFile, State};

/// The secret files of a plan, by the client's index in the file.
pub(super) struct Delivering<'a> {
    manager: &'a ClientManager,
    located: &'a Located,
    folders: Folders,
    files: HashMap<usize, SecretFile>,
}

impl<'a> Delivering<'a> {
    /// Proves that the files that are due can be written. A secret that is about to become live is chosen here, and is in
    /// a file beside its target when this returns.
    pub(super) fn prepare(
        context: &Context<'_>,
        manager: &'a ClientManager,
        located: &'a Located,
        clients: &mut [PlannedClient],
    ) -> Result<Self, Failure> {
        let mut delivering = Self { manager, located, folders: Folders::default(), files: HashMap::new() };
        for (index, client) in clients.iter_mut().enumerate() {
            let Some(due) = &client.due else { continue };
            let opened = due.delivery.clone().open(&client.plan.id, &mut delivering.folders);
            let mut file = opened.map_err(|fault| deliveries::at(located, index, &fault))?;
            if due.reason == Reason::NewSecret {
                let secret = client.wanted.secret.clone().map_or_else(generate_secret, Ok)?;
                file.stage(delivering.owner(&client.plan.id), &secret, context.interrupt.changing())?;
                let registration = client.wanted.registration.clone();
                client.wanted.registration = registration.secret_if_new(secret);
            }
            delivering.files.insert(index, file);
        }
        Ok(delivering)
    }

    /// The file of this client, if it was due.
    pub(super) fn take(&mut self, index: usize) -> Option<SecretFile> {
        self.files.remove(&index)
    }

    /// Writes the secret that the client has now, unless its file holds it already, whatever the plan expected. Returns
    /// the path if it wrote the file.
    pub(super) fn deliver(
        &mut self,
        index: usize,
        client_id: &str,
        secret: Option<&SecretString>,
    ) -> Result<Option<String>, Failure> {
        let Some(delivery) = deliveries::of(self.located, index) else { return Ok(None) };
        let secret = secret.ok_or_else(|| Failure::local("the client has no secret to write"))?;
        let path = delivery.path.display().to_string();
        let fault = |fault| deliveries::at(self.located, index, &fault);
        let file = match self.files.remove(&index) {
            Some(file) => file,
            None if delivery.state(self.owner(client_id), secret).map_err(fault)? == State::Current => {
                self.folders.settle(&delivery.path);
                return Ok(None);
            }
            None => delivery.open(client_id, &mut self.folders).map_err(fault)?,
        };
        file.write(self.owner(client_id), secret)?;
        Ok(Some(path))
    }

    /// Notes that the file of this client, if it has one, holds the live secret.
    pub(super) fn settle(&mut self, index: usize) {
        if let Some(delivery) = deliveries::of(self.located, index) {
            self.folders.settle(&delivery.path);
        }
    }

    fn owner<'b>(&self, client_id: &'b str) -> Owner<'b>
    where
        'a: 'b,
    {
        Owner { host: self.manager.host(), realm: self.manager.realm(), client_id }
    }
}
