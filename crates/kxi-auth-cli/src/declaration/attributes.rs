//! The attribute that marks the clients of a declaration.

/// The attribute of a client that holds its owner.
pub(crate) const OWNER_ATTRIBUTE: &str = "kxi-auth.owner";
