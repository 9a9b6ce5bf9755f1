//! The files of one version of one instance.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::system::files::{remove_file, remove_folder, write_private};
use crate::workspace::say;

/// One version of one instance: the unpacked Keycloak, and beside it what is worth keeping.
pub(crate) struct VersionFolder(PathBuf);

/// The administrator that the database knows.
#[derive(Serialize, Deserialize)]
struct StoredAdmin {
    username: String,
    password: String,
}

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

    /// Name and password of the administrator that a start creates, or has created. The first start writes them into the
    /// database, so they are kept beside it. A database without them is deleted, so do not call this while a server
    /// runs.
    pub(crate) fn admin_for_start(&self) -> Result<(String, SecretString)> {
        if let Some(known) = self.stored()? {
            return Ok(known);
        }
        if self.data().exists() {
            say("the password of the database is lost: starting an empty one");
            self.wipe()?;
        }
        let password = password()?;
        let username = "admin".to_owned();
        let stored =
            StoredAdmin { username: username.clone(), password: password.expose_secret().to_owned() };
        write_private(&self.admin_file(), &serde_json::to_vec(&stored)?)?;
        Ok((username, password))
    }

    /// Name and password of the administrator of a server that runs; changes nothing.
    pub(crate) fn admin(&self) -> Result<(String, SecretString)> {
        self.stored()?.with_context(|| {
            format!(
                "{} is missing, and with it the password of the running Keycloak: `cargo xtask \
                 keycloak down` and then `up` begin with an empty database",
                self.admin_file().display()
            )
        })
    }

    fn stored(&self) -> Result<Option<(String, SecretString)>> {
        let file = self.admin_file();
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        let stored: StoredAdmin = serde_json::from_slice(&bytes).with_context(|| {
            format!("cannot read {}: remove the folder {}", file.display(), self.0.display())
        })?;
        Ok(Some((stored.username, stored.password.into())))
    }

    fn admin_file(&self) -> PathBuf {
        self.0.join("admin.json")
    }
}

/// A random password: 128 bits in hex.
pub(crate) fn password() -> Result<SecretString> {
    let mut bytes = [0_u8; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        bail!("this system gives no random numbers: {error}");
    }
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)).into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_administrator_is_kept_and_only_ours_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let version = VersionFolder(folder.path().to_owned());
        let (_, first) = version.admin_for_start().unwrap();
        let (name, again) = version.admin().unwrap();
        assert_eq!(name, "admin");
        assert_eq!(first.expose_secret(), again.expose_secret());
        let mode = version.admin_file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        version.wipe().unwrap();
        let (_, next) = version.admin_for_start().unwrap();
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

    #[test]
    fn passwords_are_long_and_differ() {
        let passwords: HashSet<String> =
            (0..50).map(|_| password().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(passwords.len(), 50);
        let proper = |text: &String| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(passwords.iter().all(proper));
    }
}
