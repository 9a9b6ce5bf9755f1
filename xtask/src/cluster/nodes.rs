//! The nodes: two processes of one Keycloak that was built for PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use secrecy::ExposeSecret as _;

use super::database;
use super::record::{NodePorts, Ports};
use crate::keycloak::{self, Credentials, Version, VersionFolder, script};
use crate::system::files::remove_folder;
use crate::system::process;
use crate::workspace::say;

/// Where Keycloak is below its address.
pub(super) const BASE_PATH: &str = "/auth";

/// What is decided when it is built.
const BUILD: [&str; 7] = [
    "build",
    "--db=postgres",
    "--cache=ispn",
    "--cache-stack=jdbc-ping",
    "--health-enabled=true",
    "--http-relative-path",
    BASE_PATH,
];
/// Two nodes, a database and the tests share a machine.
const HEAP: &str = "-Xms64m -Xmx768m";
/// Fewer connections than the 100 that PostgreSQL accepts, for both nodes.
const POOL: &str = "--db-pool-max-size=40";
/// Without a line for each question whether a node is ready.
const LOG: &str = "--log-level=info,io.smallrye.health:off";

/// Unpacks Keycloak and builds it, unless that was done. Returns where it is.
pub(super) fn provide(version: &Version, folder: &VersionFolder) -> Result<PathBuf> {
    let built = folder.home().join("built-for-the-cluster");
    let how = format!("{version} {}", BUILD.join(" "));
    if std::fs::read_to_string(&built).is_ok_and(|text| text == how) {
        return home(folder);
    }
    // Of another version, or of a build that was cut off.
    remove_folder(&folder.home())?;
    keycloak::dist::provide(version, folder)?;
    std::fs::create_dir_all(folder.data()).context("cannot create the folder of Keycloak's data")?;
    say(&format!("building Keycloak {version} for PostgreSQL (20 s)"));
    process::run_quiet(script::kc(&home(folder)?).args(BUILD), "unpack Keycloak again")?;
    std::fs::write(&built, how).with_context(|| format!("cannot write {}", built.display()))?;
    home(folder)
}

fn home(folder: &VersionFolder) -> Result<PathBuf> {
    folder.home().canonicalize().context("cannot find the unpacked Keycloak")
}

/// A node.
pub(super) struct Node<'a> {
    pub(super) number: usize,
    pub(super) version: &'a Version,
    pub(super) home: &'a Path,
    pub(super) admin: &'a Credentials,
    pub(super) database: &'a Credentials,
    pub(super) ports: &'a Ports,
}

impl Node<'_> {
    fn own(&self) -> NodePorts {
        self.ports.nodes[self.number]
    }

    pub(super) fn command(&self, log: &Path) -> Result<Command> {
        let own = self.own();
        let (name, secret) = self.version.bootstrap_variables();
        let mut command = script::server(self.home, "start", log)?;
        command
            .args(["--optimized", "--http-enabled=true", "--hostname-strict=false"])
            .args([POOL, LOG, script::CHEAP_HASH])
            .arg(format!("--http-port={}", own.http))
            .arg(format!("--http-management-port={}", own.management))
            .arg("--cache-embedded-network-bind-address=127.0.0.1")
            .arg(format!("--cache-embedded-network-bind-port={}", own.cluster))
            .env("JAVA_OPTS_KC_HEAP", HEAP)
            .env(
                "KC_DB_URL",
                format!("jdbc:postgresql://127.0.0.1:{}/{}", self.ports.database, database::NAME),
            )
            .env("KC_DB_USERNAME", &self.database.username)
            .env("KC_DB_PASSWORD", self.database.password.expose_secret())
            .env(name, &self.admin.username)
            .env(secret, self.admin.password.expose_secret());
        Ok(command)
    }

    /// Whether it is ready, and sees so many nodes.
    pub(super) fn ask(&self, log: &Path, nodes: usize) -> Result<(), String> {
        let url = format!("http://127.0.0.1:{}{BASE_PATH}/health/ready", self.own().management);
        let http = keycloak::http(Duration::from_secs(5));
        match http.get(&url).call() {
            Ok(response) if response.status() == 200 => {}
            Ok(response) => return Err(format!("{url} responds with {}", response.status())),
            Err(_) => return Err(format!("no connection to {url}")),
        }
        let text = std::fs::read_to_string(log).unwrap_or_default();
        match members(&text) {
            Some(seen) if seen == nodes => Ok(()),
            seen => Err(format!("it sees {} nodes of {nodes}", seen.unwrap_or_default())),
        }
    }
}

/// How many nodes the cluster had when a node last logged it.
fn members(log: &str) -> Option<usize> {
    let (_, view) = log.rsplit_once("Received new cluster view for channel")?;
    let (_, count) = view.split_once("] (")?;
    count.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_view_of_the_cluster_counts() {
        let view = |count| {
            format!(
                "INFO  [org.infinispan.CLUSTER] (jgroups-5) ISPN000094: Received new cluster view for channel \
                 ISPN: [a(v=16.0.14)|0] ({count}) [a(v=16.0.14)]\n"
            )
        };
        assert_eq!(members(&[view(1), view(2), "INFO else\n".to_owned()].concat()), Some(2));
        assert_eq!(members("INFO Keycloak started"), None);
    }
}
