//! The distribution of Keycloak: fetched once with Maven, unpacked once per instance.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::paths;
use super::version::Version;
use super::version_folder::VersionFolder;
use crate::system::files::{lock, remove_folder};
use crate::system::process;
use crate::workspace::say;

const ARTIFACT: &str = "keycloak-quarkus-dist";

/// Makes sure that `folder` holds an unpacked Keycloak.
pub(crate) fn provide(version: &Version, folder: &VersionFolder) -> Result<()> {
    let home = folder.home();
    if home.exists() {
        return Ok(());
    }
    let archive = fetch(version)?;
    say(&format!("unpacking Keycloak {version}"));
    // Renamed when it is whole: an interruption leaves nothing that looks finished.
    let draft = home.with_extension("partial");
    remove_folder(&draft)?;
    create(&draft)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(&draft).arg("--strip-components=1");
    process::run_quiet(&mut tar, "install tar and gzip")
        .with_context(|| format!("cannot unpack {}: remove it to fetch it again", archive.display()))?;
    // The database lies beside, so that the rest can be thrown away and unpacked again.
    let data = draft.join("data");
    remove_folder(&data)?;
    std::os::unix::fs::symlink("../data", &data)
        .with_context(|| format!("cannot link {}", data.display()))?;
    rename(&draft, &home)
}

/// The archive in the cache; fetched if it is not there yet.
fn fetch(version: &Version) -> Result<PathBuf> {
    let cache = paths::archives();
    let name = format!("{ARTIFACT}-{version}.tar.gz");
    let archive = cache.join(&name);
    let _lock = lock(&cache.join("lock"), "cache of the")?;
    if archive.exists() {
        return Ok(archive);
    }
    say(&format!("fetching Keycloak {version} with Maven (about 200 MB)"));
    let draft = cache.join(format!("{name}.partial"));
    remove_folder(&draft)?;
    create(&draft)?;
    let mut maven = Command::new("mvn");
    maven
        // Away from any pom.xml, which would become part of the question.
        .current_dir(&draft)
        .args(["-q", "-B", "-Dstyle.color=never", "dependency:copy"])
        .arg(format!("-Dartifact=org.keycloak:{ARTIFACT}:{version}:tar.gz"))
        .arg(format!("-DoutputDirectory={}", draft.display()));
    process::run_quiet(&mut maven, "install Maven (Debian and Ubuntu: apt-get install maven)")
        .with_context(|| format!("cannot fetch Keycloak {version}"))?;
    let fetched = draft.join(&name);
    if !fetched.exists() {
        bail!("Maven reported success, but {} is not there", fetched.display());
    }
    rename(&fetched, &archive)?;
    remove_folder(&draft)?;
    Ok(archive)
}

fn create(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).with_context(|| format!("cannot rename {} to {}", from.display(), to.display()))
}
