//! New content of a secret file beside it, until it is put in place.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kxi_auth_core::{ExposeSecret as _, SecretString};
use tempfile::{NamedTempFile, TempPath};

use crate::secrets::place::folder_of;

/// Why content is beside its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It holds a secret that is about to become live, and may be its only copy on this machine.
    Staged,
    /// It holds what the server has already, and is being written.
    Written,
}

/// Longer names are cut: a name has at most 255 bytes on most file systems.
const LONGEST_NAME: usize = 200;
/// What the name has if the run that wrote the file could not lock the folder.
const UNLOCKED: &str = "unlocked-";

impl Kind {
    const ALL: [Self; 2] = [Self::Staged, Self::Written];

    fn mark(self) -> &'static str {
        match self {
            Self::Staged => ".kxi-auth-staged-",
            Self::Written => ".kxi-auth-new-",
        }
    }
}

/// What the name of a file beside its target shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) kind: Kind,
    /// Whether the run that wrote it had the lock of the folder. Without it, others cannot see that the run goes on.
    pub(super) locked: bool,
    pub(super) target: OsString,
}

impl Beside {
    /// What a file with this name is, if it is one of these.
    pub(super) fn of(name: &OsStr) -> Option<Self> {
        let name = name.to_str()?.strip_prefix('.')?;
        Kind::ALL.into_iter().find_map(|kind| {
            let (target, rest) = name.rsplit_once(kind.mark())?;
            let (random, locked) = rest.strip_prefix(UNLOCKED).map_or((rest, true), |random| (random, false));
            let random_is_ours = random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let found = Self { kind, locked, target: target.into() };
            (random_is_ours && !target.is_empty()).then_some(found)
        })
    }
}

/// A new file in the same folder, readable by its owner alone, with this content. It is on the disk when this returns.
/// `locked` shows whether this run has the lock of the folder.
pub(super) fn beside(
    path: &Path,
    kind: Kind,
    locked: bool,
    content: &SecretString,
) -> std::io::Result<TempPath> {
    let prefix = prefix(path, kind) + if locked { "" } else { UNLOCKED };
    let mut file: NamedTempFile =
        tempfile::Builder::new().prefix(&prefix).rand_bytes(6).tempfile_in(folder_of(path))?;
    file.write_all(content.expose_secret().as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

fn prefix(path: &Path, kind: Kind) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let cut = if name.len() > LONGEST_NAME {
        // Such a name stands for no target, because it could stand for several.
        format!("{}~", &name[..name.floor_char_boundary(LONGEST_NAME)])
    } else {
        name.into_owned()
    };
    format!(".{cut}{}", kind.mark())
}

/// A secret that is about to become live, in a file beside its target.
#[derive(Debug)]
pub(super) struct Staged {
    path: Option<TempPath>,
    content: SecretString,
    /// Whether a request may have made the secret live.
    changing: Arc<AtomicBool>,
}

impl Staged {
    pub(super) fn new(
        target: &Path,
        locked: bool,
        content: SecretString,
        changing: Arc<AtomicBool>,
    ) -> std::io::Result<Self> {
        Ok(Self { path: Some(beside(target, Kind::Staged, locked, &content)?), content, changing })
    }

    pub(super) fn holds(&self, content: &SecretString) -> bool {
        self.content.expose_secret() == content.expose_secret()
    }

    /// Puts the file in place in one step. If that fails, the file stays where it is.
    pub(super) fn put_in_place(mut self, target: &Path) -> std::io::Result<()> {
        let Some(path) = self.path.take() else { return Ok(()) };
        // A link may have appeared in the meantime. Renaming replaces it and does not follow it.
        path.persist(target).map_err(|failed| {
            self.path = Some(failed.path);
            failed.error
        })
    }

    /// Removes the file: its secret is not live, or its target holds it.
    pub(super) fn discard(mut self) {
        drop(self.path.take());
    }

    /// Leaves the file where it is, and returns its path.
    pub(super) fn keep(mut self) -> Option<PathBuf> {
        self.path.take()?.keep().ok()
    }
}

impl Drop for Staged {
    /// Work that is stopped in the middle of a request leaves the file: it may hold the live secret.
    fn drop(&mut self) {
        if let Some(path) = &mut self.path {
            path.disable_cleanup(self.changing.load(Ordering::Relaxed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(target: &Path, changing: bool) -> Staged {
        Staged::new(target, true, SecretString::from("s"), Arc::new(AtomicBool::new(changing))).unwrap()
    }

    fn names(folder: &Path) -> Vec<OsString> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_name_shows_the_kind_and_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("svc.secret");
        let found = |kind, locked| Some(Beside { kind, locked, target: "svc.secret".into() });
        for kind in Kind::ALL {
            for locked in [true, false] {
                let file = beside(&target, kind, locked, &SecretString::from("s")).unwrap();
                assert_eq!(Beside::of(file.file_name().unwrap()), found(kind, locked));
            }
        }
        let file = staged(&target, false);
        let name = names(folder.path()).pop().unwrap();
        assert_eq!(Beside::of(&name), found(Kind::Staged, true));
        drop(file);
        for other in [
            "svc.secret",
            ".svc.secret",
            "a.kxi-auth-staged-abcdef",
            ".a.kxi-auth-staged-abc",
            ".kxi-auth-new-abcdef",
            ".a.kxi-auth-new-other-abcdef",
        ] {
            assert_eq!(Beside::of(OsStr::new(other)), None, "{other}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_stands_for_no_target() {
        let folder = tempfile::tempdir().unwrap();
        let long = "é".repeat(127);
        let path = folder.path().join(&long);
        let file = beside(&path, Kind::Staged, false, &SecretString::from("s")).unwrap();
        let found = Beside::of(file.file_name().unwrap()).unwrap();
        assert_ne!(found.target, OsString::from(long));
    }

    #[test]
    fn what_was_staged_is_left_only_if_it_may_be_live() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        drop(staged(&target, false));
        staged(&target, true).discard();
        assert!(names(folder.path()).is_empty());
        drop(staged(&target, true));
        assert_eq!(names(folder.path()).len(), 1);
        let kept = staged(&target, false).keep().unwrap();
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "s");
        staged(&target, true).put_in_place(&target).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "s");
        assert_eq!(names(folder.path()).len(), 3);
    }
}
