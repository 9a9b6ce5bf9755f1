//! The files that the client is generated from.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use xtask::spec::{self, Provenance};

pub(crate) const IDS: &str = "specs/operation-ids.toml";
pub(crate) const OVERRIDES: &str = "specs/operation-id-overrides.toml";
pub(crate) const PATCHES: &str = "specs/patches.toml";
pub(crate) const GENERATED: &str = "crates/keycloak-admin-api/src/generated.rs";

/// Their text.
pub(crate) struct Sources {
    pub(crate) document: String,
    pub(crate) ids: String,
    pub(crate) overrides: String,
    pub(crate) patches: String,
    provenance: Provenance,
}

impl Sources {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text =
            |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"));
        Ok(Self {
            document: text(spec::DOCUMENT)?,
            // A missing list is generated again. Then all IDs come from the rule.
            ids: text(IDS).or_else(
                |error| {
                    if root.join(IDS).exists() { Err(error) } else { Ok(String::new()) }
                },
            )?,
            overrides: text(OVERRIDES)?,
            patches: text(PATCHES)?,
            provenance: Provenance::read(root)?,
        })
    }

    /// The document has to be the upstream one, untouched, of the version that is written down.
    pub(crate) fn check_document(&self) -> Result<()> {
        let found = spec::sha256(&self.document);
        ensure!(
            found == self.provenance.sha256,
            "{}: its sha256 is {found}, but {} records {}; make it again with `cargo xtask spec`",
            spec::DOCUMENT,
            spec::README,
            self.provenance.sha256
        );
        ensure!(
            self.provenance.version == self.provenance.pom_version,
            "{} asks for Keycloak {}, but the document is that of {}; make it again with `cargo xtask spec`",
            spec::POM,
            self.provenance.pom_version,
            self.provenance.version
        );
        Ok(())
    }

    pub(crate) fn parse_document(&self) -> Result<Value> {
        serde_json::from_str(&self.document).with_context(|| format!("{} is not JSON", spec::DOCUMENT))
    }
}
