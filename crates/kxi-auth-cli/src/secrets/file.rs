//! A secret on its way to a file: readable by its owner alone, whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use kxi_auth_core::{ExposeSecret as _, SecretString};
use serde_json::json;
use tempfile::{NamedTempFile, TempPath};

use crate::failure::Failure;
use crate::secrets::SecretFormat;
use crate::secrets::kubernetes_names::{is_label, is_subdomain};

/// Where a secret goes, and in what form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) path: PathBuf,
    pub(crate) format: SecretFormat,
    /// Of the Kubernetes Secret; the client id if there is none.
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
}

/// A secret file that can be written: its content is put in place in one step, and nothing is left
/// behind if that never happens.
#[derive(Debug)]
pub(crate) struct SecretFile {
    delivery: Delivery,
    /// Proves that the folder takes a file, and keeps a place in it. It is closed: of a thousand clients each
    /// has one, and a process may have no more open files than that.
    place: TempPath,
}

/// What a secret file is before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Current,
    Missing,
    Differs,
    /// It is as it should be, but others can read or change it (on Unix).
    Exposed,
}

/// What a secret belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) client_id: &'a str,
}

impl Delivery {
    /// Opens the file before anything is sent, so that a secret is never made that cannot be kept. The
    /// new file is readable by its owner alone from the start.
    pub(crate) fn open(self, client_id: &str) -> Result<SecretFile, Failure> {
        self.check(client_id)?;
        refuse_odd_target(&self.path)?;
        let file = beside(&self.path).and_then(|file| refuse_foreign(&self.path, file)).map_err(|error| {
            Failure::usage(format!(
                "cannot create the secret file {}: {}",
                self.path.display(),
                reason(&error)
            ))
        })?;
        Ok(SecretFile { delivery: self, place: file.into_temp_path() })
    }

    /// Refuses, before anything is sent, what could never be written. A file that is there may be as it
    /// should be already: then nothing has to be written, and its folder may be read-only.
    pub(crate) fn check_place(&self, client_id: &str) -> Result<(), Failure> {
        if self.path.exists() {
            self.check(client_id)?;
            return refuse_odd_target(&self.path);
        }
        self.clone().open(client_id).map(drop)
    }

    /// Whether the file is there and holds this secret. Content that cannot be read differs.
    pub(crate) fn state(&self, owner: Owner<'_>, secret: &SecretString) -> Result<State, Failure> {
        self.check(owner.client_id)?;
        refuse_odd_target(&self.path)?;
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
                // A plan tells of it too, which makes no file.
                std::fs::metadata(folder_of(&self.path)).map_err(|error| {
                    let reason = reason(&error);
                    Failure::usage(format!("cannot create the secret file {}: {reason}", self.path.display()))
                })?;
                State::Missing
            }
            _ => State::Differs,
        })
    }

    fn check(&self, client_id: &str) -> Result<(), Failure> {
        if self.format != SecretFormat::Kubernetes {
            return match (&self.name, &self.namespace) {
                (None, None) => Ok(()),
                _ => Err(Failure::usage("a name and a namespace belong to a Kubernetes Secret")
                    .with_hint("add --secret-format kubernetes")),
            };
        }
        let name = self.name.as_deref().unwrap_or(client_id);
        if !is_subdomain(name) {
            return Err(Failure::usage(format!("`{name}` cannot name a Kubernetes Secret"))
                .with_hint("--secret-name gives one of lower-case letters, digits, `-` and `.`"));
        }
        match self.namespace.as_deref().filter(|namespace| !is_label(namespace)) {
            Some(namespace) => Err(Failure::usage(format!("`{namespace}` is no Kubernetes namespace"))),
            None => Ok(()),
        }
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
        // A file of its own: by now the name of the other one could be a link of somebody else's.
        drop(place);
        let written = beside(path).and_then(|mut file| {
            file.write_all(content.expose_secret().as_bytes())?;
            file.as_file().sync_all()?;
            // A link may have appeared meanwhile; renaming replaces it and does not follow it.
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

/// A new file in the same folder, readable by its owner alone.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".kxi-auth-").tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Why no file can be made, without the name that it would have had for a moment.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            "its folder does not exist".to_owned()
        }
        kind => kind.to_string(),
    }
}

/// Refuses a link, which could lead the secret elsewhere, and what is no file.
fn refuse_odd_target(path: &Path) -> Result<(), Failure> {
    let refuse = |what| {
        let reason = format!("the secret file {} is {what}", path.display());
        Err(Failure::usage(reason).with_hint("name a file, or a place where none is"))
    };
    let ends_as_folder = path.as_os_str().as_encoded_bytes().last().is_some_and(|byte| is_separator(*byte));
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => refuse("a symbolic link, which is not followed"),
        Ok(found) if found.is_dir() => refuse("a folder"),
        Ok(found) if !found.is_file() => refuse("no ordinary file"),
        _ if path.file_name().is_none() || ends_as_folder => refuse("no file name"),
        _ if path == Path::new("-") => refuse("`-`, and --show-secret prints it"),
        // Such as a name that is too long. What is wrong with the folder is told when a file is made in it.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidFilename => refuse("no possible file name"),
        _ => Ok(()),
    }
}

fn is_separator(byte: u8) -> bool {
    std::path::is_separator(char::from(byte))
}

/// Refuses the file of another user in a folder that lets everybody make files, but nobody replace those of
/// others, as `/tmp` is: what could be made beside it could not take its place.
#[cfg(unix)]
fn refuse_foreign(path: &Path, own: NamedTempFile) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::MetadataExt as _;

    const STICKY: u32 = 0o1000;
    let Ok(there) = std::fs::symlink_metadata(path) else { return Ok(own) };
    let folder = std::fs::metadata(folder_of(path))?;
    let user = own.as_file().metadata()?.uid();
    let replaceable = user == 0 || [there.uid(), folder.uid()].contains(&user);
    if folder.mode() & STICKY != 0 && !replaceable {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    Ok(own)
}

/// Whether others than its owner can read or change a file.
#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
fn refuse_foreign(_: &Path, own: NamedTempFile) -> std::io::Result<NamedTempFile> {
    Ok(own)
}

impl Delivery {
    fn content(&self, owner: Owner<'_>, secret: &SecretString) -> Result<SecretString, Failure> {
        let Owner { host, realm, client_id } = owner;
        let exposed = secret.expose_secret();
        let variables = [
            ("INSIGHTS_URL", host),
            ("INSIGHTS_REALM", realm),
            ("INSIGHTS_CLIENT_ID", client_id),
            ("INSIGHTS_CLIENT_SECRET", exposed),
        ];
        let text = match self.format {
            SecretFormat::Raw => exposed.to_owned(),
            SecretFormat::Env => {
                let lines = variables.iter().map(|(name, value)| format!("{name}={}\n", quoted(value)));
                lines.collect::<Vec<_>>().concat()
            }
            SecretFormat::Json => {
                let object =
                    json!({"host": host, "realm": realm, "client_id": client_id, "client_secret": exposed});
                format!("{object:#}\n")
            }
            SecretFormat::Kubernetes => self.manifest(client_id, &variables)?,
        };
        Ok(SecretString::from(text))
    }

    fn manifest(&self, client_id: &str, variables: &[(&str, &str)]) -> Result<String, Failure> {
        let mut metadata = json!({"name": self.name.as_deref().unwrap_or(client_id)});
        if let Some(namespace) = &self.namespace {
            metadata["namespace"] = json!(namespace);
        }
        let data: serde_json::Map<_, _> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let manifest = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "Opaque",
            "stringData": data,
        });
        // The writer's error could show the secret.
        serde_saphyr::to_string(&manifest).map_err(|_| Failure::local("the manifest has no YAML"))
    }
}

/// A value for a shell: in single quotes unless it needs none.
fn quoted(value: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(simple) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let refused = to(link, SecretFormat::Raw).open("svc").unwrap_err();
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
