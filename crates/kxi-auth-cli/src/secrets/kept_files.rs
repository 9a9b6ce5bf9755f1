//! The files that a command reads, which no secret may overwrite.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Files that are read, however their paths are spelt.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptFiles(Vec<PathBuf>);

impl KeptFiles {
    pub(crate) fn add(&mut self, path: &Path) {
        // Standard input, wherever a command reads a file.
        if path != Path::new("-") {
            self.0.push(identity(path));
        }
    }

    /// Refuses a secret file that is one of these.
    pub(crate) fn refuse(&self, output: &Path) -> Result<(), Failure> {
        if self.0.contains(&identity(output)) {
            return Err(Failure::usage(format!(
                "the secret file {} is an input or output of the same command, which it would overwrite",
                output.display()
            ))
            .with_hint("name another file"));
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

/// What two paths to the same file have in common; it need not exist yet.
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
            assert!(inputs.refuse(&same).is_err(), "{}", same.display());
        }
        for other in [&folder.path().join("another"), Path::new("-")] {
            let inputs: KeptFiles = [Path::new("-")].into_iter().collect();
            assert!(inputs.refuse(other).is_ok(), "{}", other.display());
        }
    }
}
