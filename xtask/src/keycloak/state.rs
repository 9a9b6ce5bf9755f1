//! What is remembered of a server between two tasks: its files, and whether it still runs.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::group;
use super::options::RelativePath;
use super::version::Version;
use crate::workspace::say;

/// Length of a generated admin password; 62 letters and digits give 190 bits.
const PASSWORD_LENGTH: usize = 32;

/// The servers that these tasks start. Each has its own unpacked Keycloak and database, so that
/// a test run does not disturb the server somebody plays with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instance {
    /// The server of `keycloak up` and of the demo: its database outlives a restart.
    Playground,
    /// The server of tests and recordings: an empty database at each start.
    Scratch,
}

/// The record of a server that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The leader of the process group.
    pub(crate) pid: i32,
    /// When the leader started: a pid alone may be another program's by now.
    pub(crate) started: String,
    /// Its version.
    pub(crate) version: Version,
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
    /// Where it sits below the host.
    pub(crate) relative_path: RelativePath,
    /// The folder it runs from, which its processes have in their command lines.
    pub(crate) home: PathBuf,
}

/// Whether a recorded server still runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// None was started, or it was stopped.
    Stopped,
    /// It runs.
    Running(State),
    /// It ended without being stopped, or the machine was restarted.
    Ended(State),
    /// `kc.sh` is gone and its Java runs on.
    Orphaned(State),
    /// The record cannot be read, for the reason given.
    Unreadable(String),
}

impl Instance {
    /// The record of the instance and what is true of it now.
    pub(crate) fn condition(self) -> Result<Condition> {
        let file = self.state_file();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Condition::Stopped),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        match serde_json::from_str::<State>(&text) {
            Ok(state) => state.condition(),
            Err(error) => Ok(Condition::Unreadable(format!("{}: {error}", file.display()))),
        }
    }

    /// Writes the record of a server that was started.
    pub(crate) fn record(self, state: &State) -> Result<()> {
        write_private(&self.state_file(), &serde_json::to_vec_pretty(state)?)
    }

    /// Removes the record.
    pub(crate) fn forget(self) -> Result<()> {
        remove(&self.state_file(), |file| std::fs::remove_file(file))
    }

    /// Waits until no other task starts or stops this instance.
    pub(crate) fn lock(self) -> Result<File> {
        lock(&self.folder().join("lock"), self.name())
    }

    /// The folder of one version of this instance.
    pub(crate) fn of_version(self, version: &Version) -> VersionFolder {
        VersionFolder(self.folder().join(version.to_string()))
    }

    fn state_file(self) -> PathBuf {
        self.folder().join("state.json")
    }

    fn folder(self) -> PathBuf {
        super::folder().join(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Playground => "playground",
            Self::Scratch => "scratch",
        }
    }
}

impl State {
    /// Address with the relative path, without a slash at its end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.relative_path.suffix())
    }

    fn condition(self) -> Result<Condition> {
        Ok(if group::started(self.pid)?.as_ref() == Some(&self.started) {
            Condition::Running(self)
        } else if group::works_in(self.pid, &self.home)? {
            Condition::Orphaned(self)
        } else {
            Condition::Ended(self)
        })
    }
}

/// One version of one instance: the unpacked Keycloak, and beside it what is worth keeping.
pub(crate) struct VersionFolder(PathBuf);

/// The administrator that the database knows.
#[derive(Serialize, Deserialize)]
struct StoredAdmin {
    username: String,
    password: String,
}

impl VersionFolder {
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
        remove(&self.data(), |folder| std::fs::remove_dir_all(folder))?;
        remove(&self.admin_file(), |file| std::fs::remove_file(file))
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

/// Waits for the lock of `file`; it lasts as long as the returned handle.
pub(crate) fn lock(file: &Path, what: &str) -> Result<File> {
    let open = || -> std::io::Result<File> {
        std::fs::create_dir_all(file.parent().unwrap_or(file))?;
        File::options().create(true).append(true).open(file)
    };
    let handle = open().with_context(|| format!("cannot open {}", file.display()))?;
    if handle.try_lock().is_err() {
        say(&format!("waiting: another task of this repository uses the {what} Keycloak"));
        handle.lock().with_context(|| format!("cannot lock {}", file.display()))?;
    }
    Ok(handle)
}

/// Writes a file that nobody else may read (0600), whole or not at all.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(bytes)?;
        draft.persist(file)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Removes what is at `path`; nothing there is as good.
pub(crate) fn remove(path: &Path, how: impl Fn(&Path) -> std::io::Result<()>) -> Result<()> {
    match how(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn state(pid: i32, started: &str) -> State {
        State {
            pid,
            started: started.to_owned(),
            version: Version::default(),
            port: 8080,
            relative_path: RelativePath::default(),
            home: "/no/such/home".into(),
        }
    }

    #[test]
    fn a_record_is_read_back() {
        let state = state(42, "then");
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
        assert_eq!(state.base_url(), "http://127.0.0.1:8080/auth");
        let bad = text.replace("26.7.3", "../..");
        assert!(serde_json::from_str::<State>(&bad).is_err());
    }

    #[test]
    fn a_pid_in_use_again_is_not_the_server() {
        let own = i32::try_from(std::process::id()).unwrap();
        let started = group::started(own).unwrap().unwrap();
        let running = state(own, &started);
        assert_eq!(running.clone().condition().unwrap(), Condition::Running(running));
        let other = state(own, "another time");
        assert_eq!(other.clone().condition().unwrap(), Condition::Ended(other));
    }

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
