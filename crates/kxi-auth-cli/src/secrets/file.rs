//! Writes a secret to a file: readable only by its owner, complete or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use kxi_auth_core::{ExposeSecret as _, SecretString};

use crate::failure::Failure;
use crate::secrets::destination::{Delivery, Owner};
use crate::secrets::fault::FileFault;
use crate::secrets::folder::{Folder, Folders};
use crate::secrets::place::{folder_of, is_exposed, prove, reason, reject_odd_target};
use crate::secrets::staging::{Kind, Staged, beside};

/// A secret file that can be written. Its content is put in place in one step. A secret that is about to become live is
/// staged first: then it is in a file beside the target before the server has it.
#[derive(Debug)]
pub(crate) struct SecretFile {
    delivery: Delivery,
    folder: Arc<Folder>,
    staged: Option<Staged>,
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
    /// Proves before anything is sent that the file can be written, so that a secret that cannot be stored is never
    /// created.
    pub(crate) fn open(self, client_id: &str, folders: &mut Folders) -> Result<SecretFile, FileFault> {
        self.prove(client_id)?;
        let folder = folders.of(&self.path);
        Ok(SecretFile { delivery: self, folder, staged: None })
    }

    /// Rejects, before anything is sent, a file that could never be written. An existing file may already be
    /// current: then nothing has to be written, and its folder may be read-only.
    pub(crate) fn check_place(&self, client_id: &str) -> Result<(), FileFault> {
        if self.path.exists() {
            self.check(client_id)?;
            return reject_odd_target(&self.path);
        }
        self.prove(client_id)
    }

    fn prove(&self, client_id: &str) -> Result<(), FileFault> {
        self.check(client_id)?;
        reject_odd_target(&self.path)?;
        prove(&self.path).map_err(|error| FileFault::create(&self.path, reason(&error)))
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

    /// Writes a secret that is about to become live to a file beside the target. `changing` shows whether a request may
    /// have made it live: then that file is not removed if the work is stopped.
    pub(crate) fn stage(
        &mut self,
        owner: Owner<'_>,
        secret: &SecretString,
        changing: Arc<AtomicBool>,
    ) -> Result<(), Failure> {
        let content = self.delivery.content(owner, secret)?;
        let staged = Staged::new(self.path(), self.folder.is_locked(), content, changing);
        self.staged = Some(staged.map_err(|error| FileFault::create(self.path(), reason(&error)))?);
        Ok(())
    }

    /// Puts the file with this secret in place.
    pub(crate) fn write(self, owner: Owner<'_>, secret: &SecretString) -> Result<(), Failure> {
        let Self { delivery, folder, staged } = self;
        let path = &delivery.path;
        let content = delivery.content(owner, secret)?;
        let written = match staged {
            Some(staged) if staged.holds(&content) => staged.put_in_place(path),
            staged => {
                let written = beside(path, Kind::Written, folder.is_locked(), &content)
                    .and_then(|file| file.persist(path).map_err(|error| error.error));
                // It is not live: another secret is.
                staged.into_iter().for_each(Staged::discard);
                written
            }
        };
        written.map_err(|error| unwritten(owner.client_id, path, &error))?;
        folder.settle(path);
        Ok(())
    }

    /// Puts the staged secret in place, which is live. Without one, the old file stays.
    pub(crate) fn put_in_place(self, client_id: &str) -> Result<Option<PathBuf>, Failure> {
        let Self { delivery, folder, staged } = self;
        let Some(staged) = staged else { return Ok(None) };
        staged.put_in_place(&delivery.path).map_err(|error| unwritten(client_id, &delivery.path, &error))?;
        folder.settle(&delivery.path);
        Ok(Some(delivery.path))
    }

    /// Leaves the staged secret, which may be live, where it is. Returns the path.
    pub(crate) fn keep(self) -> Option<PathBuf> {
        self.staged?.keep()
    }

    /// Removes the staged secret, which is not live.
    pub(crate) fn discard(self) {
        self.staged.into_iter().for_each(Staged::discard);
    }
}

fn unwritten(client_id: &str, path: &Path, error: &std::io::Error) -> Failure {
    let (path, reason) = (path.display(), reason(error));
    Failure::local(format!("the secret of `{client_id}` could not be written to {path}: {reason}"))
        .with_hint("the server has the secret; `kxi-auth client get ID --secret-out FILE` writes it")
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
        delivery
            .open("svc", &mut Folders::default())
            .unwrap()
            .write(OWNER, &SecretString::from(secret))
            .unwrap();
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
        let refused =
            Failure::from(to(link, SecretFormat::Raw).open("svc", &mut Folders::default()).unwrap_err());
        assert!(refused.message().contains("symbolic link"), "{}", refused.message());
        let new_folder = PathBuf::from(format!("{}/new/", folder.path().display()));
        let too_long = folder.path().join("n".repeat(256));
        let elsewhere = folder.path().join("no/such");
        for odd in [folder.path().to_owned(), elsewhere, PathBuf::from("/dev/null"), new_folder, too_long] {
            assert!(to(odd, SecretFormat::Raw).open("svc", &mut Folders::default()).is_err());
        }
    }

    #[test]
    fn nothing_is_left_of_a_secret_that_never_came() {
        let folder = tempfile::tempdir().unwrap();
        drop(
            to(folder.path().join("secret"), SecretFormat::Raw).open("svc", &mut Folders::default()).unwrap(),
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_staged_secret_is_there_before_the_target_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let count = || std::fs::read_dir(folder.path()).unwrap().count();
        let stage = |secret: &str| {
            let delivery = to(path.clone(), SecretFormat::Raw);
            let mut file = delivery.open("svc", &mut Folders::default()).unwrap();
            file.stage(OWNER, &SecretString::from(secret), Arc::new(AtomicBool::new(true))).unwrap();
            file
        };
        std::fs::write(&path, "old").unwrap();
        let file = stage("new");
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), count()), ("old", 2));
        assert_eq!(file.put_in_place("svc").unwrap(), Some(path.clone()));
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), count()), ("new", 1));
        stage("not live").discard();
        // Another secret is live.
        stage("not live").write(OWNER, &SecretString::from("live")).unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), count()), ("live", 1));
        let kept = stage("perhaps live").keep().unwrap();
        assert_eq!((std::fs::read_to_string(&kept).unwrap().as_str(), count()), ("perhaps live", 2));
        // The next run that writes the live secret removes it.
        stage("live").write(OWNER, &SecretString::from("live")).unwrap();
        assert_eq!(count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_secret_file_keeps_a_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let mut folders = Folders::default();
        let mut open = |number: i32| {
            let mut file =
                to(folder.path().join(number.to_string()), SecretFormat::Raw).open("svc", &mut folders)?;
            file.stage(OWNER, &SecretString::from("s"), Arc::default()).unwrap();
            Ok::<_, FileFault>(file)
        };
        let files: Vec<SecretFile> = (0..1100).map(|number| open(number).unwrap()).collect();
        let targets = std::fs::read_dir("/proc/self/fd").unwrap();
        let targets = targets.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
        // The folder itself is locked.
        assert_eq!(targets.filter(|target| target.starts_with(folder.path())).count(), 1);
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
        assert!(
            delivery
                .open("My Service", &mut Folders::default())
                .unwrap_err()
                .hint()
                .unwrap()
                .contains("--secret-name")
        );
    }
}
