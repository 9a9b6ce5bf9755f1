//! What a user builds and what a package holds, by the manifests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn manifest(folder: &Path) -> toml::Table {
    std::fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap()
}

/// The folders of the crates that a plain `cargo build` builds.
fn default_members() -> Vec<PathBuf> {
    let workspace = manifest(&root())["workspace"].clone();
    let members = workspace["default-members"].as_array().unwrap();
    members.iter().map(|member| root().join(member.as_str().unwrap())).collect()
}

#[test]
fn a_user_builds_what_is_published_and_nothing_else() {
    for folder in default_members() {
        let publish = manifest(&folder)["package"].get("publish").cloned();
        assert_eq!(publish, None, "{} is not published, so take it out of default-members", folder.display());
    }
}

#[test]
fn each_package_has_the_licenses_of_the_workspace() {
    for folder in default_members() {
        for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let link = folder.join(name);
            assert!(link.is_symlink(), "{} may drift: make it a link to the root's", link.display());
            assert_eq!(std::fs::read(&link).unwrap(), std::fs::read(root().join(name)).unwrap());
        }
    }
}
