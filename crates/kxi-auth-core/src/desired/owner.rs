//! The owner of a client.

use crate::error::Error;
use crate::model::stored_client::StoredClient;

/// An attribute that names the owner of a client, and the expected owner.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) attribute: String,
    pub(crate) name: String,
}

impl Owner {
    /// Rejects a client that belongs to another owner.
    pub(crate) fn reject_others(&self, stored: &StoredClient) -> Result<(), Error> {
        match stored.attribute(&self.attribute).filter(|other| *other != self.name) {
            Some(other) => Err(self.conflict(stored, &format!("it is `{}`", other.escape_debug()))),
            None => Ok(()),
        }
    }

    /// Rejects every client that does not belong to this owner.
    pub(crate) fn reject_all_except_own(&self, stored: &StoredClient) -> Result<(), Error> {
        self.reject_others(stored)?;
        match stored.attribute(&self.attribute) {
            Some(_) => Ok(()),
            None => Err(self.conflict(stored, "it is not set")),
        }
    }

    fn conflict(&self, stored: &StoredClient, state: &str) -> Error {
        let reason = format!(
            "its attribute `{}` is not `{}`: {state}. The client was not changed",
            self.attribute.escape_debug(),
            self.name.escape_debug()
        );
        Error::Conflict { what: "client", name: stored.id.clone(), reason, hint: None, request: None }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::client_uuid::ClientUuid;

    fn stored(fields: Value) -> StoredClient {
        let Value::Object(fields) = fields else { panic!("an object") };
        let secret = Some(SecretString::from("stored"));
        StoredClient { uuid: ClientUuid::new("u").unwrap(), id: "c".to_owned(), secret, fields }
    }

    #[test]
    fn an_owner_is_told_from_others_and_from_none() {
        let owner = Owner { attribute: "owner".to_owned(), name: "a".to_owned() };
        let own = stored(json!({"attributes": {"owner": "a"}}));
        let others = stored(json!({"attributes": {"owner": "b"}}));
        let without_owner = stored(json!({}));
        assert!(owner.reject_others(&own).is_ok() && owner.reject_others(&without_owner).is_ok());
        assert!(owner.reject_all_except_own(&own).is_ok());
        for refused in [
            owner.reject_others(&others),
            owner.reject_all_except_own(&others),
            owner.reject_all_except_own(&without_owner),
        ] {
            assert!(refused.unwrap_err().is_conflict());
        }
    }
}
