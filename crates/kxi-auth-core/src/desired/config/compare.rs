//! Compares a config with the stored client, so that an update without a difference is not sent.

use serde_json::{Map, Value};

use crate::desired::config::ClientConfig;
use crate::desired::config::merge::{Merge, has_from_create, is_same, merge, to_send};
use crate::error::Error;
use crate::model::fields::ATTRIBUTES;
use crate::model::protocol_mappers;

impl ClientConfig {
    /// The names of the fields that differ from the stored client and that a PUT can change, such as `description` or
    /// `attributes.owner`.
    pub(crate) fn differs_from(&self, stored: &Map<String, Value>) -> Vec<String> {
        let differs = |(name, value): &(&String, &Value)| to_send(name, stored.get(*name), value).is_some();
        let fields = self.fields.iter().filter(differs);
        let attributes = self.attributes.iter().filter(|(name, value)| is_new_attribute(name, value, stored));
        fields
            .map(|(name, _)| name.clone())
            .chain(attributes.map(|(name, _)| format!("{ATTRIBUTES}.{name}")))
            .collect()
    }

    /// Adds what changes the fields that [differ](Self::differs_from) to the body of an update. To send the others again
    /// could only undo concurrent changes, and would recreate the protocol mappers.
    pub(crate) fn merge_into_update(&self, stored: &Map<String, Value>, body: &mut Map<String, Value>) {
        let sent = |(name, value): (&String, &Value)| {
            to_send(name, stored.get(name), value).map(|value| (name.clone(), value))
        };
        body.extend(self.fields.iter().filter_map(sent));
        self.merge_attributes(body, |name, value| is_new_attribute(name, value, stored));
    }

    /// The fields that differ and that no PUT can change, with the wanted values. `authorizationSettings` is always among
    /// them, because the server does not show the stored settings.
    pub(crate) fn fixed_differences(&self, stored: &Map<String, Value>) -> Map<String, Value> {
        let fixed = self.fields.iter().filter(|(name, _)| merge(name) == Merge::OnCreate);
        let differing = fixed.filter(|(name, wanted)| !has_from_create(stored.get(*name), wanted));
        differing.map(|(name, wanted)| (name.clone(), wanted.clone())).collect()
    }

    /// The names of the [fields](Self::fixed_differences) that differ and that no PUT can change.
    pub(crate) fn ignored_by_update(&self, stored: &Map<String, Value>) -> Vec<String> {
        self.fixed_differences(stored).into_iter().map(|(name, _)| name).collect()
    }

    /// The names of the values that the server accepts and never stores. They do not count as differences.
    pub(crate) fn never_stored(&self, stored: Option<&Map<String, Value>>) -> Vec<String> {
        protocol_mappers::never_stored(&self.fields, stored)
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

fn is_new_attribute(name: &str, wanted: &Value, stored: &Map<String, Value>) -> bool {
    !is_same(stored.get(ATTRIBUTES).and_then(|attributes| attributes.get(name)), wanted)
}
