//! A name and a random password, kept in a file that only its owner may read.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::system::files::write_private;

/// A name and its password.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: SecretString,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    username: String,
    password: String,
}

impl Credentials {
    /// A new random password for `username`.
    pub(crate) fn random(username: &str) -> Result<Self> {
        Ok(Self { username: username.to_owned(), password: password()? })
    }

    /// What `file` holds; nothing if it does not exist.
    pub(crate) fn read(file: &Path) -> Result<Option<Self>> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        let stored: Stored = serde_json::from_slice(&bytes).with_context(|| {
            let folder = file.parent().unwrap_or(file);
            format!("cannot read {}: remove the folder {}", file.display(), folder.display())
        })?;
        Ok(Some(Self { username: stored.username, password: stored.password.into() }))
    }

    /// Keeps them in `file`.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let password = self.password.expose_secret().to_owned();
        write_private(file, &serde_json::to_vec(&Stored { username: self.username.clone(), password })?)
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

    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("admin.json");
        assert!(Credentials::read(&file).unwrap().is_none());
        let written = Credentials::random("admin").unwrap();
        written.write(&file).unwrap();
        let read = Credentials::read(&file).unwrap().unwrap();
        assert_eq!(read.username, "admin");
        assert_eq!(read.password.expose_secret(), written.password.expose_secret());
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
