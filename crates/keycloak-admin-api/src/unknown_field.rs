//! Fields that this version of the crate does not know.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The value of a field that a newer server sent and that this version does not know.
///
/// It is kept so that a representation can be written back completely. `Debug` does not print it, because it
/// might be a secret.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::types::ClientRepresentation;
///
/// let read: ClientRepresentation = serde_json::from_str(r#"{"clientId": "a", "brandNew": 1}"#)?;
/// assert_eq!(format!("{:?}", read.extra["brandNew"]), "UnknownField(..)");
/// assert_eq!(serde_json::to_value(&read)?["brandNew"], 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnknownField(pub Value);

impl fmt::Debug for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnknownField(..)")
    }
}

impl From<Value> for UnknownField {
    fn from(value: Value) -> Self {
        Self(value)
    }
}
