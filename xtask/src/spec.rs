//! `cargo xtask spec`: the upstream OpenAPI document, made from the published Maven artifacts.
//!
//! Keycloak publishes no such document with its releases, but its build makes one with a public
//! plugin over classes that are published. `specs/pom.xml` does the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::system::process::run_quiet;
use crate::workspace::{self, say};

/// The Maven project that makes the document.
pub const POM: &str = "specs/pom.xml";
/// The document.
pub const DOCUMENT: &str = "specs/keycloak-admin.json";
/// Says where the document comes from.
pub const README: &str = "specs/README.md";

/// Nothing to choose: the version is that of `specs/pom.xml`.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<()> {
    let root = workspace::root();
    let version = pom_version(&root)?;
    let document = make(&root, &version)?;
    let summary = summarise(&document)?;
    let changed = !fs::read_to_string(root.join(DOCUMENT)).is_ok_and(|old| old == document);
    fs::write(root.join(DOCUMENT), &document).with_context(|| format!("cannot write {DOCUMENT}"))?;
    record(&root, &version, &sha256(&document))?;
    say(&format!("{DOCUMENT}: {}, {summary}", if changed { "written" } else { "unchanged" }));
    if changed {
        say("next: `cargo xtask codegen`, then read the diff of specs/ and of the generated file");
    }
    Ok(())
}

/// Runs Maven in a folder of its own below `target/`, and returns the document it made.
fn make(root: &Path, version: &str) -> Result<String> {
    run_quiet(Command::new("java").arg("-version"), "install a JDK, 17 or newer")?;
    let work = workspace::target().join("keycloak-spec");
    say(&format!("making the document of Keycloak {version} with Maven (15 s, more if it has to download)"));
    run_quiet(
        Command::new("mvn")
            .args(["-B", "-ntp", "-f"])
            .arg(root.join(POM))
            .arg(format!("-Dwork.dir={}", work.display()))
            .args(["clean", "process-classes"]),
        "install Apache Maven 3.8 or newer",
    )?;
    let made = work.join("openapi/openapi.json");
    fs::read_to_string(&made).with_context(|| format!("Maven succeeded and left no {}", made.display()))
}

/// Says what the document holds; fails if it is not one the generator can read.
fn summarise(document: &str) -> Result<String> {
    let document: Value = serde_json::from_str(document).context("Maven made something else than JSON")?;
    let openapi = document["openapi"].as_str().unwrap_or_default();
    ensure!(
        openapi.starts_with("3.0."),
        "the document is OpenAPI `{openapi}`, and the generator reads 3.0 only: see smallrye.version in {POM}"
    );
    let size = |pointer: &str| {
        let object = document.pointer(pointer).and_then(Value::as_object);
        object.map_or(0, serde_json::Map::len)
    };
    Ok(format!("OpenAPI {openapi}, {} paths, {} schemas", size("/paths"), size("/components/schemas")))
}

/// Where the committed document comes from.
pub struct Provenance {
    /// The Keycloak version that `specs/README.md` gives.
    pub version: String,
    /// The SHA-256 that it gives.
    pub sha256: String,
    /// The Keycloak version that `specs/pom.xml` asks for.
    pub pom_version: String,
}

impl Provenance {
    /// Reads both files.
    pub fn read(root: &Path) -> Result<Self> {
        let readme =
            fs::read_to_string(root.join(README)).with_context(|| format!("cannot read {README}"))?;
        Ok(Self {
            version: recorded(&readme, VERSION_LINE)?.to_owned(),
            sha256: recorded(&readme, SHA256_LINE)?.to_owned(),
            pom_version: pom_version(root)?,
        })
    }
}

/// How the two lines of `specs/README.md` begin that this task keeps.
const VERSION_LINE: &str = "- Keycloak version: `";
const SHA256_LINE: &str = "- sha256 of the document: `";

fn recorded<'a>(readme: &'a str, start: &str) -> Result<&'a str> {
    readme
        .lines()
        .find_map(|line| line.strip_prefix(start)?.strip_suffix('`'))
        .with_context(|| format!("{README} has no line that begins with `{start}…`"))
}

fn record(root: &Path, version: &str, sha256: &str) -> Result<()> {
    let path = root.join(README);
    let mut readme = fs::read_to_string(&path).with_context(|| format!("cannot read {README}"))?;
    for (start, value) in [(VERSION_LINE, version), (SHA256_LINE, sha256)] {
        let old = format!("{start}{}`", recorded(&readme, start)?);
        readme = readme.replacen(&old, &format!("{start}{value}`"), 1);
    }
    fs::write(&path, readme).with_context(|| format!("cannot write {README}"))
}

/// The version that `specs/pom.xml` asks for.
pub fn pom_version(root: &Path) -> Result<String> {
    let pom = fs::read_to_string(root.join(POM)).with_context(|| format!("cannot read {POM}"))?;
    let version = pom
        .split_once("<keycloak.version>")
        .and_then(|(_, rest)| rest.split_once("</keycloak.version>"))
        .map(|(version, _)| version.trim());
    match version {
        Some(version) if !version.is_empty() => Ok(version.to_owned()),
        _ => bail!("{POM} has no property keycloak.version"),
    }
}

/// SHA-256, in hex.
#[must_use]
pub fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_lines_of_the_readme_are_kept_up_to_date() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("specs")).unwrap();
        fs::copy(workspace::root().join(POM), root.path().join(POM)).unwrap();
        let readme = "# X\n\n- Keycloak version: `1.0`\n- sha256 of the document: `00`\n\ntext `1.0`\n";
        fs::write(root.path().join(README), readme).unwrap();

        record(root.path(), "2.0", "ff").unwrap();
        let provenance = Provenance::read(root.path()).unwrap();
        assert_eq!((provenance.version.as_str(), provenance.sha256.as_str()), ("2.0", "ff"));
        let readme = fs::read_to_string(root.path().join(README)).unwrap();
        assert!(readme.ends_with("\n\ntext `1.0`\n"), "{readme}");

        fs::write(root.path().join(README), "# X\n").unwrap();
        let error = record(root.path(), "2.0", "ff").unwrap_err();
        assert!(error.to_string().contains("- Keycloak version: `"), "{error}");
    }

    #[test]
    fn a_document_that_the_generator_cannot_read_is_refused() {
        let document = r#"{"openapi": "3.0.3", "paths": {"/a": {}}, "components": {"schemas": {}}}"#;
        assert_eq!(summarise(document).unwrap(), "OpenAPI 3.0.3, 1 paths, 0 schemas");
        let error = summarise(&document.replace("3.0.3", "3.1.0")).unwrap_err();
        assert!(error.to_string().contains("`3.1.0`"), "{error}");
        assert!(summarise("<html>").is_err());
    }
}
