//! Where tests of one name are, so that nothing else has to be built for them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// The folders with tests, and what cargo calls the programs that their tests are in.
const PLACES: [(&str, &[&str]); 9] = [
    ("tests/core", &["--test", "core"]),
    ("tests/cli", &["--test", "cli"]),
    ("tests/e2e", &["--test", "e2e"]),
    ("crates/keycloak-admin-api/tests", &["--test", "api"]),
    ("xtask/tests", &["--test", "ci_run", "--test", "packages"]),
    ("tests/support", UNITS),
    ("crates", UNITS),
    ("xtask/src", UNITS),
    ("xtask/codegen", UNITS),
];

/// The unit tests of all packages.
const UNITS: &[&str] = &["--lib", "--bins"];

/// The tests of one name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// What cargo has to build for them. It may be more than needed: a file counts if it is called so, or
    /// if it has the last part of the name anywhere in its text.
    pub(super) targets: Vec<&'static str>,
    /// What the test programs are asked for; nothing if a program is named and all its tests are meant.
    pub(super) filter: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Looks for `name`, which may begin with a program: `e2e`, `e2e::library`, `library::bulk`.
    pub(super) fn find(root: &Path, name: &'a str) -> Result<Self> {
        let (first, rest) = name.split_once("::").map_or((name, None), |(first, rest)| (first, Some(rest)));
        for (_, targets) in PLACES {
            if *targets == ["--test", first] {
                return Ok(Self { targets: targets.to_vec(), filter: rest });
            }
        }
        let mut targets = Vec::new();
        for (folder, further) in PLACES {
            if holds(&root.join(folder), "", name)? && !targets.ends_with(further) {
                targets.extend(further);
            }
        }
        ensure!(!targets.is_empty(), "no file with tests has `{name}` in its name or text");
        Ok(Self { targets, filter: Some(name) })
    }
}

fn holds(folder: &Path, module: &str, name: &str) -> Result<bool> {
    let (modules, text) = name.rsplit_once("::").unwrap_or(("", name));
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let module = format!("{module}{stem}::");
        let found = if path.is_dir() {
            holds(&path, &module, name)?
        } else {
            let is_code = path.extension().is_some_and(|extension| extension == "rs");
            let in_text = || Ok::<_, anyhow::Error>(fs::read_to_string(&path)?.contains(text));
            is_code && (module.contains(name) || (module.contains(modules) && in_text()?))
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::root;

    #[test]
    fn a_name_leads_to_the_programs_that_may_hold_it() {
        let targets = |name| Named::find(&root(), name).unwrap().targets;
        assert_eq!(targets("library::bulk"), ["--test", "e2e"]);
        assert_eq!(targets("the_high_water_mark_is_read_in_bytes"), UNITS, "this file has it too");
        let nowhere = ["no", "such", "test"].join("_");
        assert!(Named::find(&root(), &nowhere).is_err());
    }

    #[test]
    fn a_program_may_be_named_first() {
        let of = |name: &'static str| {
            let Named { targets, filter } = Named::find(&root(), name).unwrap();
            (targets, filter)
        };
        assert_eq!(of("e2e"), (vec!["--test", "e2e"], None));
        assert_eq!(of("cli::man"), (vec!["--test", "cli"], Some("man")));
        assert_eq!(of("library::bulk").1, Some("library::bulk"));
    }
}
