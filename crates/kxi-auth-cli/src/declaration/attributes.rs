//! The attribute of a client that a declaration is stored in.

/// The attribute of a client that holds its owner.
pub(crate) const OWNER_ATTRIBUTE: &str = "kxi-auth.owner";
