//! Carries out a plan.

use kxi_auth_core::{
    AuthClient, ClientManager, DeleteClient, Error, ExposeSecret as _, Registration, RoleNames, SecretString,
    Warning,
};
use serde::Serialize;

use crate::apply::delivering::Delivering;
use crate::apply::plan::{Action, Plan, PlannedClient};
use crate::context::Context;
use crate::declaration::{Located, OWNER_ATTRIBUTE};
use crate::failure::{Failure, exit_code};
use crate::output::roles;
use crate::secrets::failed_change;

/// What was done about a client.
#[derive(Serialize)]
pub(crate) struct ClientResult {
    pub(crate) id: String,
    pub(crate) action: Action,
    /// Whether the client is now as declared.
    pub(crate) ok: bool,
    #[serde(flatten, serialize_with = "roles::added")]
    pub(crate) roles_added: RoleNames,
    #[serde(flatten, serialize_with = "roles::revoked")]
    pub(crate) roles_revoked: RoleNames,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups_joined: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups_left: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_file: Option<String>,
    /// What the registration did as declared, but may not be what was meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Failure>,
}

impl ClientResult {
    fn new(id: &str, action: Action) -> Self {
        let (roles_added, roles_revoked) = (RoleNames::default(), RoleNames::default());
        Self {
            id: id.to_owned(),
            action,
            ok: true,
            roles_added,
            roles_revoked,
            groups_joined: Vec::new(),
            groups_left: Vec::new(),
            secret_file: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.ok = false;
        self.error = Some(failure);
    }
}

/// What was done on the server about a declared client.
enum Done {
    /// It was registered, or that failed.
    Registered(Result<Registration, Error>),
    /// It was read again, because its secret file has to be written.
    Read(Result<AuthClient, Error>),
    /// Nothing had to be done.
    Nothing,
}

/// Carries out the plan, at most `concurrency` clients at once. Every secret file is proved to be writable, and every
/// new secret is in a file, before anything is sent. Nothing is deleted unless everything else succeeded.
pub(crate) async fn carry_out(
    context: &Context<'_>,
    manager: &ClientManager,
    located: &Located,
    mut plan: Plan,
    concurrency: usize,
) -> Result<Vec<ClientResult>, Failure> {
    let files = Delivering::prepare(context, manager, located, &mut plan.clients)?;
    if plan.clients.iter().any(|client| client.due.is_some()) {
        // Some files may have to be written without a change on the server.
        context.interrupt.begin_change();
    }
    let mut results = register(context, manager, plan.clients, files, concurrency).await;
    let complete = results.iter().all(|result| result.ok);
    let ids: Vec<String> = plan.prune.iter().map(|client| client.id.clone()).collect();
    if complete {
        let deletion = |id: &String| {
            let deletion =
                manager.delete_client(id).allow_builtin(plan.allow_builtin).allow_self(plan.allow_self);
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

/// Registers the clients that have to be created or updated, and writes the secret files.
async fn register(
    context: &Context<'_>,
    manager: &ClientManager,
    clients: Vec<PlannedClient>,
    mut files: Delivering<'_>,
    concurrency: usize,
) -> Vec<ClientResult> {
    let changing = |client: &&PlannedClient| matches!(client.action(), Action::Create | Action::Update);
    let items: Vec<_> =
        clients.iter().filter(changing).map(|client| client.wanted.registration.clone()).collect();
    let total = items.len();
    let work = |bar: indicatif::ProgressBar| async move {
        let bulk = manager.register_clients(items).concurrency(concurrency);
        bulk.cancellation(context.interrupt.cancel_handle()).on_progress(move |_| bar.inc(1)).await
    };
    let registered = Box::pin(context.progress.counting("registering", total, work)).await;
    let mut read = read_again(context, manager, &clients, &registered, concurrency).await.into_iter();
    let mut registered = registered.into_iter();

    let mut results = Vec::new();
    for (index, client) in clients.into_iter().enumerate() {
        let done = match client.action() {
            Action::Create | Action::Update => registered.next().map(Done::Registered),
            Action::Deliver => read.next().map(Done::Read),
            Action::Unchanged | Action::Delete | Action::Gone => None,
        };
        let mut result = ClientResult::new(client.id(), client.action());
        if let Err(failure) = settle(&mut result, index, &client, done.unwrap_or(Done::Nothing), &mut files) {
            result.fail(failure);
        }
        results.push(result);
    }
    results
}

/// Reads the clients again whose secret files have to be written, because what the plan read may be outdated by now. It
/// stops as the registrations do, and sends nothing if the server was away for these.
async fn read_again(
    context: &Context<'_>,
    manager: &ClientManager,
    clients: &[PlannedClient],
    registered: &[Result<Registration, Error>],
    concurrency: usize,
) -> Vec<Result<AuthClient, Error>> {
    let read: Vec<_> = clients
        .iter()
        .filter(|client| client.action() == Action::Deliver)
        .map(|client| manager.get_client(client.id()))
        .collect();
    let away = |outcome: &Result<_, Error>| match outcome {
        Err(error @ Error::NotStarted { .. }) => Some(error.clone()),
        _ => None,
    };
    if let Some(away) = registered.iter().find_map(away) {
        return read.iter().map(|_| Err(away.clone())).collect();
    }
    let bulk = manager.get_clients(read).concurrency(concurrency);
    bulk.cancellation(context.interrupt.cancel_handle()).await
}

/// Notes what was done, which can differ from the plan, and delivers the secret that the client has now.
fn settle(
    result: &mut ClientResult,
    index: usize,
    client: &PlannedClient,
    done: Done,
    files: &mut Delivering<'_>,
) -> Result<(), Failure> {
    // What is delivered is what is stored. The server may not show the secret that the declaration names.
    let declared = client.wanted.secret.clone();
    let secret = match done {
        Done::Registered(Ok(registration)) => {
            result.action = match (registration.created, registration.is_unchanged()) {
                (true, _) => Action::Create,
                (false, true) => Action::Unchanged,
                (false, false) => Action::Update,
            };
            result.warnings = registration.warnings.iter().map(Warning::to_string).collect();
            result.roles_added = registration.roles_added;
            result.roles_revoked = registration.roles_revoked;
            result.groups_joined = registration.groups_joined;
            result.groups_left = registration.groups_left;
            registration.client.secret.or(declared)
        }
        Done::Registered(Err(error)) => {
            return Err(failed_change(error, client.id(), files.take(index)));
        }
        Done::Read(stored) => {
            let stored = stored?.secret;
            let differ =
                |(one, other): (&SecretString, &SecretString)| one.expose_secret() != other.expose_secret();
            if declared.as_ref().zip(stored.as_ref()).is_some_and(differ) {
                let message = "the secret of the client was changed after the plan was made";
                return Err(Failure::new("conflict", exit_code::CONFLICT, message));
            }
            stored.or(declared)
        }
        Done::Nothing => {
            files.settle(index);
            return Ok(());
        }
    };
    result.secret_file = files.deliver(index, client.id(), secret.as_ref())?;
    if result.secret_file.is_some() && result.action == Action::Unchanged {
        result.action = Action::Deliver;
    }
    Ok(())
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
            Ok(_) => {}
            Err(Error::NotFound { .. }) => result.action = Action::Gone,
            Err(error) => result.fail(Failure::from(error)),
        }
        result
    };
    ids.iter().zip(done).map(result).collect()
}
