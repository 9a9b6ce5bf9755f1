//! Where these tasks keep everything they fetch, start and remember.

use std::path::PathBuf;

use crate::workspace::target;

/// The folder of all instances and of the archives they are unpacked from.
pub(super) fn folder() -> PathBuf {
    target().join("keycloak")
}

/// The archives, each fetched once.
pub(super) fn archives() -> PathBuf {
    folder().join("dist")
}
