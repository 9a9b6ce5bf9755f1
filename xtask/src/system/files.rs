//! Files that must be whole, private, or gone.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::workspace::say;

/// Waits for the lock of `file`; it lasts as long as the returned handle.
pub(crate) fn lock(file: &Path, what: &str) -> Result<File> {
    let open = || -> std::io::Result<File> {
        std::fs::create_dir_all(file.parent().unwrap_or(file))?;
        File::options().create(true).append(true).open(file)
    };
    let handle = open().with_context(|| format!("cannot open {}", file.display()))?;
    if handle.try_lock().is_err() {
        say(&format!("waiting: another task of this repository uses the {what} Keycloak"));
        handle.lock().with_context(|| format!("cannot lock {}", file.display()))?;
    }
    Ok(handle)
}

/// Writes a file that only its owner may read (0600), complete or not at all.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(bytes)?;
        draft.persist(file)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Removes a file, if it exists.
pub(crate) fn remove_file(file: &Path) -> Result<()> {
    gone(std::fs::remove_file(file), file)
}

/// Removes a folder and everything in it, if it exists.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    gone(std::fs::remove_dir_all(folder), folder)
}

fn gone(result: std::io::Result<()>, path: &Path) -> Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
