//! The exit codes, which scripts rely on.

/// The command succeeded.
pub(crate) const OK: u8 = 0;
/// An error that has no code of its own.
pub(crate) const ERROR: u8 = 1;
/// The command line, a file or the environment is wrong. Nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// The sign-in failed: the credentials are missing, wrong or not allowed.
pub(crate) const UNAUTHORIZED: u8 = 3;
/// The signed-in admin lacks a permission.
pub(crate) const FORBIDDEN: u8 = 4;
/// The client, realm or role does not exist.
pub(crate) const NOT_FOUND: u8 = 5;
/// The stored client is in conflict with the request: its name is taken, it is of another kind or owner, or the server
/// stored it so that it cannot sign in.
pub(crate) const CONFLICT: u8 = 6;
/// The server cannot be reached, or failed after all attempts.
pub(crate) const UNAVAILABLE: u8 = 7;
/// `plan --exit-code` found differences.
pub(crate) const DIFFERENCES: u8 = 8;
/// Ctrl-C or SIGTERM ended the command.
pub(crate) const INTERRUPTED: u8 = 130;
