//! Where things are in the workspace, and how a task speaks.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The build folder, where every cache of these tasks lies.
#[must_use]
pub fn target() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    // Child processes run in other folders, so a relative one would mean another place there.
    std::path::absolute(&folder).unwrap_or(folder)
}

/// Prints one line on standard error: standard output is for data alone.
pub fn say(line: &str) {
    // A closed standard error is no reason to stop a task.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// How a task ends: with the reason on standard error if it failed.
#[must_use]
pub fn exit(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes `text` to standard output; a reader that went away (`| head`) is no failure.
pub fn data(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}
