//! Compares a config with the stored client, so that an update without a difference is not sent.

use serde_json::{Map, Value};

use crate::desired::config::{ClientConfig, ONLY_WHEN_CREATED};
use crate::error::Error;
use crate::model::client_scopes::OWN_SCOPE;
use crate::model::fields::{ATTRIBUTES, is_unset};

impl ClientConfig {
    /// The names of the fields that differ from the stored client and that a PUT can change, such as `description` or
    /// `attributes.owner`.
    pub(crate) fn differs_from(&self, stored: &Map<String, Value>) -> Vec<String> {
        let fields = self.fields.iter().filter(|(name, value)| is_change(name, value, stored));
        let attributes = self.attributes.iter().filter(|(name, value)| is_new_attribute(name, value, stored));
        fields
            .map(|(name, _)| name.clone())
            .chain(attributes.map(|(name, _)| format!("{ATTRIBUTES}.{name}")))
            .collect()
    }

    /// Adds the fields that [differ](Self::differs_from) to the body of an update. To send the others again could only
    /// undo concurrent changes, and would recreate the protocol mappers.
    pub(crate) fn merge_into_update(&self, stored: &Map<String, Value>, body: &mut Map<String, Value>) {
        let changes = self.fields.iter().filter(|(name, value)| is_change(name, value, stored));
        body.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
        self.merge_attributes(body, |name, value| is_new_attribute(name, value, stored));
    }

    /// The names of the fields that differ and that no PUT can change. `authorizationSettings` is always among them,
    /// because the server does not show the stored settings.
    pub(crate) fn ignored_by_update(&self, stored: &Map<String, Value>) -> Vec<String> {
        let differs = |name: &str, wanted: &Value| match stored.get(name) {
            Some(Value::Array(scopes)) if name == "defaultClientScopes" && !holds(wanted, OWN_SCOPE) => {
                let given: Vec<&Value> = scopes.iter().filter(|scope| *scope != OWN_SCOPE).collect();
                !wanted.as_array().is_some_and(|wanted| covers_list(&given, wanted))
            }
            stored => !covers(stored, wanted),
        };
        let fields = self.fields.iter().filter(|(name, _)| ONLY_WHEN_CREATED.contains(&name.as_str()));
        fields.filter(|(name, wanted)| differs(name, wanted)).map(|(name, _)| name.clone()).collect()
    }

    /// Rejects fields that an update of this client would silently ignore.
    pub(crate) fn check_update(&self, stored: &Map<String, Value>) -> Result<(), Error> {
        let ignored = self.ignored_by_update(stored);
        if ignored.is_empty() {
            return Ok(());
        }
        let names = ignored.join("`, `");
        let reason = format!(
            "the server sets `{names}` only when it creates a client, and this client exists; leave it out"
        );
        Err(Error::invalid("config", reason))
    }
}

fn is_change(name: &str, wanted: &Value, stored: &Map<String, Value>) -> bool {
    !ONLY_WHEN_CREATED.contains(&name) && !covers(stored.get(name), wanted)
}

fn is_new_attribute(name: &str, wanted: &Value, stored: &Map<String, Value>) -> bool {
    !covers(stored.get(ATTRIBUTES).and_then(|attributes| attributes.get(name)), wanted)
}

fn holds(list: &Value, text: &str) -> bool {
    list.as_array().is_some_and(|items| items.iter().any(|item| item == text))
}

/// Whether the stored value has everything that is wanted. The server adds fields of its own (the `id` of a mapper),
/// omits empty values, and keeps neither the order of a list nor duplicate entries.
fn covers(stored: Option<&Value>, wanted: &Value) -> bool {
    match (stored, wanted) {
        (None, wanted) => is_unset(wanted),
        (Some(Value::Object(stored)), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| covers(stored.get(name), wanted))
        }
        (Some(Value::Array(stored)), Value::Array(wanted)) => {
            covers_list(&stored.iter().collect::<Vec<_>>(), wanted)
        }
        (Some(stored), wanted) => stored == wanted || (is_unset(stored) && is_unset(wanted)),
    }
}

/// Whether each entry of one list has an equal in the other.
fn covers_list(stored: &[&Value], wanted: &[Value]) -> bool {
    wanted.iter().all(|wanted| stored.iter().any(|stored| covers(Some(stored), wanted)))
        && stored.iter().all(|stored| wanted.iter().any(|wanted| covers(Some(stored), wanted)))
}
