//! The differences between versions of Keycloak that tests met, as `tests/support` records them.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Names the file that the tests write them to, one a line.
pub(super) const FILE: &str = "KXI_TEST_DIFFERENCES";

/// Where they are declared.
pub(super) const SOURCE: &str = "tests/support/keycloak/differences.rs";

/// How many are declared.
pub(super) fn declared() -> usize {
    include_str!("../../../tests/support/keycloak/differences.rs").matches("\npub static ").count()
}

/// A difference that a test met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Met {
    /// The test.
    pub(super) test: String,
    /// The difference, in a sentence.
    pub(super) sentence: String,
}

/// Reads the file; there is none if no test met a difference.
pub(super) fn read(file: &Path) -> Result<Vec<Met>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    text.lines().map(met).collect()
}

fn met(line: &str) -> Result<Met> {
    let (test, sentence) =
        line.split_once('\t').with_context(|| format!("no test and sentence in the line `{line}`"))?;
    Ok(Met { test: test.to_owned(), sentence: sentence.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_counted() {
        assert!(declared() > 1);
        assert!(crate::workspace::root().join(SOURCE).exists());
    }

    #[test]
    fn each_line_is_a_test_and_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("differences");
        assert_eq!(read(&file).unwrap(), []);
        std::fs::write(&file, "a::one\tA thing differs.\n").unwrap();
        let met = Met { test: "a::one".to_owned(), sentence: "A thing differs.".to_owned() };
        assert_eq!(read(&file).unwrap(), [met]);
        std::fs::write(&file, "cut").unwrap();
        assert!(read(&file).is_err());
    }
}
