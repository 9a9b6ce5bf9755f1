//! `kc.sh`, without the settings of another Keycloak.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::system::group;

/// A hash of passwords that is no work: the servers of these tasks hold nothing worth keeping.
pub(crate) const CHEAP_HASH: &str = "--spi-password-hashing--argon2--iterations=1";

/// A server without what differs per start: bound to loopback, in a process group of its own, its output in
/// a file.
pub(crate) fn server(home: &Path, start: &str, log: &Path) -> Result<Command> {
    let mut command = kc(home);
    group::lead(command.args([start, "--http-host=127.0.0.1"]), log)?;
    Ok(command)
}

/// The script of the Keycloak that is unpacked at `home`.
pub(crate) fn kc(home: &Path) -> Command {
    let mut command = Command::new(home.join("bin/kc.sh"));
    // Settings of another Keycloak in the caller's environment would win over our arguments'
    // defaults, and DEBUG opens a debugger port.
    for (name, _) in std::env::vars_os() {
        let foreign = ["KC_", "KEYCLOAK_", "QUARKUS_", "DEBUG"];
        if foreign.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}
