//! The files that a command reads. A secret must not overwrite them.

use std::path::{Path, PathBuf};

use crate::secrets::fault::FileFault;

/// Files that are read, by whatever path they are named.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptFiles(Vec<PathBuf>);

impl KeptFiles {
    pub(crate) fn add(&mut self, path: &Path) {
        // A `-` is standard input.
        if path != Path::new("-") {
            self.0.push(identity(path));
        }
    }

    /// Rejects a secret file that is one of these.
    pub(crate) fn reject(&self, output: &Path) -> Result<(), FileFault> {
        if self.0.contains(&identity(output)) {
            let is = "also an input or output of this command, and would be overwritten";
            return Err(FileFault::path(output, is, "name another file"));
        }
        Ok(())
    }
}

impl<'a> FromIterator<&'a Path> for KeptFiles {
    fn from_iter<I: IntoIterator<Item = &'a Path>>(paths: I) -> Self {
        let mut kept = Self::default();
        paths.into_iter().for_each(|path| kept.add(path));
        kept
    }
}

/// What two paths to the same file have in common. The file need not exist yet.
fn identity(path: &Path) -> PathBuf {
    let of_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(of_folder).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_by_any_path() {
        let folder = tempfile::tempdir().unwrap();
        let (there, new) = (folder.path().join("there"), folder.path().join("new"));
        std::fs::write(&there, "").unwrap();
        let inputs: KeptFiles = [there.as_path(), &new].into_iter().collect();
        let around = folder.path().join("../").join(folder.path().file_name().unwrap());
        for same in [there, new, around.join("there"), around.join("./new")] {
            assert!(inputs.reject(&same).is_err(), "{}", same.display());
        }
        for other in [&folder.path().join("another"), Path::new("-")] {
            let inputs: KeptFiles = [Path::new("-")].into_iter().collect();
            assert!(inputs.reject(other).is_ok(), "{}", other.display());
        }
    }
}
