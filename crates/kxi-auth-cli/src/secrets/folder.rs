//! The folders that secret files are written to: their locks, and what killed runs left in them.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::secrets::place::{folder_of, is_own};
use crate::secrets::staging::{Beside, Kind};

/// How old a file must be before a run for another target removes it. A run that could not lock the folder is over by
/// then.
const OLD: Duration = Duration::from_hours(1);

/// How often a lock is tried for that another run holds while it removes files, and the pause between.
const TRIES: (u32, Duration) = (20, Duration::from_millis(50));

/// The folders of one run, each locked once.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<PathBuf, Arc<Folder>>);

/// A folder that this run writes secret files to.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Shared by all runs that write to the folder. As long as one of them holds it, no other removes files. There is
    /// one lock for a folder, not for a file: an `apply` can have more files than a process may have open.
    lock: Option<File>,
    /// What killed runs left for targets that are not proved to be written since.
    left: Vec<Left>,
}

/// A file that a killed run left. A run without a lock may still need it.
#[derive(Debug)]
struct Left {
    name: PathBuf,
    of: Beside,
    written: SystemTime,
}

impl Left {
    /// How long ago it was written is known, and no run takes that long.
    fn is_old(&self) -> bool {
        self.written.elapsed().is_ok_and(|age| age >= OLD)
    }
}

impl Folders {
    /// The folder of a secret file.
    pub(super) fn of(&mut self, path: &Path) -> Arc<Folder> {
        let folder = folder_of(path);
        let key = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Arc::clone(self.0.entry(key).or_insert_with(|| Arc::new(Folder::open(folder))))
    }

    /// Removes what killed runs left of this secret file, which holds the live secret.
    pub(crate) fn settle(&mut self, path: &Path) {
        self.of(path).settle(path);
    }
}

impl Folder {
    /// Locks the folder, after removing what killed runs left there and is needed no more. Without a lock, which some
    /// file systems do not have, everything stays.
    fn open(path: &Path) -> Self {
        let lock = File::open(path).ok();
        let opened = Instant::now();
        let left = match &lock {
            Some(alone) if alone.try_lock().is_ok() => tidy(path, opened),
            _ => Vec::new(),
        };
        let shared = lock.filter(|lock| {
            (0..TRIES.0).any(|_| {
                let locked = lock.try_lock_shared().is_ok();
                if !locked {
                    std::thread::sleep(TRIES.1);
                }
                locked
            })
        });
        Self { path: path.to_owned(), lock: shared, left }
    }

    /// Whether other runs see that this one goes on.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Removes what killed runs left of a target that holds the live secret now. A run that has no lock may be writing to
    /// the same target: what it wrote stays until it is old.
    pub(super) fn settle(&self, target: &Path) {
        let name = target.file_name().unwrap_or_default();
        for left in &self.left {
            if left.of.target == name && (left.of.locked || left.is_old()) {
                // A later run tries again.
                let _ = std::fs::remove_file(self.path.join(&left.name));
            }
        }
    }
}

/// Removes old files whose secret is on the server, or whose target was written after them. Returns the others that were
/// there before this run opened the folder. No other run that has a lock uses the folder in the meantime.
fn tidy(folder: &Path, opened: Instant) -> Vec<Left> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(of) = Beside::of(&name) else { continue };
        let Ok(found) = entry.path().symlink_metadata() else { continue };
        let Ok(written) = found.modified() else { continue };
        if !found.is_file() || !is_own(&found) {
            continue;
        }
        let left = Left { name: PathBuf::from(name), of, written };
        let is_elsewhere =
            || left.of.kind == Kind::Written || is_written_after(&folder.join(&left.of.target), written);
        if left.is_old() && is_elsewhere() {
            let _ = std::fs::remove_file(entry.path());
        } else if was_before(written, opened) {
            all.push(left);
        }
    }
    all
}

/// Whether a file was written before this moment.
fn was_before(written: SystemTime, moment: Instant) -> bool {
    let since = moment.elapsed();
    written.elapsed().is_ok_and(|age| age >= since)
}

/// Whether a target was written after a secret was staged for it: then it holds that secret or a later one.
fn is_written_after(target: &Path, staged: SystemTime) -> bool {
    target.metadata().and_then(|found| found.modified()).is_ok_and(|written| written > staged)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    struct Desk(tempfile::TempDir);

    impl Desk {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        /// A file that was written this many minutes ago.
        fn file(&self, name: &str, minutes: u64) {
            let file = File::create(self.0.path().join(name)).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now.checked_sub(Duration::from_mins(minutes)).unwrap()).unwrap();
        }

        fn names(&self) -> Vec<String> {
            let entries = std::fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }

        fn open(&self) -> Folder {
            Folder::open(self.0.path())
        }
    }

    #[test]
    fn old_files_are_removed_if_their_secret_is_elsewhere() {
        let desk = Desk::new();
        desk.file(".a.kxi-auth-new-aaaaaa", 61);
        desk.file(".a.kxi-auth-new-bbbbbb", 5);
        desk.file(".b.kxi-auth-staged-aaaaaa", 90);
        desk.file("b", 80);
        desk.file(".c.kxi-auth-staged-aaaaaa", 90);
        desk.file("c", 100);
        desk.file(".d.kxi-auth-staged-aaaaaa", 90);
        desk.file(".kxi-auth-other", 90);
        drop(desk.open());
        assert_eq!(
            desk.names(),
            [
                ".a.kxi-auth-new-bbbbbb",
                ".c.kxi-auth-staged-aaaaaa",
                ".d.kxi-auth-staged-aaaaaa",
                ".kxi-auth-other",
                "b",
                "c"
            ]
        );
    }

    #[test]
    fn what_is_left_of_a_target_is_removed_when_it_holds_the_live_secret() {
        let desk = Desk::new();
        for name in [".a.kxi-auth-staged-aaaaaa", ".a.kxi-auth-new-aaaaaa", ".b.kxi-auth-staged-aaaaaa"] {
            desk.file(name, 0);
        }
        let folder = desk.open();
        // This run's own.
        desk.file(".a.kxi-auth-staged-own000", 0);
        folder.settle(&desk.0.path().join("a"));
        assert_eq!(desk.names(), [".a.kxi-auth-staged-own000", ".b.kxi-auth-staged-aaaaaa"]);
    }

    #[test]
    fn the_files_of_a_running_process_are_not_touched() {
        let desk = Desk::new();
        let running = desk.open();
        desk.file(".a.kxi-auth-new-aaaaaa", 90);
        desk.file(".a.kxi-auth-staged-aaaaaa", 0);
        let other = desk.open();
        other.settle(&desk.0.path().join("a"));
        assert_eq!(desk.names().len(), 2);
        drop((running, other));
        desk.open().settle(&desk.0.path().join("a"));
        assert!(desk.names().is_empty());
    }

    #[test]
    fn what_a_run_without_a_lock_writes_stays_until_it_is_old() {
        let desk = Desk::new();
        for kind in ["staged", "new"] {
            desk.file(&format!(".a.kxi-auth-{kind}-unlocked-aaaaaa"), 5);
            desk.file(&format!(".b.kxi-auth-{kind}-unlocked-aaaaaa"), 61);
        }
        let folder = desk.open();
        for target in ["a", "b"] {
            folder.settle(&desk.0.path().join(target));
        }
        assert_eq!(desk.names(), [".a.kxi-auth-new-unlocked-aaaaaa", ".a.kxi-auth-staged-unlocked-aaaaaa"]);
    }

    #[test]
    fn what_appears_after_the_folder_was_opened_is_of_a_running_process() {
        let desk = Desk::new();
        desk.file(".a.kxi-auth-staged-aaaaaa", 0);
        let file = File::options().write(true).open(desk.0.path().join(".a.kxi-auth-staged-aaaaaa")).unwrap();
        let later = file.metadata().unwrap().modified().unwrap().checked_add(Duration::from_secs(5)).unwrap();
        file.set_modified(later).unwrap();
        desk.open().settle(&desk.0.path().join("a"));
        assert_eq!(desk.names().len(), 1);
    }

    #[test]
    fn a_folder_that_another_run_holds_alone_is_used_without_a_lock() {
        let desk = Desk::new();
        let alone = File::open(desk.0.path()).unwrap();
        alone.try_lock().unwrap();
        assert!(!desk.open().is_locked());
        drop(alone);
        assert!(desk.open().is_locked());
    }

    #[test]
    fn a_link_is_no_file_of_a_run() {
        let desk = Desk::new();
        desk.file("precious", 90);
        let link = desk.0.path().join(".a.kxi-auth-new-aaaaaa");
        std::os::unix::fs::symlink(desk.0.path().join("precious"), &link).unwrap();
        desk.open().settle(&desk.0.path().join("a"));
        assert_eq!(desk.names(), [".a.kxi-auth-new-aaaaaa", "precious"]);
    }
}
