//! Makes errors that several places need.

use std::time::Duration;

use crate::error::{Error, Hint, Incomplete, RequestLine, Step};

impl Error {
    pub(crate) fn invalid(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidParameter { parameter, reason: reason.into(), hint: None }
    }

    /// The only step of an operation failed, and may have been carried out nevertheless.
    pub(crate) fn in_doubt(client: &str, step: Step, cause: Self) -> Self {
        Self::Incomplete(Incomplete {
            client: client.to_owned(),
            done: Vec::new(),
            failed: step,
            in_doubt: true,
            steps: 1,
            // Behind a gateway that responds in the server's place, another call would end in the same way.
            hint: cause.hint().filter(|hint| *hint == Hint::CheckGateway).or(Some(Hint::RunAgain)),
            cause: Box::new(cause),
        })
    }

    /// The error for an internal ID that no path can contain.
    pub(crate) fn bad_internal_id(what: &'static str, name: &str, id: &str) -> Self {
        let found = if id.is_empty() { "empty".to_owned() } else { format!("`{}`", id.escape_debug()) };
        let reason = format!("its internal ID (`id`) is {found}, so no request can address it");
        Self::BadStoredData { what, name: name.to_owned(), reason }
    }

    pub(crate) fn timeout(request: RequestLine, timeout: Duration) -> Self {
        Self::Timeout { request, timeout, proxy: None }
    }
}
