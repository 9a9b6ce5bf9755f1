//! The Java that Keycloak needs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::system::process;

/// The oldest Java that the supported versions of Keycloak run on.
const OLDEST: u32 = 17;
const REMEDY: &str = "install a Java runtime, version 17 or later \
                      (Debian and Ubuntu: apt-get install openjdk-17-jre-headless)";

/// Fails in one line where Java is missing or too old.
pub(crate) fn check() -> Result<()> {
    // kc.sh looks for it in the same order.
    let java = match (std::env::var_os("JAVA"), std::env::var_os("JAVA_HOME")) {
        (Some(java), _) if !java.is_empty() => PathBuf::from(java),
        (_, Some(home)) if !home.is_empty() => PathBuf::from(home).join("bin/java"),
        _ => PathBuf::from("java"),
    };
    let output = process::run_quiet(Command::new(&java).arg("-version"), REMEDY)?;
    let text = String::from_utf8_lossy(&output.stderr);
    match major(&text) {
        Some(found) if found < OLDEST => {
            bail!("`{}` is Java {found}, too old for Keycloak: {REMEDY}", java.display())
        }
        // An unusual version text is no reason to stop. Keycloak itself reports a Java that is too old.
        _ => Ok(()),
    }
}

/// The major version in the output of `java -version`.
fn major(text: &str) -> Option<u32> {
    let version = text.split('"').nth(1)?;
    let mut numbers = version.split(['.', '-', '_', '+']).map(str::parse);
    match numbers.next()?.ok()? {
        // Java 8 and older say 1.8.
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_found() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK…"), Some(17));
        assert_eq!(major("java version \"1.8.0_402\""), Some(8));
        assert_eq!(major("openjdk version \"25-ea\" 2025-09-16"), Some(25));
        assert_eq!(major("something else"), None);
    }
}
