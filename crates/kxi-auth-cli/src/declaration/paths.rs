//! The files that a declaration names.

use std::path::{Component, Path, PathBuf};

/// `path`, relative to the folder of `file`.
pub(super) fn resolve(file: &Path, path: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

/// The same path without `.` and `..`, for comparison. Links are not followed, because the file may not exist
/// yet.
pub(super) fn normal(file: &Path, path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in resolve(file, path).components() {
        match (component, normal.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                normal.pop();
            }
            _ => normal.push(component),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_start_at_the_folder_of_the_file() {
        let resolved = |file: &str, path: &str| resolve(Path::new(file), Path::new(path));
        assert_eq!(resolved("conf/clients.yaml", "out/a"), Path::new("conf/out/a"));
        assert_eq!(resolved("conf/clients.yaml", "/run/a"), Path::new("/run/a"));
        assert_eq!(resolved("clients.yaml", "a"), Path::new("a"));
        assert_eq!(resolved("-", "a"), Path::new("a"));
    }

    #[test]
    fn normal_paths_compare() {
        let normal = |path: &str| normal(Path::new("conf/clients.yaml"), Path::new(path));
        for same in ["out/a", "./out/a", "out/./a", "out//a", "b/../out/a", "../conf/out/a"] {
            assert_eq!(normal(same), Path::new("conf/out/a"), "{same}");
        }
        assert_eq!(normal("../../../a"), Path::new("../../a"));
        assert_eq!(normal("/../a"), Path::new("/a"));
        assert_ne!(normal("out/A"), normal("out/a"));
    }
}
