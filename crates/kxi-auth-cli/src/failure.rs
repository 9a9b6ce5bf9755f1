//! Why a command failed, and the exit code that says so.

use std::fmt;

use kxi_auth_core::Error;

use crate::exit_code;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked is wrong; nothing was sent.
    Usage(String),
    /// The core's error.
    Core(Error),
    /// Anything else on this machine.
    Other(String),
}

impl Failure {
    /// The exit code for scripts.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit_code::USAGE,
            Self::Core(error) if error.is_usage() => exit_code::USAGE,
            Self::Core(error) if error.is_unauthorized() => exit_code::UNAUTHORIZED,
            Self::Core(error) if error.is_forbidden() => exit_code::FORBIDDEN,
            Self::Core(error) if error.is_not_found() => exit_code::NOT_FOUND,
            Self::Core(error) if error.is_conflict() => exit_code::CONFLICT,
            Self::Core(error) if error.is_unavailable() => exit_code::UNAVAILABLE,
            Self::Core(_) | Self::Other(_) => exit_code::ERROR,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(reason) | Self::Other(reason) => f.write_str(reason),
            Self::Core(error) => error.fmt(f),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
