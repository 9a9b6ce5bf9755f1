//! Writes the secret files of a plan.

use std::collections::HashMap;

use kxi_auth_core::{ClientManager, SecretString, generate_secret};

use crate::apply::deliveries::{self, Reason};
use crate::apply::plan::{Action, PlannedClient};
use crate::context::Context;
use crate::declaration::Located;
use crate::failure::Failure;
use crate::secrets::{Delivery, FileFault, Folders, Owner, SecretFile, State};

/// The secret files of a plan, by the client's index in the file.
pub(super) struct Delivering<'a> {
    manager: &'a ClientManager,
    located: &'a Located,
    folders: Folders,
    files: HashMap<usize, SecretFile>,
}

/// Why a file cannot be written, or no secret staged beside it.
enum Unopened {
    Fault(FileFault),
    Failure(Failure),
}

impl<'a> Delivering<'a> {
    /// Proves that the files that are due can be written. A secret that may become live is chosen here, and is in a file
    /// beside its target when this returns: that of a new client, and that of a changed one, because it is created again
    /// if it is deleted in the meantime.
    pub(super) fn prepare(
        context: &Context<'_>,
        manager: &'a ClientManager,
        located: &'a Located,
        clients: &mut [PlannedClient],
    ) -> Result<Self, Failure> {
        let mut delivering = Self { manager, located, folders: Folders::default(), files: HashMap::new() };
        for (index, client) in clients.iter_mut().enumerate() {
            let changes = matches!(client.action(), Action::Create | Action::Update);
            let stages = changes || client.due.as_ref().is_some_and(|due| due.reason == Reason::NewSecret);
            let Some(delivery) = deliveries::of(located, index) else { continue };
            if client.due.is_none() && !stages {
                continue;
            }
            match delivering.open(context, delivery, client, stages) {
                Ok(file) => {
                    delivering.files.insert(index, file);
                }
                // The file is current, so it may be read-only.
                Err(_) if client.due.is_none() => {}
                Err(Unopened::Fault(fault)) => return Err(deliveries::at(located, index, &fault)),
                Err(Unopened::Failure(failure)) => return Err(failure),
            }
        }
        Ok(delivering)
    }

    fn open(
        &mut self,
        context: &Context<'_>,
        delivery: Delivery,
        client: &mut PlannedClient,
        stages: bool,
    ) -> Result<SecretFile, Unopened> {
        let mut file = delivery.open(&client.plan.id, &mut self.folders).map_err(Unopened::Fault)?;
        if stages {
            let chosen = client.wanted.secret.clone().map_or_else(generate_secret, Ok);
            let secret = chosen.map_err(|error| Unopened::Failure(error.into()))?;
            file.stage(self.owner(&client.plan.id), &secret, context.interrupt.changing())
                .map_err(Unopened::Failure)?;
            let registration = client.wanted.registration.clone();
            client.wanted.registration = registration.secret_if_new(secret);
        }
        Ok(file)
    }

    /// The file of this client, if it was due or a secret is staged beside it.
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
        let file = self.files.remove(&index);
        match delivery.state(self.owner(client_id), secret) {
            Ok(State::Current) => {
                // What is staged did not become live, or is there already.
                file.into_iter().for_each(SecretFile::discard);
                self.folders.settle(&delivery.path);
                return Ok(None);
            }
            Err(unread) if file.is_none() => return Err(fault(unread)),
            _ => {}
        }
        let file = match file {
            Some(file) => file,
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
