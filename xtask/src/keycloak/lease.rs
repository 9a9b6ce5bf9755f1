//! A server for the time of a task.

use std::fs::File;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use super::connection::{self, Connection};
use super::credentials::Credentials;
use super::java;
use super::options::Options;
use super::server::Server;
use super::state::{Condition, Instance, State};
use crate::workspace::say;

/// Begins a lease while `work` is done, which takes long by itself: the server is fetched, unpacked and
/// started beside it. Fails early if it cannot be started at all.
pub(crate) fn beside<T>(
    instance: Instance,
    options: &Options,
    work: impl FnOnce() -> Result<T>,
) -> Result<(Lease, T)> {
    if Connection::from_environment()?.is_none() {
        java::check()?;
    }
    std::thread::scope(|scope| {
        let lease = scope.spawn(|| Lease::begin(instance, options));
        let done = work();
        let lease = lease.join().map_err(|_| anyhow!("starting Keycloak panicked"))?;
        // If either fails, a server that was started is stopped here.
        Ok((lease?, done?))
    })
}

/// A server that may still be starting. Dropped, it stops the server if it started it.
pub(crate) struct Lease {
    connection: Connection,
    /// The server, if it was started here.
    server: Option<Server>,
    waited: bool,
    /// Held as long as the server is ours, so that no other task relies on it.
    _lock: Option<File>,
}

impl Lease {
    /// The server that `KXI_TEST_KEYCLOAK_URL` names, or the playground if it runs and `instance` says so; both are left
    /// running. Otherwise one is started, without waiting for it, and stopped at the end in every case, also on an error
    /// or Ctrl-C.
    ///
    /// Not to be called inside an asynchronous runtime.
    pub(crate) fn begin(instance: Instance, options: &Options) -> Result<Self> {
        if let Some(connection) = Connection::from_environment()? {
            if *options != Options::default() {
                bail!(
                    "--version, --port and --relative-path are about a server to start, but \
                     KXI_TEST_KEYCLOAK_URL names one that runs: leave out either"
                );
            }
            say(&format!("using the Keycloak at {}, which is left running", connection.base_url));
            return Ok(Self::of_others(connection));
        }
        Self::own(instance, options)
    }

    /// As [`Lease::begin`], but only with servers of this repository.
    pub(crate) fn own(instance: Instance, options: &Options) -> Result<Self> {
        let lock = instance.lock()?;
        match instance.condition()? {
            Condition::Stopped => {}
            Condition::Running(state) if instance == Instance::Playground => {
                return reuse(&state, options).map(Self::of_others);
            }
            Condition::Running(state) => {
                say("an interrupted run left its Keycloak behind");
                instance.stop(state.leader.pid)?;
            }
            Condition::Orphaned(state) => {
                say("kc.sh was killed and left its Java behind");
                instance.stop(state.leader.pid)?;
            }
            Condition::Ended(state) => {
                say(&format!("the Keycloak of pid {} ended without `down`", state.leader.pid));
                instance.forget()?;
            }
            Condition::Unreadable(reason) => {
                say(&format!("the record of the last Keycloak is unreadable: {reason}"));
                instance.forget()?;
            }
        }
        let (server, connection) = Server::launch(instance, options)?;
        Ok(Self { connection, server: Some(server), waited: false, _lock: Some(lock) })
    }

    fn of_others(connection: Connection) -> Self {
        Self { connection, server: None, waited: true, _lock: None }
    }

    /// Waits until the server answers.
    pub(crate) fn ready(&mut self) -> Result<&Connection> {
        if let Some(server) = self.server.as_mut().filter(|_| !self.waited) {
            server.wait()?;
            self.waited = true;
        }
        Ok(&self.connection)
    }

    /// Stops the server if it was started here, and reports if that fails.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), |mut server| server.stop())
    }

    /// Kills the server (SIGKILL), if it was started here.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.server.as_mut().context("the server is not ours to kill")?.kill()
    }

    /// Starts a server that was killed again, at the same address and with what it has stored, and waits until it
    /// responds.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        self.server.as_mut().context("the server is not ours to start")?.start_again()
    }

    /// Prints the errors that the server has logged, if it was started here.
    pub(crate) fn show_errors(&self) {
        if let Some(server) = &self.server {
            server.show_errors();
        }
    }

    /// Lets the server run on.
    pub(crate) fn leave_running(mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Server::leave_running)
    }
}

/// The connection to a server that runs, if it is the one asked for and answers.
pub(crate) fn reuse(state: &State, options: &Options) -> Result<Connection> {
    if let Some(difference) = options.mismatch(state) {
        bail!(difference);
    }
    let base_url = state.base_url();
    let http = connection::http(Duration::from_secs(10));
    if let Err(refusal) = connection::ask(&http, &base_url) {
        bail!(
            "Keycloak runs (pid {}), but {refusal}: see `cargo xtask keycloak logs`, \
             and stop it with `cargo xtask keycloak down`",
            state.leader.pid
        );
    }
    let Credentials { username, password } = Instance::Playground
        .of_version(&state.version)
        .admin()
        .context("the administrator of the running Keycloak is unknown")?;
    say(&format!("Keycloak {} runs at {base_url}", state.version));
    Ok(Connection { base_url, username, password })
}
