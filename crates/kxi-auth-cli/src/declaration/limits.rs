//! How much a declaration may hold.

/// How large a declaration may be, in bytes: ten thousand clients with twenty roles each are a third of it.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How deeply values may be nested. Each level takes stack, of which the main thread has 1 MiB on some
/// systems; no client needs half of it.
pub(super) const DEEPEST: usize = 24;

/// How many characters the name of an owner may have.
pub(super) const LONGEST_OWNER: usize = 255;
