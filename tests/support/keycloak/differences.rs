//! What differs between versions of Keycloak, as far as a test meets it. A test that meets a difference expects what
//! this server does, old or new, and what it met is recorded for the table of `cargo xtask test --versions`.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::realm::Server;

/// Names the file that [`Difference::is_in`] records to; without it, nothing is recorded.
const FILE: &str = "KXI_TEST_DIFFERENCES";

/// Major, minor and patch.
type Version = [u32; 3];

/// What newer servers do otherwise than older ones.
#[derive(Debug)]
pub struct Difference {
    /// The last version before those that do it in the older way, if there is one.
    before: Option<Version>,
    /// The last version that was seen to do it in the older way, and the first that was seen to do it in the newer one.
    seen: [Version; 2],
    /// What newer servers do.
    newer: &'static str,
    /// What older servers do.
    older: &'static str,
}

/// `type` of a client.
pub static TYPE_OF_CLIENTS: Difference = Difference {
    before: None,
    seen: [[24, 0, 5], [25, 0, 6]],
    newer: "a client has the field `type`",
    older: "the server rejects a client with that field",
};

/// A PUT without the flag `serviceAccountsEnabled`.
pub static FLAG_LEFT_OUT: Difference = Difference {
    before: None,
    seen: [[26, 0, 8], [26, 4, 0]],
    newer: "a PUT without `serviceAccountsEnabled` leaves the service account as it is",
    older: "it deletes the service account with its roles, so `kxi-auth` always sends the flag",
};

/// Protocol mappers that the server adds.
pub static SERVERS_MAPPERS: Difference = Difference {
    before: None,
    seen: [[26, 0, 8], [26, 4, 0]],
    newer: "the server adds no protocol mappers to a client with a service account",
    older: "it adds three, which `export` leaves out",
};

/// Fine-grained admin permissions.
pub static ADMIN_PERMISSIONS: Difference = Difference {
    before: None,
    seen: [[26, 0, 8], [26, 4, 0]],
    newer: "a realm can give an admin permissions for single clients (`adminPermissionsEnabled`)",
    older: "the server rejects that setting",
};

/// Client policies that bind tokens to keys.
pub static DPOP_POLICIES: Difference = Difference {
    before: None,
    seen: [[26, 0, 8], [26, 4, 0]],
    newer: "a client policy can require DPoP (`dpop-bind-enforcer`)",
    older: "such a policy has no effect unless the server has the feature `dpop`, or the server rejects it (22.0.5)",
};

/// `serverinfo` for an admin with the least rights.
pub static HIDDEN_VERSION: Difference = Difference {
    before: None,
    seen: [[26, 0, 8], [26, 4, 0]],
    newer: "an admin with the least rights does not see the version of the server",
    older: "`doctor` shows the version to that admin too",
};

/// `serverinfo` for an admin of a realm who may do everything in it.
pub static ADMINS_VERSION: Difference = Difference {
    before: Some([26, 0, 8]),
    seen: [[26, 4, 0], [26, 7, 3]],
    newer: "that admin does",
    older: "an admin with `realm-admin` does not see the version of the server",
};

/// The client with the admin permissions under another name.
pub static RENAMED_PERMISSIONS: Difference = Difference {
    before: None,
    seen: [[26, 4, 0], [26, 7, 3]],
    newer: "the client with the admin permissions can be changed and renamed",
    older: "the server rejects that",
};

/// A secret for a client that signs in by a signed JWT.
pub static SECRET_FOR_JWT: Difference = Difference {
    before: Some([26, 0, 8]),
    seen: [[26, 4, 0], [26, 7, 3]],
    newer: "the server says that the client signs in by a signed JWT, and so does `kxi-auth`",
    older: "the server gives no reason when a client that signs in by a signed JWT signs in by its secret",
};

/// The realm for an admin who may only query.
pub static REALM_OF_QUERIES: Difference = Difference {
    before: None,
    seen: [[26, 4, 0], [26, 7, 3]],
    newer: "an admin with `query-clients`, `query-users` and `query-realms` alone cannot read the roles of the realm",
    older: "that admin can",
};

/// All of them.
pub const ALL: [&Difference; 10] = [
    &TYPE_OF_CLIENTS,
    &FLAG_LEFT_OUT,
    &SERVERS_MAPPERS,
    &ADMIN_PERMISSIONS,
    &DPOP_POLICIES,
    &HIDDEN_VERSION,
    &ADMINS_VERSION,
    &RENAMED_PERMISSIONS,
    &SECRET_FOR_JWT,
    &REALM_OF_QUERIES,
];

impl Difference {
    /// Whether this server does it in the newer way. If it does not, the difference is recorded for the test that
    /// runs in this thread, which has to expect what the server does instead.
    ///
    /// # Errors
    /// The version cannot be read, or is one between those that were seen; or the difference cannot be recorded.
    pub async fn is_in(&self, server: &Server) -> Result<bool> {
        let is_new = self.is_in_version(&server.version().await?)?;
        if let Some(file) = std::env::var_os(FILE).filter(|_| !is_new) {
            self.record(file.as_ref())?;
        }
        Ok(is_new)
    }

    fn is_in_version(&self, version: &str) -> Result<bool> {
        let (number, [older, newer]) = (numbers(version)?, self.seen);
        if self.before.is_some_and(|before| number <= before) {
            return Ok(true);
        }
        if (number > older && number < newer) || (self.before.is_some() && number < older) {
            let [older, newer] = [older, newer].map(dotted);
            bail!(
                "it is not known what Keycloak {version} does, for the nearest known ones are {older} and {newer}: find it out, and \
                 move one of the two in `tests/support/keycloak/differences.rs` ({self})"
            );
        }
        Ok(number >= newer)
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
        let Self { before, seen: [last, first], newer, older } = self;
        let (last, first) = (dotted(*last), dotted(*first));
        match before {
            Some(before) => {
                write!(
                    formatter,
                    "On {last}, {older}. Up to {} and from {first} on, {newer}.",
                    dotted(*before)
                )
            }
            None => write!(formatter, "From {first} on, {newer}. Up to {last}, {older}."),
        }
    }
}

fn dotted([major, minor, patch]: Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// The numbers of a version such as `26.7.3`.
fn numbers(version: &str) -> Result<Version> {
    let numbers: Option<Vec<u32>> = version.split('.').take(3).map(|part| part.parse().ok()).collect();
    let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
    numbers.with_context(|| format!("`{version}` is no version of Keycloak"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::pages::{PAGES, read};

    #[test]
    fn a_version_is_older_or_newer_than_what_was_seen_or_unknown() {
        let is_in = |version: &str| FLAG_LEFT_OUT.is_in_version(version);
        for older in ["22.0.5", "26.0.8"] {
            assert!(!is_in(older).unwrap(), "{older}");
        }
        for newer in ["26.4.0", "26.10.0", "27.0.0"] {
            assert!(is_in(newer).unwrap(), "{newer}");
        }
        let unknown = is_in("26.2.5").unwrap_err().to_string();
        assert!(unknown.contains("26.0.8 and 26.4.0"), "{unknown}");
        let is_in = |version: &str| ADMINS_VERSION.is_in_version(version);
        for (version, newer) in [("22.0.5", true), ("26.0.8", true), ("26.4.0", false), ("26.7.3", true)] {
            assert_eq!(is_in(version).unwrap(), newer, "{version}");
        }
        assert!(is_in("26.2.5").is_err() && is_in("26.5.0").is_err());
        for wrong in ["", "26", "26.x.1"] {
            assert!(is_in(wrong).is_err(), "{wrong}");
        }
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
            "{name}\tFrom 25.0.6 on, a client has the field `type`. Up to 24.0.5, the server rejects a client with that field.\n"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), line.repeat(2));
    }

    #[test]
    fn the_page_about_versions_has_each_difference() {
        let page = read(&format!("{PAGES}/versions.md")).unwrap();
        for difference in ALL {
            assert!(page.contains(&difference.to_string()), "versions.md does not say: {difference}");
        }
    }
}
