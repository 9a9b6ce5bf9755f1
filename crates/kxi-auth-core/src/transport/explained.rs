//! Adds to a rejection what may explain it: the fields that were sent, or the roles of the token.

use reqwest::StatusCode;
use serde_json::{Map, Value};

use crate::model::access_token::Claims;
use crate::model::fields::ATTRIBUTES;
use crate::transport::rejection::Fault;

impl Fault {
    /// Adds the names of the fields that the caller set to a 500 of Keycloak itself. It gives no reason, and its usual
    /// cause is a value that it does not check, such as the alias of a flow that does not exist (observed on Keycloak
    /// 22.0.5, 26.0.8 and 26.7.3).
    pub(crate) fn blaming(mut self, given: &Map<String, Value>) -> Self {
        if let Self::Rejected(rejection) = &mut self
            && rejection.status == StatusCode::INTERNAL_SERVER_ERROR
            && rejection.by_keycloak
            && !given.is_empty()
        {
            let names: Vec<String> =
                field_names(given).map(|name| format!("`{}`", name.escape_debug())).collect();
            let message = &rejection.message;
            rejection.message = format!("{message}; the likely cause is the value of {}", names.join(" or "));
        }
        self
    }

    /// Adds the claims of the token to a 403.
    pub(super) fn with_claims(mut self, claims: impl FnOnce() -> Option<Claims>) -> Self {
        if let Self::Rejected(rejection) = &mut self
            && rejection.status == StatusCode::FORBIDDEN
        {
            rejection.claims = claims();
        }
        self
    }
}

/// The names of the fields, and those of the attributes one by one.
fn field_names(fields: &Map<String, Value>) -> impl Iterator<Item = String> {
    fields.iter().flat_map(|(name, value)| match value {
        Value::Object(attributes) if name == ATTRIBUTES && !attributes.is_empty() => {
            attributes.keys().map(|attribute| format!("{name}.{attribute}")).collect()
        }
        _ => vec![name.clone()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RequestLine;
    use crate::transport::rejection::tests::rejected;

    fn fault(status: u16, message: &str) -> Fault {
        rejected(RequestLine::new("PUT", "/x", &[]), status, message)
    }

    #[test]
    fn a_500_names_the_fields_that_were_sent_and_no_value() {
        let sent = serde_json::json!({"authenticationFlowBindingOverrides": {"browser": "hidden"}, "attributes": {"a\n": "hidden"}});
        let Value::Object(sent) = sent else { panic!("an object") };
        let said = |fault: Fault| match fault {
            Fault::Rejected(rejection) => rejection.message,
            fault => panic!("{fault:?}"),
        };
        let message = said(fault(500, "unknown_error").blaming(&sent));
        assert!(
            message.ends_with(
                "unknown_error; the likely cause is the value of `authenticationFlowBindingOverrides` or \
                 `attributes.a\\n`"
            ),
            "{message}"
        );
        for (status, sent) in [(400, &sent), (503, &sent), (500, &Map::new())] {
            assert!(!said(fault(status, "why").blaming(sent)).contains("likely"), "{status}");
        }
    }
}
