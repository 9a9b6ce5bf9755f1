//! Doing what was planned.

use std::collections::HashMap;

use kxi_auth_core::{ClientManager, DeleteClient, Error, Registration};
use serde::Serialize;

use crate::apply::deliveries;
use crate::apply::plan::{Action, Plan, PlannedClient};
use crate::context::Context;
use crate::declaration::{Located, OWNER_ATTRIBUTE};
use crate::failure::{Failure, exit_code};
use crate::secrets::{Owner, SecretFile};

/// What became of a client.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) action: Action,
    /// Whether it is as it should be now.
    pub(crate) ok: bool,
    pub(crate) roles_added: Vec<String>,
    pub(crate) roles_revoked: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Failure>,
}

impl Outcome {
    fn new(id: &str, action: Action) -> Self {
        let (roles_added, roles_revoked) = (Vec::new(), Vec::new());
        Self {
            id: id.to_owned(),
            action,
            ok: true,
            roles_added,
            roles_revoked,
            secret_file: None,
            error: None,
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.ok = false;
        self.error = Some(failure);
    }
}

/// Does what was planned, a bounded number of clients at once. Every secret file is opened before
/// anything is sent. Nothing is deleted unless everything else succeeded.
pub(crate) async fn carry_out(
    context: &Context<'_>,
    manager: &ClientManager,
    located: &Located,
    plan: Plan,
    concurrency: usize,
) -> Result<Vec<Outcome>, Failure> {
    let files = open(located, &plan.clients)?;
    if !files.is_empty() {
        // Some of them may have to be written without a change on the server.
        context.interrupt.begin_change();
    }
    let mut outcomes = register(context, manager, plan.clients, files, concurrency).await;
    let complete = outcomes.iter().all(|outcome| outcome.ok);
    let ids: Vec<String> = plan.prune.iter().map(|client| client.id.clone()).collect();
    if complete {
        let deletion = |id: &String| {
            let deletion = manager.delete_client(id).allow_builtin(plan.allow_builtin);
            // Since the plan it can have become somebody else's.
            deletion.only_of_owner(OWNER_ATTRIBUTE, plan.owner.as_str())
        };
        let deletions = ids.iter().map(deletion).collect();
        outcomes.extend(delete(context, manager, &ids, deletions, concurrency).await);
    } else {
        outcomes.extend(ids.iter().map(|id| {
            let mut outcome = Outcome::new(id, Action::Delete);
            outcome.fail(Failure::new(
                "skipped",
                exit_code::ERROR,
                "it is left, for not everything before it succeeded",
            ));
            outcome
        }));
    }
    Ok(outcomes)
}

/// The secret files that have to be written, by the client's place in the file.
fn open(located: &Located, clients: &[PlannedClient]) -> Result<HashMap<usize, SecretFile>, Failure> {
    let mut files = HashMap::new();
    for (index, client) in clients.iter().enumerate() {
        let Some(due) = &client.due else { continue };
        let opened = due.delivery.clone().open(client.id());
        files.insert(index, opened.map_err(|fault| deliveries::at(located, index, &fault))?);
    }
    Ok(files)
}

/// Registers what has to be created or updated, and writes the secret files.
async fn register(
    context: &Context<'_>,
    manager: &ClientManager,
    clients: Vec<PlannedClient>,
    mut files: HashMap<usize, SecretFile>,
    concurrency: usize,
) -> Vec<Outcome> {
    let changing = |client: &PlannedClient| matches!(client.action(), Action::Create | Action::Update);
    let items: Vec<_> = clients
        .iter()
        .filter(|client| changing(client))
        .map(|client| client.wanted.registration.clone())
        .collect();
    let work = |bar: indicatif::ProgressBar| async move {
        let bulk = manager.register_clients(items).concurrency(concurrency);
        bulk.cancellation(context.interrupt.cancel_handle()).on_progress(move |_| bar.inc(1)).await
    };
    let total = clients.iter().filter(|client| changing(client)).count();
    let mut done = Box::pin(context.progress.counting("registering", total, work)).await.into_iter();

    let mut outcomes = Vec::new();
    for (index, client) in clients.into_iter().enumerate() {
        let mut outcome = Outcome::new(client.id(), client.action());
        let registered = if changing(&client) { done.next() } else { None };
        settle(manager, &mut outcome, &client, registered, files.remove(&index));
        outcomes.push(outcome);
    }
    outcomes
}

/// Takes over what the server made of a client, and delivers its secret.
fn settle(
    manager: &ClientManager,
    outcome: &mut Outcome,
    client: &PlannedClient,
    registered: Option<Result<Registration, Error>>,
    file: Option<SecretFile>,
) {
    let stored = client.plan.stored.as_ref().and_then(|stored| stored.secret.clone());
    // The server may hide the secret that the declaration names.
    let declared = client.wanted.secret.clone();
    let secret = match registered {
        None => declared.or(stored),
        Some(Err(error)) => return outcome.fail(Failure::from(error)),
        Some(Ok(registration)) => {
            outcome.roles_added = registration.roles_added;
            outcome.roles_revoked = registration.roles_revoked;
            declared.or(registration.client.secret)
        }
    };
    let Some(file) = file else { return };
    let path = file.path().display().to_string();
    let owner = Owner { host: manager.host(), realm: manager.realm(), client_id: client.id() };
    let written = match &secret {
        Some(secret) => file.write(owner, secret),
        None => Err(Failure::local("the client has no secret to write")),
    };
    match written {
        Ok(()) => outcome.secret_file = Some(path),
        Err(failure) => outcome.fail(failure),
    }
}

async fn delete(
    context: &Context<'_>,
    manager: &ClientManager,
    ids: &[String],
    deletions: Vec<DeleteClient>,
    concurrency: usize,
) -> Vec<Outcome> {
    let work = |bar: indicatif::ProgressBar| async move {
        let bulk = manager.delete_clients(deletions).concurrency(concurrency);
        bulk.cancellation(context.interrupt.cancel_handle()).on_progress(move |_| bar.inc(1)).await
    };
    let done = Box::pin(context.progress.counting("deleting", ids.len(), work)).await;
    let outcome = |(id, done): (&String, Result<_, Error>)| {
        let mut outcome = Outcome::new(id, Action::Delete);
        match done {
            // Somebody else was faster: it is as it should be.
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => outcome.fail(Failure::from(error)),
        }
        outcome
    };
    ids.iter().zip(done).map(outcome).collect()
}
