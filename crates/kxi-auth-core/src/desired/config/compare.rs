//! What of a configuration the server does not have yet, so that an update that changes nothing is
//! not sent.

use serde_json::{Map, Value};

use crate::desired::config::{ClientConfig, ONLY_WHEN_CREATED};
use crate::error::Error;
use crate::model::client_scopes::OWN_SCOPE;
use crate::model::fields::{ATTRIBUTES, is_unset};

impl ClientConfig {
    /// The names of what differs from the stored client and a PUT can change: `description`,
    /// `attributes.owner`.
    pub(crate) fn differs_from(&self, stored: &Map<String, Value>) -> Vec<String> {
        let fields = self.fields.iter().filter(|(name, value)| is_change(name, value, stored));
        let attributes = self.attributes.iter().filter(|(name, value)| is_new_attribute(name, value, stored));
        fields
            .map(|(name, _)| name.clone())
            .chain(attributes.map(|(name, _)| format!("{ATTRIBUTES}.{name}")))
            .collect()
    }

    /// Puts what [differs](Self::differs_from) into the body of an update: the rest, sent again, would
    /// only race with others, and protocol mappers would be made anew.
    pub(crate) fn merge_into_update(&self, stored: &Map<String, Value>, body: &mut Map<String, Value>) {
        let changes = self.fields.iter().filter(|(name, value)| is_change(name, value, stored));
        body.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
        self.merge_attributes(body, |name, value| is_new_attribute(name, value, stored));
    }

    /// The names of what is asked for and no PUT would change. `authorizationSettings` are always
    /// among them: the server does not show what it has.
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

    /// Refuses what an update of this client would leave as it is without a word.
    pub(crate) fn check_update(&self, stored: &Map<String, Value>) -> Result<(), Error> {
        let ignored = self.ignored_by_update(stored);
        if ignored.is_empty() {
            return Ok(());
        }
        let names = ignored.join("`, `");
        let reason = format!(
            "the server takes `{names}` only when a client is created, and this one exists: leave it out"
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

/// Whether what is stored has all that is wanted. The server adds fields of its own (the `id` of a
/// mapper), leaves out what is empty, and keeps no list in its order, nor an entry twice.
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

/// Whether each entry of one list has its like in the other.
fn covers_list(stored: &[&Value], wanted: &[Value]) -> bool {
    wanted.iter().all(|wanted| stored.iter().any(|stored| covers(Some(stored), wanted)))
        && stored.iter().all(|stored| wanted.iter().any(|wanted| covers(Some(stored), wanted)))
}
