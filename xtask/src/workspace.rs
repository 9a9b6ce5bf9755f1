//! Where things are in the workspace, and how a task speaks.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The build folder, where every cache of these tasks lies.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Prints one line on standard error: standard output is for data alone.
pub(crate) fn say(line: &str) {
    // A closed standard error is no reason to stop a task.
    let _ = writeln!(std::io::stderr(), "{line}");
}
