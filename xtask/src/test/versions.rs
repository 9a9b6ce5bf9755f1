//! `cargo xtask test --versions`: the end-to-end tests on one version of Keycloak after another, and a table of
//! what passed on which.

use std::str::FromStr;

use anyhow::{Context as _, Error, Result, bail, ensure};

use super::suite::Suite;
use super::table::{self, Column};
use super::{Args, E2E, differences, step};
use crate::cargo::build_tests;
use crate::keycloak::{Connection, Version};
use crate::system::process;
use crate::workspace::{say, target};

/// The versions that the page about versions is about: the oldest supported one, the newest, and some between them.
const ALL: [&str; 6] = ["22.0.5", "24.0.5", "25.0.6", "26.0.8", "26.4.0", "26.7.3"];

/// The versions to test, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Versions(Vec<Version>);

impl FromStr for Versions {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let words: Vec<&str> =
            if text == "all" { ALL.to_vec() } else { text.split(',').map(str::trim).collect() };
        let mut versions = Vec::new();
        for word in words {
            let version: Version = word.parse()?;
            if versions.contains(&version) {
                bail!("{version} is listed twice");
            }
            versions.push(version);
        }
        Ok(Self(versions))
    }
}

/// Runs the tests on each version, whatever happens on the others, and writes the table.
pub(super) fn run(args: &Args, Versions(versions): &Versions) -> Result<()> {
    if Connection::from_environment()?.is_some() {
        bail!(
            "--versions is about servers to start, but KXI_TEST_KEYCLOAK_URL names one that runs: leave out either"
        );
    }
    let named = args.named()?;
    ensure!(
        named.as_ref().is_none_or(|named| named.targets.contains(&E2E)),
        "no end-to-end test has `{}` in its name",
        args.name.as_deref().unwrap_or_default()
    );
    let filter = args.filter(named.as_ref());
    step("building kxi-auth and the end-to-end tests");
    let programs = build_tests(args.tls(), &["--test", E2E])?;
    let suite = Suite::of(&programs, &filter)?;
    let mut columns = Vec::new();
    for version in versions {
        step(&format!("the end-to-end tests on Keycloak {version}"));
        let outcome = suite.on(*version, &args.options).map_err(|error| format!("{error:#}"));
        if let Err(reason) = &outcome {
            say(&format!("Keycloak {version}: {reason}"));
        }
        columns.push(Column { version: *version, outcome });
        columns.sort_by_key(|column| column.version);
        // After each, so that an interruption leaves what is known.
        write(&columns, args, &filter)?;
    }
    let failures = table::failures(&columns);
    ensure!(failures.is_empty(), "not everything passed:\n{}", failures.trim_end());
    if filter.is_empty() && *versions == "all".parse::<Versions>()?.0 {
        let (met, all) = (table::sentences(&columns).len(), differences::declared());
        ensure!(
            met == all,
            "the tests met {met} of the {all} differences in {}: remove what no test asks for",
            differences::SOURCE
        );
    }
    Ok(())
}

/// Writes `target/versions.md`.
fn write(columns: &[Column], args: &Args, filter: &[&str]) -> Result<()> {
    let date = process::today()?;
    let mut limits = Vec::new();
    if !filter.is_empty() {
        limits.push(format!("Only tests that fit `{}`.", filter.join(" ")));
    }
    if let Some(path) = &args.options.relative_path {
        limits.push(format!("Keycloak was at `{path}` below its address."));
    }
    let text = table::document(&date, &limits, columns);
    let file = target().join("versions.md");
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    say(&format!("the table is in {}", file.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::features::FEATURES;
    use crate::workspace::root;

    const PAGE: &str = "crates/kxi-auth-cli/docs/versions.md";

    fn versions(text: &str) -> Vec<String> {
        text.parse::<Versions>().unwrap().0.iter().map(Version::to_string).collect()
    }

    #[test]
    fn all_are_from_the_oldest_to_the_newest() {
        let Versions(all) = "all".parse().unwrap();
        assert!(all.is_sorted());
        assert_eq!((all[0], all[all.len() - 1]), (Version::OLDEST, Version::of_specs().unwrap()));
    }

    #[test]
    fn versions_are_listed_with_commas() {
        assert_eq!(versions("26.0.8, 22.0.5"), ["26.0.8", "22.0.5"]);
        for wrong in ["", "26.0.8,", "26.0.8,26.0.8", "newest", "21.0.0"] {
            assert!(wrong.parse::<Versions>().is_err(), "{wrong}");
        }
    }

    /// The table on the page may be of an earlier day, but not of other versions and features.
    #[test]
    fn the_page_has_every_version_and_feature() {
        let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
        let Versions(all) = "all".parse().unwrap();
        let header = table::header(all);
        let rows = page.lines().skip_while(|line| *line != header).take_while(|line| line.starts_with('|'));
        let rows: Vec<&str> = rows.skip(2).collect();
        let names: Vec<&str> = rows.iter().map(|row| row.split('|').nth(1).unwrap().trim()).collect();
        let expected: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).chain(["All"]).collect();
        assert_eq!(
            names, expected,
            "{PAGE} has a table that begins with\n{header}\nand a row for each feature"
        );
        for row in rows {
            let cells = row.trim_matches('|').split('|').skip(1);
            let numbers =
                cells.filter(|cell| cell.trim().split(' ').next().is_some_and(|n| n.parse::<u32>().is_ok()));
            assert_eq!(numbers.count(), ALL.len(), "{row}");
            assert!(!row.contains("**"), "{row}");
        }
        for feature in [format!("--versions {}", ALL.join(",")), "cargo xtask test --versions all".to_owned()]
        {
            assert!(page.contains(&feature), "{PAGE} does not say how to repeat it: {feature}");
        }
    }
}
