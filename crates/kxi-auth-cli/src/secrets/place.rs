//! The place of a secret file: what may stand there, and who can read it.

use std::fs::{File, Metadata};
use std::path::Path;

use crate::secrets::fault::FileFault;

/// Proves that a file can be created beside this one. The file that proves it has no name, so nothing is left of it.
pub(super) fn prove(path: &Path) -> std::io::Result<()> {
    reject_foreign(path, &tempfile::tempfile_in(folder_of(path))?)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Why no file can be created. The name of the temporary file is left out.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            "its folder does not exist".to_owned()
        }
        kind => kind.to_string(),
    }
}

/// Rejects a link, which could lead the secret elsewhere, and everything that is not a file.
pub(super) fn reject_odd_target(path: &Path) -> Result<(), FileFault> {
    let reject = |is| Err(FileFault::path(path, is, "name a file, or a path where nothing exists yet"));
    let ends_as_folder = path.as_os_str().as_encoded_bytes().last().is_some_and(|byte| is_separator(*byte));
    match std::fs::symlink_metadata(path) {
        Ok(target) if target.file_type().is_symlink() => reject("a symbolic link, which is not followed"),
        Ok(target) if target.is_dir() => reject("a folder"),
        Ok(target) if !target.is_file() => reject("not a regular file"),
        _ if path.file_name().is_none() || ends_as_folder => reject("not a file name"),
        _ if path == Path::new("-") => reject("`-`; to print the secret, use --show-secret"),
        // Such as a name that is too long. A fault of the folder shows when a file is created in it.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidFilename => reject("not a valid file name"),
        _ => Ok(()),
    }
}

fn is_separator(byte: u8) -> bool {
    std::path::is_separator(char::from(byte))
}

/// Rejects the file of another user in a folder like `/tmp`, where every user may create files but may not replace
/// the files of others: a new file could not take its place.
#[cfg(unix)]
fn reject_foreign(path: &Path, own: &File) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    const STICKY: u32 = 0o1000;
    let Ok(there) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let folder = std::fs::metadata(folder_of(path))?;
    let user = own.metadata()?.uid();
    let replaceable = user == 0 || [there.uid(), folder.uid()].contains(&user);
    if folder.mode() & STICKY != 0 && !replaceable {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Whether users other than its owner can read or change a file.
#[cfg(unix)]
pub(super) fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// Whether a file belongs to the user of this process.
#[cfg(unix)]
pub(super) fn is_own(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(super) fn is_exposed(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
fn reject_foreign(_: &Path, _: &File) -> std::io::Result<()> {
    Ok(())
}

/// Unknown here, so that no file counts as this user's.
#[cfg(not(unix))]
pub(super) fn is_own(_: &Metadata) -> bool {
    false
}
