//! Whose a client is.

use crate::error::Error;
use crate::model::stored_client::StoredClient;

/// An attribute of a client that says whose it is, and who is meant.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) attribute: String,
    pub(crate) name: String,
}

impl Owner {
    /// Refuses a client that says that it is somebody else's.
    pub(crate) fn refuse_others(&self, stored: &StoredClient) -> Result<(), Error> {
        match stored.attribute(&self.attribute).filter(|other| *other != self.name) {
            Some(other) => Err(self.conflict(stored, &format!("it is `{}`", other.escape_debug()))),
            None => Ok(()),
        }
    }

    /// Refuses every client that does not say that it is this owner's.
    pub(crate) fn refuse_all_but_own(&self, stored: &StoredClient) -> Result<(), Error> {
        self.refuse_others(stored)?;
        match stored.attribute(&self.attribute) {
            Some(_) => Ok(()),
            None => Err(self.conflict(stored, "it is not set")),
        }
    }

    fn conflict(&self, stored: &StoredClient, state: &str) -> Error {
        let reason = format!(
            "its attribute `{}` is not `{}`: {state}; it is left as it is",
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
        let nobodys = stored(json!({}));
        assert!(owner.refuse_others(&own).is_ok() && owner.refuse_others(&nobodys).is_ok());
        assert!(owner.refuse_all_but_own(&own).is_ok());
        for refused in [
            owner.refuse_others(&others),
            owner.refuse_all_but_own(&others),
            owner.refuse_all_but_own(&nobodys),
        ] {
            assert!(refused.unwrap_err().is_conflict());
        }
    }
}
