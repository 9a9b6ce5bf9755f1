//! Carries out a plan.

use std::collections::HashMap;

use kxi_auth_core::{ClientManager, DeleteClient, Error, Registration};
use serde::Serialize;

use crate::apply::deliveries;
use crate::apply::plan::{Action, Plan, PlannedClient};
use crate::context::Context;
use crate::declaration::{Located, OWNER_ATTRIBUTE};
use crate::failure::{Failure, exit_code};
use crate::secrets::{Owner, SecretFile};

/// What was done about a client.
#[derive(Serialize)]
pub(crate) struct ClientResult {
    pub(crate) id: String,
    pub(crate) action: Action,
    /// Whether the client is now as declared.
    pub(crate) ok: bool,
    pub(crate) roles_added: Vec<String>,
    pub(crate) roles_revoked: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Failure>,
}

impl ClientResult {
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

/// Carries out the plan, at most `concurrency` clients at once. Every secret file is opened before anything is sent.
/// Nothing is deleted unless everything else succeeded.
pub(crate) async fn carry_out(
    context: &Context<'_>,
    manager: &ClientManager,
    located: &Located,
    plan: Plan,
    concurrency: usize,
) -> Result<Vec<ClientResult>, Failure> {
    let files = open(located, &plan.clients)?;
    if !files.is_empty() {
        // Some files may have to be written without a change on the server.
        context.interrupt.begin_change();
    }
    let mut results = register(context, manager, plan.clients, files, concurrency).await;
    let complete = results.iter().all(|result| result.ok);
    let ids: Vec<String> = plan.prune.iter().map(|client| client.id.clone()).collect();
    if complete {
        let deletion = |id: &String| {
            let deletion = manager.delete_client(id).allow_builtin(plan.allow_builtin);
            // Another owner can have taken it over since the plan was made.
            deletion.only_of_owner(OWNER_ATTRIBUTE, plan.owner.as_str())
        };
        let deletions = ids.iter().map(deletion).collect();
        results.extend(delete(context, manager, &ids, deletions, concurrency).await);
    } else {
        results.extend(ids.iter().map(|id| {
            let mut result = ClientResult::new(id, Action::Delete);
            result.fail(Failure::new(
                "skipped",
                exit_code::ERROR,
                "not deleted, because an earlier step failed",
            ));
            result
        }));
    }
    Ok(results)
}

/// The secret files that have to be written, by the client's index in the file.
fn open(located: &Located, clients: &[PlannedClient]) -> Result<HashMap<usize, SecretFile>, Failure> {
    let mut files = HashMap::new();
    for (index, client) in clients.iter().enumerate() {
        let Some(due) = &client.due else { continue };
        let opened = due.delivery.clone().open(client.id());
        files.insert(index, opened.map_err(|fault| deliveries::at(located, index, &fault))?);
    }
    Ok(files)
}

/// Registers the clients that have to be created or updated, and writes the secret files.
async fn register(
    context: &Context<'_>,
    manager: &ClientManager,
    clients: Vec<PlannedClient>,
    mut files: HashMap<usize, SecretFile>,
    concurrency: usize,
) -> Vec<ClientResult> {
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

    let mut results = Vec::new();
    for (index, client) in clients.into_iter().enumerate() {
        let mut result = ClientResult::new(client.id(), client.action());
        let registered = if changing(&client) { done.next() } else { None };
        settle(manager, &mut result, &client, registered, files.remove(&index));
        results.push(result);
    }
    results
}

/// Notes what the registration changed, and delivers the client's secret.
fn settle(
    manager: &ClientManager,
    result: &mut ClientResult,
    client: &PlannedClient,
    registered: Option<Result<Registration, Error>>,
    file: Option<SecretFile>,
) {
    let stored = client.plan.stored.as_ref().and_then(|stored| stored.secret.clone());
    // The server may not return the secret that the declaration names.
    let declared = client.wanted.secret.clone();
    let secret = match registered {
        None => declared.or(stored),
        Some(Err(error)) => return result.fail(Failure::from(error)),
        Some(Ok(registration)) => {
            result.roles_added = registration.roles_added;
            result.roles_revoked = registration.roles_revoked;
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
        Ok(()) => result.secret_file = Some(path),
        Err(failure) => result.fail(failure),
    }
}

async fn delete(
    context: &Context<'_>,
    manager: &ClientManager,
    ids: &[String],
    deletions: Vec<DeleteClient>,
    concurrency: usize,
) -> Vec<ClientResult> {
    let work = |bar: indicatif::ProgressBar| async move {
        let bulk = manager.delete_clients(deletions).concurrency(concurrency);
        bulk.cancellation(context.interrupt.cancel_handle()).on_progress(move |_| bar.inc(1)).await
    };
    let done = Box::pin(context.progress.counting("deleting", ids.len(), work)).await;
    let result = |(id, done): (&String, Result<_, Error>)| {
        let mut result = ClientResult::new(id, Action::Delete);
        match done {
            // The client is gone already, as it should be.
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => result.fail(Failure::from(error)),
        }
        result
    };
    ids.iter().zip(done).map(result).collect()
}
