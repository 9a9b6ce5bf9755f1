//! The limits of a declaration.

/// The largest size of a declaration, in bytes. Ten thousand clients with twenty roles each need a third of
/// it.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How deeply values may be nested. Each level needs stack, and the main thread has only 1 MiB on some
/// systems. No client needs half of these levels.
pub(super) const DEEPEST: usize = 24;

/// The longest name of an owner, in characters.
pub(super) const LONGEST_OWNER: usize = 255;
