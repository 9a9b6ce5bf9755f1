//! What must hold for every result and every error.

use std::fmt::Debug;

use crate::error::Error;
use crate::model::warning::Warning;

/// Stands in each place of an input where a secret belongs.
pub(super) const MARKER: &str = "s3cr3t-marker";

/// The longest message, in bytes. A message of the server counts up to 500 characters, each of which may be escaped.
const LONGEST: usize = 8 * 1024;

/// A text that is shown contains no secret.
pub(super) fn hides(shown: &str) {
    assert!(!shown.contains(MARKER), "a secret is shown: {shown}");
}

/// Nothing that a program can print of a value shows a secret.
pub(super) fn is_discreet(value: &impl Debug) {
    hides(&format!("{value:?}"));
}

/// A message is short, fit for a terminal, and contains no secret.
pub(super) fn is_message(message: &str) {
    hides(message);
    assert!(message.len() <= LONGEST, "a message of {} bytes: {:.200}", message.len(), message);
    assert!(!message.chars().any(char::is_control), "control characters in {message:?}");
}

/// An error is discreet, as are its causes, and its message is fit to be shown.
pub(super) fn is_fit(error: &Error) {
    is_message(&error.to_string());
    is_discreet(error);
    if let Some(hint) = error.hint() {
        is_message(&hint.to_string());
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        hides(&cause.to_string());
        source = cause.source();
    }
}

/// Each warning is fit to be shown.
pub(super) fn are_fit(warnings: &[Warning]) {
    for warning in warnings {
        is_message(&warning.to_string());
        is_discreet(warning);
    }
}
