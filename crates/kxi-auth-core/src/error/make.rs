//! Makes errors that several places need.

use std::time::Duration;

use crate::error::{Error, Hint, Incomplete, RequestLine, Step, UnknownGroups, excerpt};

impl Error {
    pub(crate) fn invalid(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidParameter { parameter, reason: reason.into(), hint: None }
    }

    /// The only step of an operation failed, and may have been carried out nevertheless.
    pub(crate) fn in_doubt(client: &str, step: Step, cause: Self) -> Self {
        Self::half_done(client, step, true, cause)
    }

    /// The only step of an operation failed after a part of it was carried out, or may have been (`in_doubt`).
    pub(crate) fn half_done(client: &str, step: Step, in_doubt: bool, cause: Self) -> Self {
        Self::Incomplete(Incomplete {
            client: client.to_owned(),
            done: Vec::new(),
            failed: step,
            in_doubt,
            steps: 1,
            hint: cause.hint_after_a_part(),
            cause: Box::new(cause),
        })
    }

    /// The server stored a client otherwise than it was sent, so that it cannot sign in as asked. `done` was carried out
    /// nevertheless.
    pub(crate) fn stored_otherwise(
        client: &str,
        done: Option<Step>,
        failed: Step,
        reason: String,
        hint: Hint,
    ) -> Self {
        let (name, hint) = (client.to_owned(), Some(hint));
        let done: Vec<Step> = done.into_iter().collect();
        Self::Incomplete(Incomplete {
            client: client.to_owned(),
            steps: done.len() + 1,
            done,
            failed,
            in_doubt: false,
            hint,
            cause: Box::new(Self::Conflict { what: "client", name, reason, hint, request: None }),
        })
    }

    /// The hint of an operation that this error ended after a part of it was, or may have been, carried out. Another call
    /// helps only where the cause may pass.
    pub(crate) fn hint_after_a_part(&self) -> Option<Hint> {
        if self.is_temporary() { Some(Hint::RunAgain) } else { self.hint() }
    }

    pub(crate) fn unknown_groups(realm: &str, paths: Vec<String>) -> Self {
        Self::UnknownGroups(UnknownGroups { realm: realm.to_owned(), paths })
    }

    /// The error for an internal ID that no path can contain.
    pub(crate) fn bad_internal_id(what: &'static str, name: &str, id: &str) -> Self {
        let found = if id.is_empty() { "empty".to_owned() } else { format!("`{}`", excerpt(id)) };
        let reason = format!("its internal ID (`id`) is {found}, so no request can address it");
        Self::BadStoredData { what, name: name.to_owned(), reason }
    }

    pub(crate) fn timeout(request: RequestLine, timeout: Duration) -> Self {
        Self::Timeout { request, timeout, proxy: None }
    }
}
