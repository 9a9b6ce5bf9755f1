//! A server as a process: start it, wait until it answers, stop it.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use indicatif::ProgressBar;
use secrecy::ExposeSecret as _;

use super::connection::{self, Connection};
use super::options::Options;
use super::state::{Instance, State};
use super::version::Version;
use super::version_folder::VersionFolder;
use super::{dist, java};
use crate::system::files::{remove_file, remove_folder};
use crate::system::process::last_lines;
use crate::system::stopwatch::Stopwatch;
use crate::system::{group, interrupt};
use crate::workspace::say;

/// How long a first start may take on a slow machine; 30 s are usual.
const START_LIMIT: Duration = Duration::from_mins(5);
/// The pause between two questions whether the server answers.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How many lines of its log are shown when it does not start.
const SHOWN_LINES: usize = 20;
/// How many lines of logged errors are shown when tests fail.
const SHOWN_ERROR_LINES: usize = 60;

/// A server that this process started. It ends with this value, unless it is left running.
pub(crate) struct Server {
    state: State,
    folder: VersionFolder,
    child: Child,
}

impl Server {
    /// Starts a server and returns at once: [`Server::wait`] returns when it responds.
    pub(crate) fn launch(instance: Instance, options: &Options) -> Result<(Self, Connection)> {
        let version = options.version.clone().map_or_else(Version::of_specs, Ok)?;
        let relative_path = options.relative_path.clone().unwrap_or_default();
        java::check()?;
        let port = port(options.port)?;
        let folder = instance.of_version(&version);
        if instance == Instance::Scratch {
            folder.wipe()?;
        }
        mend(&folder)?;
        dist::provide(&version, &folder)?;
        let (username, password) = folder.admin_for_start()?;
        let home = folder.home().canonicalize().context("cannot find the unpacked Keycloak")?;
        mark(&folder)?;

        let (name, secret) = version.bootstrap_variables();
        let mut command = kc(&home, &folder.log())?;
        if instance == Instance::Scratch {
            hurry(&mut command);
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
        *owned = Some((pid, instance));
        drop(owned);
        let state = State { pid, started: String::new(), version, port, relative_path, home };
        let mut server = Self { state, folder, child };
        // A leader that ended already is noticed by `wait`.
        server.state.started = group::started(pid)?.unwrap_or_default();
        instance.record(&server.state)?;
        let base_url = server.state.base_url();
        Ok((server, Connection { base_url, username, password }))
    }

    /// Waits until the server answers.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let State { version, .. } = &self.state;
        let base_url = self.state.base_url();
        let http = connection::http(Duration::from_secs(5));
        let waited = Stopwatch::start();
        let progress = progress(version);
        let answer = loop {
            let refusal = match connection::ask(&http, &base_url) {
                Ok(()) => break Ok(()),
                Err(refusal) => refusal,
            };
            if let Some(status) = self.child.try_wait().context("cannot watch kc.sh")? {
                break Err(anyhow!("Keycloak {version} ended while it started ({status})"));
            }
            if waited.elapsed() > START_LIMIT {
                let limit = START_LIMIT.as_secs();
                break Err(anyhow!("Keycloak {version} is not ready after {limit} s: {refusal}"));
            }
            std::thread::sleep(ASK_EVERY);
        };
        progress.finish_and_clear();
        if answer.is_err() {
            say(&last_words(&self.folder.log()));
        }
        answer?;
        remove_file(&self.folder.unfinished())?;
        say(&format!("Keycloak {version} answers at {base_url}"));
        Ok(())
    }

    /// Prints the errors that the server has logged, for tests that failed because of them.
    pub(crate) fn show_errors(&self) {
        let log = self.folder.log();
        let text = std::fs::read(&log).unwrap_or_default();
        let errors = logged_errors(&String::from_utf8_lossy(&text));
        if !errors.is_empty() {
            let shown = last_lines(&errors, SHOWN_ERROR_LINES);
            say(&format!("what Keycloak logged as errors:\n{shown}\n(the whole log: {})", log.display()));
        }
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
        let mut owned = interrupt::owned()?;
        let Some((leader, instance)) = *owned else { return Ok(()) };
        instance.stop(leader)?;
        *owned = None;
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

/// The command without what differs per start: bound to loopback, in a process group of its own,
/// its output in a file.
fn kc(home: &Path, log: &Path) -> Result<Command> {
    let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    let mut command = Command::new(home.join("bin/kc.sh"));
    command
        .args(["start-dev", "--http-host=127.0.0.1"])
        .stdin(Stdio::null())
        .stdout(file.try_clone().context("cannot share the log file")?)
        .stderr(file)
        .process_group(0);
    // Settings of another Keycloak in the caller's environment would win over our arguments'
    // defaults, and DEBUG opens a debugger port.
    for (name, _) in std::env::vars_os() {
        let foreign = ["KC_", "KEYCLOAK_", "QUARKUS_", "DEBUG"];
        if foreign.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// Settings of a server that lives for some minutes and holds nothing worth keeping: a database in memory, and
/// a hash of passwords that is no work.
fn hurry(command: &mut Command) {
    command.args(["--db=dev-mem", "--spi-password-hashing--argon2--iterations=1"]);
}

/// The requested port if it is free, or another free port.
fn port(asked: Option<u16>) -> Result<u16> {
    match (TcpListener::bind((Ipv4Addr::LOCALHOST, asked.unwrap_or(0))), asked) {
        (Ok(listener), _) => Ok(listener.local_addr().context("cannot read a port")?.port()),
        (Err(error), None) => Err(error).context("cannot find a free port on 127.0.0.1"),
        (Err(error), Some(port)) => bail!(
            "port {port} of 127.0.0.1 cannot be used ({error}): choose another, \
             or leave --port out to get a free one"
        ),
    }
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

fn progress(version: &Version) -> ProgressBar {
    let text = format!("starting Keycloak {version} (about 30 s the first time, then 10 s)");
    let bar = ProgressBar::new_spinner().with_message(text.clone());
    if bar.is_hidden() {
        say(&text);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Each error of a log with the first lines of its stack.
fn logged_errors(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let errors = lines.iter().enumerate().filter(|(_, line)| line.contains(" ERROR "));
    let with_stack = errors.flat_map(|(at, error)| {
        let stack = lines[at + 1..].iter().take_while(|line| line.starts_with(char::is_whitespace));
        std::iter::once(error).chain(stack.take(3)).copied()
    });
    with_stack.collect::<Vec<_>>().join("\n")
}

/// The end of the log, and where the rest is.
fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    format!("{}\n(the whole log: {})", last_lines(&text, SHOWN_LINES), log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_with_the_start_of_its_stack() {
        let log = "1 INFO a\n2 ERROR b\n\tat 1\n\tat 2\n\tat 3\n\tat 4\n3 ERROR c\n4 INFO d";
        assert_eq!(logged_errors(log), "2 ERROR b\n\tat 1\n\tat 2\n\tat 3\n3 ERROR c");
        assert_eq!(logged_errors("1 INFO a"), "");
    }

    #[test]
    fn a_taken_port_is_one_line_with_the_remedy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        let text = format!("{:#}", port(Some(taken)).unwrap_err());
        assert!(text.contains(&taken.to_string()) && text.contains("--port"), "{text}");
        assert_ne!(port(None).unwrap(), taken);
    }
}
