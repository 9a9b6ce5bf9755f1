//! Why a command failed: the message, the hint and the exit code.

mod core;
pub(crate) mod exit_code;

use std::collections::BTreeSet;

use serde::Serialize;

pub(crate) use crate::failure::core::unused_proxy;

/// The kind of a failure of a client that bulk work did not start, because the server is away.
const NOT_STARTED: &str = "not_started";

/// Why a command failed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    /// A word that programs match, such as `not_found`.
    kind: &'static str,
    message: String,
    /// One line each: the faults of a file, or where a secret is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    hint: Option<String>,
    #[serde(skip)]
    exit_code: u8,
    /// Whether the same command may succeed later although nothing is changed.
    #[serde(skip)]
    temporary: bool,
}

impl Failure {
    pub(crate) fn new(kind: &'static str, exit_code: u8, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: Vec::new(), hint: None, exit_code, temporary: false }
    }

    /// The command line, a file or the environment is wrong. Nothing was sent.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new("usage", exit_code::USAGE, message)
    }

    /// Something on this machine failed: a file, the terminal, the system.
    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new("local", exit_code::ERROR, message)
    }

    /// A client of this kind has no secret.
    pub(crate) fn no_secret(message: impl Into<String>) -> Self {
        Self::new("no_secret", exit_code::CONFLICT, message).with_hint(
            "to make it a service account with a secret, use `kxi-auth client register ID --roles none --convert`",
        )
    }

    /// Ctrl-C or SIGTERM.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new("interrupted", exit_code::INTERRUPTED, message).temporary(true)
    }

    /// Whether the same command may succeed later although nothing is changed.
    pub(crate) fn temporary(self, temporary: bool) -> Self {
        Self { temporary, ..self }
    }

    /// What to do about it.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        self.with_hint_if(Some(hint))
    }

    /// What to do about it, if that is known. Otherwise an earlier hint stays.
    pub(crate) fn with_hint_if(self, hint: Option<impl Into<String>>) -> Self {
        Self { hint: hint.map(Into::into).or(self.hint), ..self }
    }

    /// What the failure consists of, one line each.
    pub(crate) fn with_details(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }

    /// One more line.
    pub(crate) fn with_detail(mut self, detail: String) -> Self {
        self.details.push(detail);
        self
    }

    /// The same failure with another message.
    pub(crate) fn with_message(self, message: String) -> Self {
        Self { message, ..self }
    }

    pub(crate) fn details(&self) -> &[String] {
        &self.details
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// What to do about several failures, each remedy once. To run the command again is a remedy only for those that
    /// may pass.
    pub(crate) fn remedies<'f>(failures: impl Iterator<Item = &'f Self>) -> Option<String> {
        const AGAIN: &str = "run the same command again; completed changes are kept";
        let remedy = |failure: &'f Self| if failure.temporary { Some(AGAIN) } else { failure.hint() };
        let remedies: BTreeSet<&str> = failures.filter_map(remedy).collect();
        (!remedies.is_empty()).then(|| remedies.into_iter().collect::<Vec<_>>().join("; "))
    }

    /// Whether bulk work did not start, because the server is away.
    pub(crate) fn is_not_started(&self) -> bool {
        self.kind == NOT_STARTED
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }
}
