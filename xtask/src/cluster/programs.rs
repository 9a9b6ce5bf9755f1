//! The programs that a cluster needs beside Keycloak, and how to install them.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use nix::unistd::Uid;

use crate::system::process;
use crate::workspace::say;

/// Where Debian keeps the programs of each version of PostgreSQL.
const POSTGRESQL: &str = "/usr/lib/postgresql";
/// Folders of system programs, which an ordinary user need not have in `PATH`.
const SYSTEM: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// Where the programs are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Programs {
    /// The folder of `initdb`, `postgres` and `pg_isready`.
    pub(super) postgresql: PathBuf,
    pub(super) haproxy: PathBuf,
}

impl Programs {
    /// Looks for the programs. Those that are missing are installed, if that is asked for.
    pub(super) fn provide(install: bool) -> Result<Self> {
        let folders = path();
        match Self::find(Path::new(POSTGRESQL), &folders) {
            Ok(programs) => Ok(programs),
            Err(missing) if install => {
                apt_get(&missing)?;
                let still = |missing: Vec<&str>| {
                    anyhow::anyhow!("apt-get has installed {}, but they are not there", missing.join(", "))
                };
                Self::find(Path::new(POSTGRESQL), &folders).map_err(still)
            }
            Err(missing) => bail!(
                "the cluster needs {}: add --install, or install what is missing (Debian and Ubuntu: \
                 apt-get install --no-install-recommends {})",
                missing.join(" and "),
                missing.join(" ")
            ),
        }
    }

    /// The programs, or the packages that are missing.
    fn find(postgresql: &Path, folders: &[PathBuf]) -> Result<Self, Vec<&'static str>> {
        let found = newest(postgresql).or_else(|| holding(folders, "initdb"));
        let haproxy = holding(folders, "haproxy").map(|folder| folder.join("haproxy"));
        match (found, haproxy) {
            (Some(postgresql), Some(haproxy)) => Ok(Self { postgresql, haproxy }),
            (postgresql, haproxy) => {
                Err([postgresql.is_none().then_some("postgresql"), haproxy.is_none().then_some("haproxy")]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}

/// The oldest version that can sort by the rules of a language without the system's help.
const OLDEST: u32 = 15;

/// The folder of programs of the newest version.
fn newest(postgresql: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(postgresql).ok()?;
    let mut versions: Vec<(Reverse<u32>, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| Some((Reverse(entry.file_name().to_str()?.parse().ok()?), entry.path())))
        .filter(|(Reverse(version), _)| *version >= OLDEST)
        .map(|(version, folder)| (version, folder.join("bin")))
        .filter(|(_, folder)| folder.join("initdb").exists())
        .collect();
    versions.sort();
    versions.into_iter().next().map(|(_, folder)| folder)
}

fn holding(folders: &[PathBuf], program: &str) -> Option<PathBuf> {
    folders.iter().find(|folder| folder.join(program).is_file()).cloned()
}

fn path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(SYSTEM.map(PathBuf::from)).collect()
}

/// Installs packages of Debian, as `.ci/run` does.
fn apt_get(packages: &[&str]) -> Result<()> {
    say(&format!("installing {}", packages.join(", ")));
    let run = |words: &[&str]| {
        let mut command = if Uid::effective().is_root() {
            Command::new("env")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.arg("env");
            sudo
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(words);
        process::run_quiet(&mut command, "install the packages in the way of this system").map(drop)
    };
    run(&["update", "-qq"])?;
    run(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, name: &str) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(name), "").unwrap();
    }

    #[test]
    fn what_is_missing_is_named_by_its_package() {
        let folder = tempfile::tempdir().unwrap();
        let versions = folder.path().join("versions");
        let sbin = folder.path().join("sbin");
        let find = || Programs::find(&versions, std::slice::from_ref(&sbin));
        assert_eq!(find(), Err(vec!["postgresql", "haproxy"]));
        program(&sbin, "haproxy");
        assert_eq!(find(), Err(vec!["postgresql"]));
        program(&versions.join("14/bin"), "initdb");
        assert_eq!(find(), Err(vec!["postgresql"]), "it is too old");
        program(&versions.join("15/bin"), "initdb");
        program(&versions.join("17/bin"), "psql");
        let found = Programs { postgresql: versions.join("15/bin"), haproxy: sbin.join("haproxy") };
        assert_eq!(find(), Ok(found));
    }

    #[test]
    fn another_systems_postgresql_is_found_in_the_path() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["initdb", "haproxy"] {
            program(folder.path(), name);
        }
        let found = Programs::find(Path::new("/no/such/folder"), &[folder.path().to_owned()]).unwrap();
        assert_eq!(found.postgresql, folder.path());
    }
}
