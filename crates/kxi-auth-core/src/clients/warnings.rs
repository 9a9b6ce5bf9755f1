//! The warnings of a registration about the client itself.

use crate::desired::config::ClientConfig;
use crate::model::stored_client::StoredClient;
use crate::model::warning::Warning;

/// The warnings about a client that was registered with this config.
pub(crate) fn of_client(client: &StoredClient, created: bool, config: &ClientConfig) -> Vec<Warning> {
    let client_id = || client.id.clone();
    let mut warnings = Vec::new();
    if !client.full_scope() {
        warnings.push(Warning::NoFullScope { client_id: client_id() });
    }
    let ignored = config.ignored_by_update(&client.fields);
    if !created && !ignored.is_empty() {
        warnings.push(Warning::NotUpdatable { client_id: client_id(), fields: ignored });
    }
    warnings
}
