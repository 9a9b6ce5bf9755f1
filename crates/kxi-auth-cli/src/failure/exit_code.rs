//! What the exit code tells a script.

/// Done.
pub(crate) const OK: u8 = 0;
/// An error that has no code of its own.
pub(crate) const ERROR: u8 = 1;
/// The command line, a file or the environment is wrong; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// Not signed in: the credentials are missing, wrong or not allowed.
pub(crate) const UNAUTHORIZED: u8 = 3;
/// Signed in, but permission is missing.
pub(crate) const FORBIDDEN: u8 = 4;
/// The client, realm or role does not exist.
pub(crate) const NOT_FOUND: u8 = 5;
/// What is there stands against it: the name is taken, or the client is of another kind or owner.
pub(crate) const CONFLICT: u8 = 6;
/// The server cannot be reached, or failed after all attempts.
pub(crate) const UNAVAILABLE: u8 = 7;
/// `plan --exit-code`: something differs.
pub(crate) const DIFFERENCES: u8 = 8;
/// Ended by Ctrl-C or SIGTERM.
pub(crate) const INTERRUPTED: u8 = 130;
