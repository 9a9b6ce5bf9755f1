//! Where a cluster keeps everything, below `target/cluster`.

use std::path::PathBuf;

use crate::workspace::target;

/// The folder of the cluster.
pub(super) fn folder() -> PathBuf {
    target().join("cluster")
}

/// The processes of the cluster that runs.
pub(super) fn record() -> PathBuf {
    folder().join("record.json")
}

/// The unpacked Keycloak of both nodes, and the administrator.
pub(super) fn keycloak() -> PathBuf {
    folder().join("keycloak")
}

/// The folder that belongs to the user that PostgreSQL runs as.
pub(super) fn postgresql() -> PathBuf {
    folder().join("postgresql")
}

/// The name and password that the nodes have for the database.
pub(super) fn database_user() -> PathBuf {
    folder().join("database.json")
}

/// What each process wrote.
pub(super) fn logs() -> PathBuf {
    folder().join("logs")
}

/// One line for each request that passed the load balancer.
pub(super) fn requests() -> PathBuf {
    logs().join("haproxy.log")
}

/// The configuration of the load balancer.
pub(super) fn balancer() -> PathBuf {
    folder().join("haproxy.cfg")
}
