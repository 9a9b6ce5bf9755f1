//! The warnings of a registration about the client itself.

use std::sync::Arc;

use crate::admin::Api;
use crate::desired::arguments::ClientArguments;
use crate::desired::config::ClientConfig;
use crate::model::fields::{SESSION_MAX_ATTRIBUTE, TOKEN_LIFESPAN_ATTRIBUTE};
use crate::model::realm_settings::LifespanCap;
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
    warnings.extend(not_stored(&client.id, (!created).then_some(client), config));
    warnings
}

/// The warning about values that the server accepts and never stores. `existing` is the client before the write.
pub(crate) fn not_stored(id: &str, existing: Option<&StoredClient>, config: &ClientConfig) -> Vec<Warning> {
    let fields = config.never_stored(existing.map(|client| &client.fields));
    let warning = |fields| Warning::NotStored { client_id: id.to_owned(), fields };
    Some(fields).filter(|fields| !fields.is_empty()).map(warning).into_iter().collect()
}

/// The warning about a token lifespan that a limit of the realm or the client cuts. It reads the realm's settings only
/// if the arguments set a lifespan, or the client's own limit for a lifespan that is stored. If that fails, the warning
/// says so, unless the client's own limit cuts the lifespan. Without the permission to see them, only the client's own
/// limit counts.
pub(crate) async fn capped_lifespan(
    api: &Api,
    id: &str,
    stored: Option<&StoredClient>,
    arguments: &ClientArguments,
) -> Option<Warning> {
    let of_config = arguments.config.attribute_value(SESSION_MAX_ATTRIBUTE);
    let wanted = match (arguments.token_lifespan, of_config) {
        (Some(wanted), _) => wanted,
        (None, Some(_)) => stored?.attribute(TOKEN_LIFESPAN_ATTRIBUTE)?.parse().ok()?,
        (None, None) => return None,
    };
    let own = of_config.or_else(|| stored?.attribute(SESSION_MAX_ATTRIBUTE));
    let (settings, unread) = match api.realm_settings_or_failure().await {
        Ok(settings) => (settings, None),
        Err(error) => (Arc::default(), Some(error)),
    };
    let client_id = id.to_owned();
    let unread = unread
        .map(|error| Warning::LifespanNotChecked { client_id: client_id.clone(), reason: error.to_string() });
    match settings.lifespan_cap(own).filter(|cap| cap.seconds < wanted) {
        Some(LifespanCap { seconds: effective, setting }) => {
            Some(Warning::LifespanCapped { client_id, wanted, effective, setting })
        }
        None => unread,
    }
}
