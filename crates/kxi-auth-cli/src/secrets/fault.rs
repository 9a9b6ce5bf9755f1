//! Why a secret file cannot be written.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Why a secret file cannot be written. The path is separate from the reason: a declaration shows the line of the
/// file instead, and repeats none of its values.
#[derive(Debug)]
pub(crate) enum FileFault {
    /// The path cannot be a secret file, or names a file that must be kept.
    Path { path: PathBuf, is: &'static str, hint: &'static str },
    /// No file can be created there.
    Create { path: PathBuf, reason: String },
    /// Something other than the path is wrong, such as the name of a Kubernetes Secret.
    Other(Failure),
}

impl FileFault {
    pub(super) fn path(path: &Path, is: &'static str, hint: &'static str) -> Self {
        Self::Path { path: path.to_owned(), is, hint }
    }

    pub(super) fn create(path: &Path, reason: String) -> Self {
        Self::Create { path: path.to_owned(), reason }
    }

    /// The message without the path.
    pub(crate) fn without_path(&self) -> String {
        match self {
            Self::Path { is, .. } => format!("the secret file is {is}"),
            Self::Create { reason, .. } => format!("cannot create the secret file: {reason}"),
            Self::Other(failure) => failure.message().to_owned(),
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Path { hint, .. } => Some(hint),
            Self::Create { .. } => None,
            Self::Other(failure) => failure.hint(),
        }
    }
}

impl From<Failure> for FileFault {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<FileFault> for Failure {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::Path { path, is, hint } => {
                Self::usage(format!("the secret file {} is {is}", path.display())).with_hint(hint)
            }
            FileFault::Create { path, reason } => {
                Self::usage(format!("cannot create the secret file {}: {reason}", path.display()))
            }
            FileFault::Other(failure) => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_path_or_leaves_it_out() {
        let path = Path::new("/run/secrets/feed");
        for fault in [
            FileFault::path(path, "a folder", "name a file"),
            FileFault::create(path, "its folder does not exist".to_owned()),
        ] {
            let without = fault.without_path();
            let failure = Failure::from(fault);
            assert_eq!(failure.message().replace(" /run/secrets/feed", ""), without);
        }
    }
}
