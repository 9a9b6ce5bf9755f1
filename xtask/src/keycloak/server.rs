//! A server as a process: start it, wait until it answers, stop it.

use std::process::Child;
use std::time::Duration;

use anyhow::{Context as _, Result};
use secrecy::ExposeSecret as _;

use super::connection::{self, Connection};
use super::credentials::Credentials;
use super::options::Options;
use super::script::{self, CHEAP_HASH};
use super::state::{Instance, State};
use super::version::Version;
use super::version_folder::VersionFolder;
use super::{dist, java, logs};
use crate::system::files::{remove_file, remove_folder};
use crate::system::group::{self, Leader};
use crate::system::ready::Start;
use crate::system::{interrupt, port};
use crate::workspace::say;

/// The embedded database writes within half a second by itself: what it reported as done would be lost with the process.
const COMMIT_AT_ONCE: &str = "--db-url-properties=;WRITE_DELAY=0";

/// A server that this process started. It ends with this value, unless it is left running.
pub(crate) struct Server {
    instance: Instance,
    state: State,
    folder: VersionFolder,
    child: Child,
}

impl Server {
    /// Starts a server and returns at once: [`Server::wait`] returns when it responds.
    pub(crate) fn launch(instance: Instance, options: &Options) -> Result<(Self, Connection)> {
        let version = options.version.map_or_else(Version::of_specs, Ok)?;
        let relative_path = options.relative_path.clone().unwrap_or_default();
        java::check()?;
        let port = port::free(options.port)?;
        let folder = instance.of_version(&version);
        if instance != Instance::Playground {
            folder.wipe()?;
        }
        mend(&folder)?;
        dist::provide(&version, &folder)?;
        let home = folder.home().canonicalize().context("cannot find the unpacked Keycloak")?;
        let leader = Leader { pid: 0, started: String::new(), home };
        let state = State { leader, version, port, relative_path };
        let Credentials { username, password } = folder.admin_for_start()?;
        let base_url = state.base_url();
        let (state, child) = start(instance, &folder, state)?;
        Ok((Self { instance, state, folder, child }, Connection { base_url, username, password }))
    }

    /// Kills the server, as a crash would end it.
    pub(crate) fn kill(&mut self) -> Result<()> {
        group::kill(self.state.leader.pid)?;
        interrupt::owned()?.take();
        self.child.wait().context("cannot collect kc.sh")?;
        self.instance.forget()
    }

    /// Starts it again, and waits until it responds.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        (self.state, self.child) = start(self.instance, &self.folder, self.state.clone())?;
        self.wait()
    }

    /// Waits until the server answers.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let version = &self.state.version;
        let base_url = self.state.base_url();
        let http = connection::http(Duration::from_secs(5));
        let what = format!("Keycloak {version}");
        let takes = "about 30 s the first time, then 10 s";
        let child = &mut self.child;
        let ended = || {
            let status = child.try_wait().context("cannot watch kc.sh")?;
            Ok(status.map(|status| status.to_string()))
        };
        let start = Start { what: &what, takes, log: &self.folder.log() };
        start.wait(|| connection::ask(&http, &base_url), ended)?;
        remove_file(&self.folder.unfinished())?;
        say(&format!("Keycloak {version} answers at {base_url}"));
        Ok(())
    }

    /// Prints the errors that the server has logged, for tests that failed because of them.
    pub(crate) fn show_errors(&self) {
        logs::show_errors(&self.folder.log());
    }

    /// Lets the server run on when this process ends.
    pub(crate) fn leave_running(self) -> Result<()> {
        interrupt::owned()?.take();
        // Nothing is left to stop.
        drop(self);
        Ok(())
    }

    /// Stops the server; the second time it does nothing.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if !interrupt::stop()? {
            return Ok(());
        }
        self.child.wait().context("cannot collect kc.sh")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            say(&format!("cannot stop Keycloak: {error:#}"));
        }
    }
}

/// Starts a server that ends with this process, and records it.
fn start(instance: Instance, folder: &VersionFolder, mut state: State) -> Result<(State, Child)> {
    let Credentials { username, password } = folder.admin_for_start()?;
    mark(folder)?;
    let State { version, port, relative_path, .. } = &state;
    let (name, secret) = version.bootstrap_variables();
    let mut command = script::server(&state.leader.home, "start-dev", &folder.log())?;
    match instance {
        Instance::Playground => {}
        // It lives for some minutes.
        Instance::Scratch => drop(command.args(["--db=dev-mem", CHEAP_HASH])),
        Instance::Durable => drop(command.args([COMMIT_AT_ONCE, CHEAP_HASH])),
    }
    command
        .arg(format!("--http-port={port}"))
        .arg(format!("--http-relative-path={relative_path}"))
        .env(name, &username)
        .env(secret, password.expose_secret());
    // An interruption has to wait until it is known what to end.
    let mut owned = interrupt::owned()?;
    let child = command.spawn().context("cannot start kc.sh")?;
    let pid = i32::try_from(child.id()).context("a pid out of range")?;
    *owned = Some(Box::new(move || instance.stop(pid)));
    drop(owned);
    // A leader that ended already is noticed by `wait`.
    state.leader = Leader::of(pid, state.leader.home)?;
    instance.record(&state)?;
    Ok((state, child))
}

/// Undoes what a start that was cut off may have left: Keycloak rewrites parts of itself at its
/// first start, and an unfinished database stays locked.
fn mend(folder: &VersionFolder) -> Result<()> {
    let Ok(before) = std::fs::read_to_string(folder.unfinished()) else { return Ok(()) };
    say("the last start was cut off: unpacking Keycloak again");
    remove_folder(&folder.home())?;
    if before != KEPT {
        folder.wipe()?;
    }
    remove_file(&folder.unfinished())
}

const KEPT: &str = "the database was there before";

fn mark(folder: &VersionFolder) -> Result<()> {
    let data = folder.data();
    let before = if data.exists() { KEPT } else { "" };
    std::fs::create_dir_all(&data)
        .and_then(|()| std::fs::write(folder.unfinished(), before))
        .with_context(|| format!("cannot write beside {}", data.display()))
}
