//! A cluster for the time of a task.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::nodes::{self, BASE_PATH, Node};
use super::programs::Programs;
use super::record::{Member, NodePorts, Part, Ports, Record};
use super::{balancer, database, paths, record};
use crate::keycloak::{Connection, Credentials, Version, VersionFolder, java, show_errors};
use crate::system::files::{lock, remove_folder};
use crate::system::group::{self, Leader, Life};
use crate::system::ready::Start;
use crate::system::stopwatch::Stopwatch;
use crate::system::{interrupt, port, process};
use crate::workspace::say;

/// How long the sockets of a killed node may stay open.
const GONE: Duration = Duration::from_secs(10);

/// A cluster that runs. Dropped, it stops if it was started here.
pub(super) struct Cluster {
    record: Record,
    home: PathBuf,
    admin: Credentials,
    database: Credentials,
    /// Whether it was started here, and ends with this process.
    own: bool,
    /// Held as long as the cluster is used, so that no other task stops it.
    _lock: File,
}

impl Cluster {
    /// The cluster that `up` has started, if it runs, or a new one.
    pub(super) fn provide(install: bool) -> Result<Self> {
        let lock = lock(&paths::folder().join("lock"), "cluster's")?;
        if let Some(kept) = kept()? {
            say(&format!("the cluster at {} runs", connection_at(kept.ports.balancer)));
            return Self::of(kept, false, lock);
        }
        Self::start(install, lock)
    }

    /// A new cluster with an empty database, to do anything with.
    pub(super) fn own(install: bool) -> Result<Self> {
        let lock = lock(&paths::folder().join("lock"), "cluster's")?;
        ensure!(kept()?.is_none(), "a cluster runs: stop it first, with `cargo xtask cluster down`");
        Self::start(install, lock)
    }

    fn start(install: bool, lock: File) -> Result<Self> {
        let programs = Programs::provide(install)?;
        java::check()?;
        let version = Version::of_specs()?;
        let folder = VersionFolder::new(paths::keycloak());
        nodes::provide(&version, &folder)?;
        folder.wipe()?;
        folder.admin_for_start()?;
        remove_folder(&paths::logs())?;
        for path in [folder.data(), paths::logs()] {
            std::fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        Credentials::random("keycloak")?.write(&paths::database_user())?;
        let record = Record { version, ports: ports()?, kept: false, members: Vec::new() };
        let mut cluster = Self::of(record, true, lock)?;

        database::create(&programs, &cluster.database)?;
        let log = paths::logs().join("postgresql.log");
        let port = cluster.record.ports.database;
        let server = database::server(&programs, port, &log)?;
        cluster.launch(Part::Database, server, paths::postgresql(), &log)?;
        cluster.wait(Part::Database, "a second", |_| database::ask(&programs, port))?;

        // The first makes the tables.
        cluster.start_node(0)?;
        cluster.joined(0, 1)?;
        cluster.start_node(1)?;
        cluster.joined(1, 2)?;

        balancer::configure(&cluster.record.ports)?;
        let server = balancer::server(&programs)?;
        cluster.launch(Part::Balancer, server, paths::folder(), &paths::requests())?;
        cluster.balanced(2)?;
        say(&format!(
            "Keycloak {} responds at {}, from two nodes in turn",
            cluster.record.version,
            connection_at(cluster.record.ports.balancer)
        ));
        Ok(cluster)
    }

    fn of(record: Record, own: bool, lock: File) -> Result<Self> {
        let folder = VersionFolder::new(paths::keycloak());
        let database = Credentials::read(&paths::database_user())?;
        Ok(Self {
            record,
            home: folder.home().canonicalize().context("cannot find the unpacked Keycloak")?,
            admin: admin()?,
            database: database.context("the password of the database is lost: `cargo xtask cluster down`")?,
            own,
            _lock: lock,
        })
    }

    /// The versions of Keycloak, PostgreSQL and HAProxy, as the programs say.
    pub(super) fn versions(&self) -> Result<String> {
        let Programs { postgresql, haproxy } = Programs::provide(false)?;
        let said = |program: &Path, flag| -> Result<String> {
            let text = process::capture(Command::new(program).arg(flag))?;
            let digits = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
            Ok(text.split_whitespace().find(digits).unwrap_or_default().to_owned())
        };
        let [postgres, haproxy] = [said(&postgresql.join("postgres"), "--version")?, said(&haproxy, "-v")?];
        Ok(format!("Keycloak {}, PostgreSQL {postgres}, HAProxy {haproxy}", self.record.version))
    }

    /// How to reach it through the load balancer.
    pub(super) fn connection(&self) -> Connection {
        self.connection_on(self.record.ports.balancer)
    }

    /// How to reach one node past the load balancer.
    pub(super) fn node(&self, node: usize) -> Connection {
        self.connection_on(self.record.ports.nodes[node].http)
    }

    fn connection_on(&self, port: u16) -> Connection {
        let Credentials { username, password } = &self.admin;
        Connection { base_url: connection_at(port), username: username.clone(), password: password.clone() }
    }

    /// Kills a node without a warning. It is an error if it had ended already, or if something responds afterwards.
    pub(super) fn kill(&self, node: usize) -> Result<()> {
        let member = self.record.member(Part::Node(node)).context("the node was never started")?;
        ensure!(member.leader.life()? == Life::Running, "the node had ended before it was to be killed");
        group::kill(member.leader.pid)?;
        let address = (Ipv4Addr::LOCALHOST, self.record.ports.nodes[node].http);
        // Its sockets are closed when the last of its threads has ended, a moment after the first.
        let killed = Stopwatch::start();
        while TcpStream::connect(address).is_ok() {
            ensure!(killed.elapsed() < GONE, "something responds for a killed node");
            sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Starts the nodes that do not run.
    pub(super) fn mend(&mut self) -> Result<()> {
        for part in self.record.ended()? {
            let Part::Node(node) = part else { bail!("{} has ended", part.name()) };
            self.start_node(node)?;
            self.joined(node, 2)?;
        }
        self.balanced(2)
    }

    /// Starts a node, without waiting for it.
    pub(super) fn start_node(&mut self, node: usize) -> Result<()> {
        let log = free_log(node);
        let command = self.as_node(node).command(&log)?;
        self.launch(Part::Node(node), command, self.home.clone(), &log)
    }

    /// Waits until a node has joined the others, so that they are so many.
    pub(super) fn joined(&self, node: usize, nodes: usize) -> Result<()> {
        let member = self.record.member(Part::Node(node)).context("the node was never started")?;
        self.wait(Part::Node(node), "about 15 s", |cluster| cluster.as_node(node).ask(&member.log, nodes))
    }

    /// Waits until the load balancer sends requests to so many nodes.
    pub(super) fn balanced(&self, nodes: usize) -> Result<()> {
        self.wait(Part::Balancer, "a second", |cluster| balancer::ask(&cluster.record.ports, nodes))
    }

    fn as_node(&self, number: usize) -> Node<'_> {
        let Self { record: Record { version, ports, .. }, home, admin, database, .. } = self;
        Node { number, version, home, admin, database, ports }
    }

    fn launch(&mut self, part: Part, mut command: Command, home: PathBuf, log: &Path) -> Result<()> {
        // An interruption has to wait until it is known what to end.
        let mut owned = interrupt::owned()?;
        let mut child = command.spawn().with_context(|| format!("cannot start {}", part.name()))?;
        let pid = i32::try_from(child.id()).context("a pid out of range")?;
        // Collects it when it ends, also if it is killed.
        std::thread::spawn(move || child.wait());
        if self.own {
            *owned = Some(Box::new(|| record::stop().map(drop)));
        }
        // One that ended already is noticed while it is waited for.
        let leader = Leader::of(pid, home)?;
        self.record.note(Member { part, leader, log: log.to_owned() })
    }

    fn wait(&self, part: Part, takes: &str, ask: impl Fn(&Self) -> Result<(), String>) -> Result<()> {
        let member = self.record.member(part).context("it was never started")?;
        let ended = || {
            let runs = member.leader.life()? == Life::Running;
            Ok((!runs).then(|| "see its log".to_owned()))
        };
        let what = part.name();
        Start { what: &what, takes, log: &member.log }.wait(|| ask(self), ended)
    }

    /// Prints the errors that the nodes have logged.
    pub(super) fn show_errors(&self) {
        for node in [0, 1] {
            if let Some(member) = self.record.member(Part::Node(node)) {
                show_errors(&member.log);
            }
        }
    }

    /// Stops the cluster if it was started here, and reports if that fails.
    pub(super) fn finish(mut self) -> Result<()> {
        self.stop()
    }

    /// Lets the cluster run on.
    pub(super) fn leave_running(mut self) -> Result<()> {
        if self.own {
            self.record.kept = true;
            self.record.write()?;
            self.own = false;
            interrupt::owned()?.take();
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        if std::mem::take(&mut self.own) {
            interrupt::stop()?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            say(&format!("cannot stop the cluster: {error:#}"));
        }
    }
}

/// The record of a cluster that was kept and runs, wholly and in the version of now. Anything else that an earlier
/// task has left is ended.
fn kept() -> Result<Option<Record>> {
    let Some(found) = Record::read()? else { return Ok(None) };
    let ended = found.ended()?;
    if found.kept && ended.is_empty() && found.version == Version::of_specs()? {
        return Ok(Some(found));
    }
    if !ended.is_empty() {
        let names: Vec<String> = ended.into_iter().map(Part::name).collect();
        say(&format!("of the last cluster these do not run: {}", names.join(", ")));
    }
    record::stop()?;
    Ok(None)
}

/// How to reach a cluster that runs, through the load balancer.
pub(super) fn connection_to(record: &Record) -> Result<Connection> {
    let Credentials { username, password } = admin()?;
    Ok(Connection { base_url: connection_at(record.ports.balancer), username, password })
}

fn admin() -> Result<Credentials> {
    let found = VersionFolder::new(paths::keycloak()).stored_admin()?;
    found.context("the password of the administrator is lost: `cargo xtask cluster down`")
}

/// Address with the base path.
pub(super) fn connection_at(port: u16) -> String {
    format!("http://127.0.0.1:{port}{BASE_PATH}")
}

fn ports() -> Result<Ports> {
    let [balancer, statistics, database, http, management, cluster, http2, management2, cluster2] =
        port::lasting()?;
    let nodes = [
        NodePorts { http, management, cluster },
        NodePorts { http: http2, management: management2, cluster: cluster2 },
    ];
    Ok(Ports { balancer, statistics, database, nodes })
}

/// A log for each start, so that what a killed node wrote is kept.
fn free_log(node: usize) -> PathBuf {
    let mut start = 1;
    loop {
        let file = paths::logs().join(format!("node-{}-start-{start}.log", node + 1));
        if !file.exists() {
            return file;
        }
        start += 1;
    }
}
