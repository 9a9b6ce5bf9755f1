//! A plan as text for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use kxi_auth_core::FieldChange;
use serde_json::Value;

use crate::apply::data::{Kind, Summary};
use crate::apply::deliveries::Reason;
use crate::apply::plan::{Action, Plan, PlannedClient};
use crate::output::plain;
use crate::secrets::MASK;

const ADD: Style = AnsiColor::Green.on_default();
const CHANGE: Style = AnsiColor::Yellow.on_default();
const REMOVE: Style = AnsiColor::Red.on_default();

/// Longer values are cut here; the data has them in full.
const LONGEST: usize = 120;

impl Plan {
    /// The plan as text with colors. Text from the server or the file is escaped.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for client in &self.clients {
            write_client(&mut text, client);
        }
        for client in &self.prune {
            let _ = writeln!(text, "{REMOVE}- {}{REMOVE:#}  delete", plain(&client.id));
        }
        text + &self.summary_line()
    }

    fn summary_line(&self) -> String {
        let Summary { create, update, deliver, delete, unchanged } = self.summary();
        let counts = [
            (create, "to create"),
            (update, "to update"),
            (deliver, "with a secret file to write"),
            (delete, "to delete"),
            (unchanged, "unchanged"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, what)| *count > 0 || *what == "unchanged")
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!(
            "clients of {} in the realm {}: {}\n",
            plain(&self.owner),
            plain(&self.realm),
            counts.join(", ")
        )
    }
}

fn write_client(text: &mut String, client: &PlannedClient) {
    let id = plain(client.id());
    // Writing to a string cannot fail.
    let _ = match client.action() {
        Action::Create => writeln!(text, "{ADD}+ {id}{ADD:#}  create"),
        Action::Update => writeln!(text, "{CHANGE}~ {id}{CHANGE:#}  update"),
        Action::Deliver => writeln!(text, "{CHANGE}~ {id}{CHANGE:#}  write its secret file"),
        Action::Delete | Action::Gone | Action::Unchanged => return,
    };
    for change in &client.plan.changes {
        let _ = writeln!(text, "    {}: {}", plain(&change.field), difference(change));
    }
    for role in client.plan.roles_added.shown() {
        let _ = writeln!(text, "    {ADD}+ role {}{ADD:#}", plain(&role));
    }
    for role in client.plan.roles_revoked.shown() {
        let _ = writeln!(text, "    {REMOVE}- role {}{REMOVE:#}", plain(&role));
    }
    for group in &client.plan.groups_joined {
        let _ = writeln!(text, "    {ADD}+ group {}{ADD:#}", plain(group));
    }
    for group in &client.plan.groups_left {
        let _ = writeln!(text, "    {REMOVE}- group {}{REMOVE:#}", plain(group));
    }
    if let Some(due) = &client.due {
        let reason = match due.reason {
            Reason::NewSecret => "new secret",
            Reason::Missing => "the file is missing",
            Reason::Differs => "its content differs",
            Reason::Exposed => "other users can read it",
        };
        let _ = writeln!(text, "    secret file: {} ({reason})", plain(&due.path().display().to_string()));
    }
}

/// What happens to the value. A value that may be secret is hidden, and so is its length.
fn difference(change: &FieldChange) -> String {
    let kind = Kind::of(change);
    if change.is_sensitive() {
        let kind = match kind {
            Kind::Added => "is added",
            Kind::Removed => "is removed",
            Kind::Changed => "changes",
        };
        return format!("{MASK} ({kind})");
    }
    match (&change.from, &change.to) {
        (None, None) => "none".to_owned(),
        (None, Some(to)) => shown(to),
        (Some(from), None) => format!("{} -> removed", shown(from)),
        (Some(from), Some(to)) => format!("{} -> {}", shown(from), shown(to)),
    }
}

fn shown(value: &Value) -> String {
    let text = plain(&value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
