//! Plans what has to be done so that the realm is as the file declares it. It reads and never writes.

use std::collections::{BTreeSet, HashSet};

use kxi_auth_core::{ClientDetails, ClientManager, Error, Hint, RegistrationPlan, Warning};

use crate::apply::deliveries::{self, Due};
use crate::apply::source::FileArgs;
use crate::apply::visible::Visible;
use crate::apply::wanted::{self, Wanted};
use crate::context::Context;
use crate::declaration::{Fault, Faults, Field, Located, OWNER_ATTRIBUTE, SecretSource};
use crate::failure::{Failure, exit_code};

/// What has to be done.
pub(crate) struct Plan {
    pub(crate) owner: String,
    pub(crate) realm: String,
    /// In the order of the file.
    pub(crate) clients: Vec<PlannedClient>,
    /// Clients of the owner that the file no longer declares. Empty without --prune.
    pub(crate) prune: Vec<ClientDetails>,
    /// Whether these may include built-in clients.
    pub(super) allow_builtin: bool,
    /// Whether they may include the client that the admin signs in as.
    pub(super) allow_self: bool,
}

/// A declared client, and what has to be done about it.
pub(crate) struct PlannedClient {
    pub(super) wanted: Wanted,
    pub(super) plan: RegistrationPlan,
    /// Its secret file has to be written.
    pub(super) due: Option<Due>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Create,
    Update,
    /// Only its secret file has to be written.
    Deliver,
    Unchanged,
    Delete,
    /// It was to be deleted, and somebody else did that.
    Gone,
}

impl PlannedClient {
    pub(super) fn id(&self) -> &str {
        &self.plan.id
    }

    pub(super) fn action(&self) -> Action {
        match (&self.plan.stored, self.plan.is_unchanged(), &self.due) {
            (None, ..) => Action::Create,
            (Some(_), false, _) => Action::Update,
            (Some(_), true, Some(_)) => Action::Deliver,
            (Some(_), true, None) => Action::Unchanged,
        }
    }
}

impl Plan {
    /// How many clients need an action.
    pub(crate) fn count(&self, action: Action) -> usize {
        match action {
            Action::Delete => self.prune.len(),
            action => self.clients.iter().filter(|client| client.action() == action).count(),
        }
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.prune.is_empty() && self.count(Action::Unchanged) == self.clients.len()
    }

    /// The warnings of the registrations.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.clients.iter().flat_map(|client| client.plan.warnings.iter().map(Warning::to_string)).collect()
    }
}

/// Compares the declaration with the realm.
pub(crate) async fn plan(
    context: &Context<'_>,
    manager: &ClientManager,
    located: &Located,
    args: &FileArgs,
) -> Result<Plan, Failure> {
    let wanted = wanted::all(manager, located, args).await?;
    let registrations = wanted.iter().map(|wanted| wanted.registration.clone());
    let plans = manager.plan_clients(registrations).concurrency(usize::from(args.concurrency));
    let plans = context.during("comparing the clients", async { plans.await }).await;
    let plans = succeeded(located, plans)?;
    reject(located, &plans, args)?;

    let mut clients = Vec::new();
    for (index, (wanted, plan)) in wanted.into_iter().zip(plans).enumerate() {
        let due = deliveries::due(manager, located, index, &plan, wanted.secret.as_ref())?;
        clients.push(PlannedClient { wanted, plan, due });
    }
    let prune = if args.prune { left_over(context, manager, located, args).await? } else { Vec::new() };
    let owner = located.declaration.owner.clone();
    let (realm, allow_builtin, allow_self) =
        (manager.realm().to_owned(), args.allow_builtin, args.allow_self);
    Ok(Plan { owner, realm, clients, prune, allow_builtin, allow_self })
}

/// All plans, or why some could not be made. A fault of the server or of the sign-in is reported once, a fault of the
/// file at the line of each client.
fn succeeded(
    located: &Located,
    plans: Vec<Result<RegistrationPlan, Error>>,
) -> Result<Vec<RegistrationPlan>, Failure> {
    let errors: Vec<(usize, &Error)> =
        plans.iter().enumerate().filter_map(|(index, plan)| Some((index, plan.as_ref().err()?))).collect();
    // With fine-grained permissions, the admin can lack a permission for single clients.
    let some_succeeded = errors.len() < plans.len();
    let of_client = |error: &Error| is_of_client(error) || some_succeeded && error.is_forbidden();
    let (of_clients, of_server) = errors.into_iter().partition::<Vec<_>, _>(|(_, error)| of_client(error));
    let details = located.faults(of_clients.iter().copied()).lines();
    if let Some((_, error)) = of_server.first() {
        return Err(Failure::from((*error).clone()).with_details(details));
    }
    let Some((_, first)) = of_clients.first() else { return Ok(plans.into_iter().flatten().collect()) };
    let count = of_clients.len();
    let message = format!("cannot plan {count} of the {} clients of {}", plans.len(), located.file());
    let codes: BTreeSet<u8> =
        of_clients.iter().map(|(_, error)| Failure::from((*error).clone()).exit_code()).collect();
    let failure = match codes.len() {
        1 => Failure::from((*first).clone()).with_message(message),
        // For different reasons.
        _ => Failure::new("incomplete", exit_code::ERROR, message),
    };
    let failure = failure.with_details(details);
    let hints: BTreeSet<String> = of_clients.iter().filter_map(|(_, error)| hint(error)).collect();
    if hints.is_empty() {
        return Err(failure);
    }
    Err(failure.with_hint(hints.into_iter().collect::<Vec<_>>().join("; ")))
}

/// What to do about an error of a client.
fn hint(error: &Error) -> Option<String> {
    match error.hint() {
        Some(Hint::Convert) => {
            Some("to convert clients of another kind to service accounts, add --convert".to_owned())
        }
        _ => Failure::from(error.clone()).hint().map(ToOwned::to_owned),
    }
}

/// Whether the error is about a client, not about the server or the sign-in.
fn is_of_client(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidParameter { .. }
            | Error::Builtin { .. }
            | Error::OwnClient { .. }
            | Error::BadStoredData { .. }
            | Error::MasterRoles { .. }
            | Error::UnknownRoles { .. }
            | Error::UnknownGroups(_)
            | Error::NotAServiceAccount { .. }
            | Error::NotFound { .. }
            | Error::NotVisible { .. }
            | Error::Conflict { .. }
            | Error::Rejected { .. }
    )
}

/// Rejects clients of another owner, and new clients that are to keep a secret.
fn reject(located: &Located, plans: &[RegistrationPlan], args: &FileArgs) -> Result<(), Failure> {
    let owner = located.declaration.owner.as_str();
    let (mut of_others, mut missing) = (Vec::new(), Vec::new());
    for (index, plan) in plans.iter().enumerate() {
        let other = plan.stored.as_ref().and_then(|stored| stored.attribute(OWNER_ATTRIBUTE));
        if let Some(other) = other.filter(|other| *other != owner && !args.take_over) {
            let message = format!("this client belongs to the owner `{}`", other.escape_debug());
            of_others.push(Fault { at: located.locate(index, Field::Id), message });
        }
        let keeps =
            located.declaration.clients.get(index).is_some_and(|client| client.secret == SecretSource::Keep);
        if plan.stored.is_none() && keeps {
            let message =
                "the client does not exist yet, so it has no secret to keep; `generate` creates one"
                    .to_owned();
            missing.push(Fault { at: located.locate(index, Field::Secret), message });
        }
    }
    let lines = |faults| Faults::new(located.file(), faults).lines();
    if !of_others.is_empty() {
        return Err(Failure::new(
            "owned_by_another",
            exit_code::CONFLICT,
            "some clients belong to another owner",
        )
        .with_details(lines(of_others))
        .with_hint("to take over these clients, add --take-over"));
    }
    if !missing.is_empty() {
        return Err(Failure::usage("some clients have no secret to keep").with_details(lines(missing)));
    }
    Ok(())
}

/// The clients of the owner that the file does not declare.
async fn left_over(
    context: &Context<'_>,
    manager: &ClientManager,
    located: &Located,
    args: &FileArgs,
) -> Result<Vec<ClientDetails>, Failure> {
    let declared: HashSet<String> =
        located.declaration.clients.iter().map(|client| client.id.clone()).collect();
    let (owner, visible) = (located.declaration.owner.clone(), Visible::default());
    let seen = visible.clone();
    // The other clients of the realm are not kept.
    let is_left_over = move |client: &ClientDetails| {
        seen.note(client);
        client.attribute(OWNER_ATTRIBUTE) == Some(owner.as_str()) && !declared.contains(&client.id)
    };
    let listing = manager.list_clients().with_secret(false).details().filter(is_left_over);
    let clients = context.during("listing the clients", async { listing.await }).await?;
    if let Some(warning) = visible.warning() {
        context.printer.warn(warning);
    }
    let own = manager.own_client().await?;
    let mut prune = Vec::new();
    for client in clients {
        match why_left(&client, own.as_deref(), args) {
            Some(reason) => context.printer.warn(&format!("`{}` is not deleted: {reason}", client.id)),
            None => prune.push(client),
        }
    }
    Ok(prune)
}

/// Why a client of the owner is not deleted although the file does not declare it.
fn why_left(client: &ClientDetails, own: Option<&str>, args: &FileArgs) -> Option<&'static str> {
    if !client.uuid.is_addressable() {
        return Some("the server stores it with an internal ID that no request can address");
    }
    if client.is_builtin() && !args.allow_builtin {
        return Some("it is a built-in client; to delete it, add --allow-builtin");
    }
    if own == Some(client.id.as_str()) && !args.allow_self {
        return Some("this command signs in as it; to delete it, add --allow-self");
    }
    // An export leaves these out, because a file cannot declare them. That must not delete them.
    (!client.is_service_account() || !client.other_obstacles().is_empty()).then_some(
        "it does not sign in with a secret, so a file cannot declare it; to delete it, use \
         `kxi-auth client delete`",
    )
}
