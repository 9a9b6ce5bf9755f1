//! A plan as data for programs.

use kxi_auth_core::FieldChange;
use serde::Serialize;
use serde_json::Value;

use crate::apply::deliveries::Reason;
use crate::apply::plan::{Action, Plan, PlannedClient};
use crate::output::roles::{RolesAdded, RolesRevoked};
use crate::secrets::MASK;

/// A plan with masked secrets.
#[derive(Serialize)]
pub(crate) struct PlanData<'a> {
    owner: &'a str,
    realm: &'a str,
    clients: Vec<ClientData<'a>>,
    summary: Summary,
}

/// How many clients there are of each kind.
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) create: usize,
    pub(super) update: usize,
    pub(super) deliver: usize,
    pub(super) delete: usize,
    pub(super) unchanged: usize,
}

#[derive(Serialize)]
struct ClientData<'a> {
    id: &'a str,
    action: Action,
    changes: Vec<ChangeData<'a>>,
    #[serde(flatten)]
    added: RolesAdded<'a>,
    #[serde(flatten)]
    revoked: RolesRevoked<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups_joined: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups_left: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_file: Option<FileData>,
}

#[derive(Serialize)]
struct ChangeData<'a> {
    field: &'a str,
    kind: Kind,
    from: Option<Value>,
    to: Option<Value>,
}

/// What happens to a value, which masked values alone would not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Added,
    Removed,
    Changed,
}

impl Kind {
    pub(super) fn of(change: &FieldChange) -> Self {
        match (&change.from, &change.to) {
            (None, Some(_)) => Self::Added,
            (Some(_), None) => Self::Removed,
            // The values of the secret itself are not known here.
            (Some(_), Some(_)) | (None, None) => Self::Changed,
        }
    }
}

#[derive(Serialize)]
struct FileData {
    path: String,
    reason: Reason,
}

impl Plan {
    /// The plan as data.
    pub(crate) fn data(&self) -> PlanData<'_> {
        let declared = self.clients.iter().map(client);
        let pruned = self.prune.iter().map(|client| ClientData {
            id: &client.id,
            action: Action::Delete,
            changes: Vec::new(),
            added: RolesAdded::default(),
            revoked: RolesRevoked::default(),
            groups_joined: &[],
            groups_left: &[],
            secret_file: None,
        });
        let clients = declared.chain(pruned).collect();
        PlanData { owner: &self.owner, realm: &self.realm, clients, summary: self.summary() }
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            create: self.count(Action::Create),
            update: self.count(Action::Update),
            deliver: self.count(Action::Deliver),
            delete: self.count(Action::Delete),
            unchanged: self.count(Action::Unchanged),
        }
    }
}

fn client(client: &PlannedClient) -> ClientData<'_> {
    ClientData {
        id: client.id(),
        action: client.action(),
        changes: client.plan.changes.iter().map(change).collect(),
        added: (&client.plan.roles_added).into(),
        revoked: (&client.plan.roles_revoked).into(),
        groups_joined: &client.plan.groups_joined,
        groups_left: &client.plan.groups_left,
        secret_file: client
            .due
            .as_ref()
            .map(|due| FileData { path: due.path().display().to_string(), reason: due.reason }),
    }
}

fn change(change: &FieldChange) -> ChangeData<'_> {
    ChangeData {
        field: &change.field,
        kind: Kind::of(change),
        from: value(change, change.from.as_ref()),
        to: value(change, change.to.as_ref()),
    }
}

/// The value, masked if it may be secret.
fn value(change: &FieldChange, value: Option<&Value>) -> Option<Value> {
    // The value of the secret itself is not known here.
    match value {
        None if change.field == "secret" => Some(Value::from(MASK)),
        Some(_) if change.is_sensitive() => Some(Value::from(MASK)),
        value => value.cloned(),
    }
}
