//! Writes a secret to a file: readable only by its owner, complete or not at all.

use std::io::Write as _;
use std::path::Path;

use kxi_auth_core::{ExposeSecret as _, SecretString};
use tempfile::TempPath;

use crate::failure::Failure;
use crate::secrets::destination::{Delivery, Owner};
use crate::secrets::fault::FileFault;
use crate::secrets::place::{beside, folder_of, is_exposed, reason, reject_foreign, reject_odd_target};

/// A secret file that can be written. Its content is put in place in one step; if that never happens, nothing is
/// left behind.
#[derive(Debug)]
pub(crate) struct SecretFile {
    delivery: Delivery,
    /// Proves that a file can be created in the folder. It is closed: each of a thousand clients has one, and a
    /// process may not have more open files than that.
    place: TempPath,
}

/// The state of a secret file before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Current,
    Missing,
    Differs,
    /// Its content is current, but other users can read or change it (on Unix).
    Exposed,
}

impl Delivery {
    /// Opens the file before anything is sent, so that a secret that cannot be stored is never created. The new
    /// file is readable only by its owner from the start.
    pub(crate) fn open(self, client_id: &str) -> Result<SecretFile, FileFault> {
        self.check(client_id)?;
        reject_odd_target(&self.path)?;
        let file = beside(&self.path)
            .and_then(|file| reject_foreign(&self.path, file))
            .map_err(|error| FileFault::create(&self.path, reason(&error)))?;
        Ok(SecretFile { delivery: self, place: file.into_temp_path() })
    }

    /// Rejects, before anything is sent, a file that could never be written. An existing file may already be
    /// current: then nothing has to be written, and its folder may be read-only.
    pub(crate) fn check_place(&self, client_id: &str) -> Result<(), FileFault> {
        if self.path.exists() {
            self.check(client_id)?;
            return reject_odd_target(&self.path);
        }
        self.clone().open(client_id).map(drop)
    }

    /// Whether the file exists and holds this secret. Content that cannot be read counts as different.
    pub(crate) fn state(&self, owner: Owner<'_>, secret: &SecretString) -> Result<State, FileFault> {
        self.check(owner.client_id)?;
        reject_odd_target(&self.path)?;
        let wanted = self.content(owner, secret)?;
        Ok(match std::fs::read_to_string(&self.path).map(SecretString::from) {
            Ok(found) if found.expose_secret() == wanted.expose_secret() => {
                if is_exposed(&self.path) {
                    State::Exposed
                } else {
                    State::Current
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // A plan reports it too, and creates no file.
                std::fs::metadata(folder_of(&self.path))
                    .map_err(|error| FileFault::create(&self.path, reason(&error)))?;
                State::Missing
            }
            _ => State::Differs,
        })
    }
}

impl SecretFile {
    pub(crate) fn path(&self) -> &Path {
        &self.delivery.path
    }

    /// Writes the secret and puts the file in place.
    pub(crate) fn write(self, owner: Owner<'_>, secret: &SecretString) -> Result<(), Failure> {
        let Self { delivery, place } = self;
        let path = &delivery.path;
        let content = delivery.content(owner, secret)?;
        // A new file: by now another user could have put a link under the name of the old one.
        drop(place);
        let written = beside(path).and_then(|mut file| {
            file.write_all(content.expose_secret().as_bytes())?;
            file.as_file().sync_all()?;
            // A link may have appeared in the meantime. Renaming replaces it and does not follow it.
            file.persist(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(|error| {
            Failure::local(format!(
                "the secret of `{}` could not be written to {}: {}",
                owner.client_id,
                path.display(),
                reason(&error)
            ))
            .with_hint(
                "the client is registered; `kxi-auth client get ID --secret-out FILE` writes its secret",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::secrets::format::SecretFormat;

    const OWNER: Owner<'_> = Owner { host: "https://x", realm: "insights", client_id: "svc" };

    fn to(path: PathBuf, format: SecretFormat) -> Delivery {
        Delivery { path, format, name: None, namespace: None }
    }

    fn written(delivery: Delivery, secret: &str) -> String {
        let path = delivery.path.clone();
        delivery.open("svc").unwrap().write(OWNER, &SecretString::from(secret)).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn each_format() {
        let folder = tempfile::tempdir().unwrap();
        let path = || folder.path().join("secret");
        assert_eq!(written(to(path(), SecretFormat::Raw), "it's"), "it's");
        let env = "INSIGHTS_URL=https://x\nINSIGHTS_REALM=insights\nINSIGHTS_CLIENT_ID=svc\n";
        let expected = format!("{env}INSIGHTS_CLIENT_SECRET='it'\\''s $x'\n");
        assert_eq!(written(to(path(), SecretFormat::Env), "it's $x"), expected);
        let json: serde_json::Value =
            serde_json::from_str(&written(to(path(), SecretFormat::Json), "\"")).unwrap();
        assert_eq!(json["client_secret"], "\"");
        let delivery = Delivery {
            name: Some("feed".to_owned()),
            namespace: Some("uat".to_owned()),
            ..to(path(), SecretFormat::Kubernetes)
        };
        let manifest: serde_json::Value = serde_saphyr::from_str(&written(delivery, "yes")).unwrap();
        assert_eq!(manifest["kind"], "Secret");
        assert_eq!(manifest["metadata"], json!({"name": "feed", "namespace": "uat"}));
        assert_eq!(manifest["stringData"]["INSIGHTS_CLIENT_SECRET"], "yes");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_file_is_the_owners_alone_and_no_link_is_followed() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        written(to(file.clone(), SecretFormat::Raw), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let refused = Failure::from(to(link, SecretFormat::Raw).open("svc").unwrap_err());
        assert!(refused.message().contains("symbolic link"), "{}", refused.message());
        let new_folder = PathBuf::from(format!("{}/new/", folder.path().display()));
        let too_long = folder.path().join("n".repeat(256));
        let elsewhere = folder.path().join("no/such");
        for odd in [folder.path().to_owned(), elsewhere, PathBuf::from("/dev/null"), new_folder, too_long] {
            assert!(to(odd, SecretFormat::Raw).open("svc").is_err());
        }
    }

    #[test]
    fn nothing_is_left_of_a_secret_that_never_came() {
        let folder = tempfile::tempdir().unwrap();
        drop(to(folder.path().join("secret"), SecretFormat::Raw).open("svc").unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_secret_file_keeps_a_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let open = |number: i32| to(folder.path().join(number.to_string()), SecretFormat::Raw).open("svc");
        let files: Vec<SecretFile> = (0..1100).map(|number| open(number).unwrap()).collect();
        let targets = std::fs::read_dir("/proc/self/fd").unwrap();
        let targets = targets.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
        assert_eq!(targets.filter(|target| target.starts_with(folder.path())).count(), 0);
        for file in files {
            file.write(OWNER, &SecretString::from("s")).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1100);
    }

    #[test]
    fn a_place_is_checked_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there");
        std::fs::write(&there, "old").unwrap();
        for path in [there, folder.path().join("new")] {
            to(path, SecretFormat::Raw).check_place("svc").unwrap();
        }
        for odd in [folder.path().to_owned(), folder.path().join("no/such"), folder.path().join("there/x")] {
            assert!(to(odd, SecretFormat::Raw).check_place("svc").is_err());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_id_that_cannot_name_a_kubernetes_secret() {
        let folder = tempfile::tempdir().unwrap();
        let delivery = to(folder.path().join("secret"), SecretFormat::Kubernetes);
        assert!(delivery.open("My Service").unwrap_err().hint().unwrap().contains("--secret-name"));
    }
}
