//! What is remembered of a server between two tasks, and whether it still runs.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::paths;
use super::relative_path::RelativePath;
use super::version::Version;
use super::version_folder::VersionFolder;
use crate::system::files::{lock, remove_file, write_private};
use crate::system::group::{self, Leader, Life};
use crate::workspace::say;

/// The servers that these tasks start. Each has its own unpacked Keycloak and database, so that
/// a test run does not disturb the server somebody plays with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instance {
    /// The server of `keycloak up` and of the demo: its database outlives a restart.
    Playground,
    /// The server of tests and recordings: an empty database at each start.
    Scratch,
    /// The server of runs that kill it: an empty database at the first start, which outlives the server.
    Durable,
}

/// The record of a server that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The leader of the process group.
    #[serde(flatten)]
    pub(crate) leader: Leader,
    /// Its version.
    pub(crate) version: Version,
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
    /// Where it sits below the host.
    pub(crate) relative_path: RelativePath,
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
        remove_file(&self.state_file())
    }

    /// Ends the process group `leader` of this instance and forgets its record.
    pub(crate) fn stop(self, leader: i32) -> Result<()> {
        say("stopping Keycloak");
        group::end(leader)?;
        self.forget()
    }

    /// Waits until no other task starts or stops this instance.
    pub(crate) fn lock(self) -> Result<File> {
        lock(&self.folder().join("lock"), self.name())
    }

    /// The folder of one version of this instance.
    pub(crate) fn of_version(self, version: &Version) -> VersionFolder {
        VersionFolder::new(self.folder().join(version.to_string()))
    }

    fn state_file(self) -> PathBuf {
        self.folder().join("state.json")
    }

    fn folder(self) -> PathBuf {
        paths::folder().join(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Playground => "playground",
            Self::Scratch => "scratch",
            Self::Durable => "durable",
        }
    }
}

impl State {
    /// Address with the relative path, without a slash at its end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.relative_path.suffix())
    }

    fn condition(self) -> Result<Condition> {
        Ok(match self.leader.life()? {
            Life::Running => Condition::Running(self),
            Life::Orphaned => Condition::Orphaned(self),
            Life::Ended => Condition::Ended(self),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back() {
        let leader = Leader { pid: 42, started: "then".to_owned(), home: "/no/such/home".into() };
        let version = "26.0.8".parse().unwrap();
        let state = State { leader, version, port: 8080, relative_path: RelativePath::default() };
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
        assert_eq!(state.base_url(), "http://127.0.0.1:8080/auth");
        let bad = text.replace("26.0.8", "../..");
        assert!(serde_json::from_str::<State>(&bad).is_err());
    }
}
