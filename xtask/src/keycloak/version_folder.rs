//! The files of one version of one instance.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::credentials::Credentials;
use crate::system::files::{remove_file, remove_folder};
use crate::workspace::say;

/// One version of one instance: the unpacked Keycloak, and beside it what is worth keeping.
pub(crate) struct VersionFolder(PathBuf);

impl VersionFolder {
    /// The folder at `path`, which need not exist yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The unpacked Keycloak; it can be unpacked again at any time.
    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// The database.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// What the server wrote since its last start.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("server.log")
    }

    /// Exists from a start until the server responds, so it shows that a start was cut off.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.0.join("unfinished-start")
    }

    /// Forgets the database, and with it the administrator.
    pub(crate) fn wipe(&self) -> Result<()> {
        remove_folder(&self.data())?;
        remove_file(&self.admin_file())
    }

    /// The administrator that a start creates, or has created. The first start writes name and password into the
    /// database, so they are kept beside it. A database without them is deleted, so do not call this while a server
    /// runs.
    pub(crate) fn admin_for_start(&self) -> Result<Credentials> {
        if let Some(known) = self.stored_admin()? {
            return Ok(known);
        }
        if self.data().exists() {
            say("the password of the database is lost: starting an empty one");
            self.wipe()?;
        }
        let admin = Credentials::random("admin")?;
        admin.write(&self.admin_file())?;
        Ok(admin)
    }

    /// The administrator, if it is known.
    pub(crate) fn stored_admin(&self) -> Result<Option<Credentials>> {
        Credentials::read(&self.admin_file())
    }

    /// The administrator of a server that runs; changes nothing.
    pub(crate) fn admin(&self) -> Result<Credentials> {
        self.stored_admin()?.with_context(|| {
            format!(
                "{} is missing, and with it the password of the running Keycloak: `cargo xtask \
                 keycloak down` and then `up` begin with an empty database",
                self.admin_file().display()
            )
        })
    }

    fn admin_file(&self) -> PathBuf {
        self.0.join("admin.json")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_administrator_is_kept_and_only_ours_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let version = VersionFolder(folder.path().to_owned());
        let first = version.admin_for_start().unwrap().password;
        let again = version.admin().unwrap();
        assert_eq!(again.username, "admin");
        assert_eq!(first.expose_secret(), again.password.expose_secret());
        let mode = version.admin_file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        version.wipe().unwrap();
        let next = version.admin_for_start().unwrap().password;
        assert_ne!(first.expose_secret(), next.expose_secret());
    }

    #[test]
    fn a_database_without_its_password_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let version = VersionFolder(folder.path().to_owned());
        std::fs::create_dir(version.data()).unwrap();
        version.admin_for_start().unwrap();
        assert!(!version.data().exists());
    }

    #[test]
    fn asking_for_the_administrator_of_a_running_server_leaves_its_database_alone() {
        let folder = tempfile::tempdir().unwrap();
        let version = VersionFolder(folder.path().to_owned());
        std::fs::create_dir(version.data()).unwrap();
        let error = version.admin().unwrap_err().to_string();
        assert!(error.contains("admin.json is missing") && error.contains("keycloak down"), "{error}");
        assert!(version.data().exists());
        assert!(!version.admin_file().exists());
    }
}
