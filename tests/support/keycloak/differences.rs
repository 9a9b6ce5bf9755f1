//! What differs between versions of Keycloak, as far as a test meets it. A test that meets a difference expects what
//! this server does, old or new, and what it met is recorded for the table of `cargo xtask test --versions`.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::realm::Server;

/// Names the file that [`Difference::is_in`] records to; without it, nothing is recorded.
const FILE: &str = "KXI_TEST_DIFFERENCES";

/// What newer servers do otherwise than older ones.
#[derive(Debug)]
pub struct Difference {
    /// The first version, major and minor, that does it in the newer way.
    since: [u32; 2],
    /// What newer servers do.
    newer: &'static str,
    /// What older servers do.
    older: &'static str,
}

/// `type` of a client.
pub static TYPE_OF_CLIENTS: Difference = Difference {
    since: [25, 0],
    newer: "a client has the field `type`",
    older: "the server rejects a client with that field",
};

/// A PUT without the flag `serviceAccountsEnabled`.
pub static FLAG_LEFT_OUT: Difference = Difference {
    since: [26, 1],
    newer: "a PUT without `serviceAccountsEnabled` leaves the service account as it is",
    older: "it deletes the service account with its roles, so `kxi-auth` always sends the flag",
};

/// Protocol mappers that the server adds.
pub static SERVERS_MAPPERS: Difference = Difference {
    since: [26, 1],
    newer: "the claims of a service account come from the client scope `service_account`",
    older: "the server adds three protocol mappers to each client with a service account, which `export` leaves out",
};

/// Fine-grained admin permissions.
pub static ADMIN_PERMISSIONS: Difference = Difference {
    since: [26, 2],
    newer: "a realm can give an admin permissions for single clients (`adminPermissionsEnabled`)",
    older: "the server rejects that setting, and an admin sees either every client or none",
};

/// Client policies that bind tokens to keys.
pub static DPOP_POLICIES: Difference = Difference {
    since: [26, 4],
    newer: "a client policy can require DPoP (`dpop-bind-enforcer`)",
    older: "such a policy has no effect unless the server has the feature `dpop`, or the server rejects it (22.0.5)",
};

/// `serverinfo` for an admin with the least rights.
pub static HIDDEN_VERSION: Difference = Difference {
    since: [26, 4],
    newer: "an admin with the least rights does not see the version of the server",
    older: "`doctor` shows the version to that admin too",
};

/// The realm for an admin who may only query.
pub static REALM_OF_QUERIES: Difference = Difference {
    since: [26, 6],
    newer: "an admin with `query-clients`, `query-users` and `query-realms` alone cannot read the roles of the realm",
    older: "that admin can",
};

/// All of them.
pub const ALL: [&Difference; 7] = [
    &TYPE_OF_CLIENTS,
    &FLAG_LEFT_OUT,
    &SERVERS_MAPPERS,
    &ADMIN_PERMISSIONS,
    &DPOP_POLICIES,
    &HIDDEN_VERSION,
    &REALM_OF_QUERIES,
];

impl Difference {
    /// Whether this server does it in the newer way. If it does not, the difference is recorded for the test that
    /// runs in this thread, which has to expect what the server does instead.
    ///
    /// # Errors
    /// The version cannot be read, or the difference cannot be recorded.
    pub async fn is_in(&self, server: &Server) -> Result<bool> {
        let is_new = numbers(&server.version().await?) >= self.since;
        if let Some(file) = std::env::var_os(FILE).filter(|_| !is_new) {
            self.record(file.as_ref())?;
        }
        Ok(is_new)
    }

    fn record(&self, file: &Path) -> Result<()> {
        let thread = std::thread::current();
        let line = format!("{}\t{self}\n", thread.name().context("the thread of a test has its name")?);
        // In one write: other tests append to it at the same time.
        let mut file = File::options().create(true).append(true).open(file)?;
        file.write_all(line.as_bytes()).context("cannot record a difference")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since: [major, minor], newer, older } = self;
        write!(formatter, "Since Keycloak {major}.{minor}, {newer}. Before, {older}.")
    }
}

/// Major and minor of a version; zeros for what is no number.
fn numbers(version: &str) -> [u32; 2] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("26.10.0") >= [26, 2] && numbers("26.0.8") < [26, 1] && numbers("9.9.9") < [22, 0]);
    }

    #[test]
    fn all_are_all() {
        let source = include_str!("differences.rs");
        assert_eq!(source.matches("\npub static ").count(), ALL.len());
    }

    #[test]
    fn what_is_met_is_recorded_with_the_test_that_met_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("differences");
        TYPE_OF_CLIENTS.record(&file).unwrap();
        TYPE_OF_CLIENTS.record(&file).unwrap();
        let name = std::thread::current().name().unwrap().to_owned();
        let line = format!(
            "{name}\tSince Keycloak 25.0, a client has the field `type`. Before, the server rejects a client with that field.\n"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), line.repeat(2));
    }
}
