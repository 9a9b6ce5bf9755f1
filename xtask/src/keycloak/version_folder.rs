//! The files of one version of one instance.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::files::{remove_file, remove_folder, write_private};
use crate::workspace::say;

/// Length of a generated admin password; 62 letters and digits give 190 bits.
const PASSWORD_LENGTH: usize = 32;

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

    /// Exists from a start until the server answers, so it tells of a start that was cut off.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.0.join("unfinished-start")
    }

    /// Forgets the database, and with it the administrator.
    pub(crate) fn wipe(&self) -> Result<()> {
        remove_folder(&self.data())?;
        remove_file(&self.admin_file())
    }

    /// Name and password of the administrator. The first start writes them into the database, so
    /// they are kept beside it.
    pub(crate) fn admin(&self) -> Result<(String, SecretString)> {
        let file = self.admin_file();
        let stored = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<StoredAdmin>(&bytes).with_context(|| {
                format!("cannot read {}: remove the folder {}", file.display(), self.0.display())
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if self.data().exists() {
                    say("nobody knows the password of the database any more: starting an empty one");
                    self.wipe()?;
                }
                let password = password()?;
                let admin = StoredAdmin {
                    username: "admin".to_owned(),
                    password: password.expose_secret().to_owned(),
                };
                write_private(&file, &serde_json::to_vec(&admin)?)?;
                admin
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        Ok((stored.username, stored.password.into()))
    }

    fn admin_file(&self) -> PathBuf {
        self.0.join("admin.json")
    }
}

/// A random password of letters and digits.
pub(crate) fn password() -> Result<SecretString> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut password = String::with_capacity(PASSWORD_LENGTH);
    while password.len() < PASSWORD_LENGTH {
        let mut bytes = [0_u8; PASSWORD_LENGTH];
        if let Err(error) = getrandom::fill(&mut bytes) {
            bail!("this system gives no random numbers: {error}");
        }
        // Bytes beyond the last whole multiple of 62 would make some letters likelier.
        let even = bytes.iter().filter(|byte| **byte < 248);
        let letters = even.map(|byte| char::from(LETTERS[usize::from(byte % 62)]));
        password.extend(letters.take(PASSWORD_LENGTH - password.len()));
    }
    Ok(password.into())
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
        let (_, first) = version.admin().unwrap();
        let (name, again) = version.admin().unwrap();
        assert_eq!(name, "admin");
        assert_eq!(first.expose_secret(), again.expose_secret());
        let mode = version.admin_file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        version.wipe().unwrap();
        let (_, next) = version.admin().unwrap();
        assert_ne!(first.expose_secret(), next.expose_secret());
    }

    #[test]
    fn a_database_without_its_password_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let version = VersionFolder(folder.path().to_owned());
        std::fs::create_dir(version.data()).unwrap();
        version.admin().unwrap();
        assert!(!version.data().exists());
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let passwords: HashSet<String> =
            (0..50).map(|_| password().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(passwords.len(), 50);
        let proper = |text: &String| text.len() == 32 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(passwords.iter().all(proper));
    }
}
