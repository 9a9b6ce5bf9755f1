//! Auth clients.
