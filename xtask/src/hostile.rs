//! `cargo xtask hostile`: the tests with hostile servers, and a table of what each behavior led to and cost.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::{Tls, build_tests};
use crate::system::process;
use crate::workspace::{data, say, target};

/// The tests that note what a run took.
const TESTS: [&str; 2] = ["hostile::", "memory::"];

/// Run the tests with hostile servers, and write a table of what each server led to and how much memory it cost.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// The exit codes that a behavior of a server led to, and the most memory in bytes.
type Rows = BTreeMap<String, (Vec<String>, u64)>;

/// Runs the tests, and writes the table.
pub(crate) fn run(_: &Args) -> Result<()> {
    say("== building kxi-auth and the tests");
    let programs = build_tests(Tls::Rustls, &["--test", "cli"])?;
    let tests =
        programs.tests().into_iter().find(|tests| tests.name == "cli").context("the tests were not built")?;
    let notes = tempfile::NamedTempFile::new().context("there is no place for temporary files")?;
    let mut command = tests.command();
    command.args(TESTS).env("KXI_TEST_BIN", programs.kxi_auth()?).env("KXI_TEST_HOSTILE_TABLE", notes.path());
    let passed = process::run(&mut command);
    let rows = read(notes.path())?;
    let table = table(&rows);
    let file = target().join("hostile.md");
    std::fs::write(&file, &table).with_context(|| format!("cannot write {}", file.display()))?;
    data(&table)?;
    passed?;
    ensure!(!rows.is_empty(), "no test noted anything");
    Ok(())
}

fn read(notes: &Path) -> Result<Rows> {
    let text = std::fs::read_to_string(notes).context("the notes of the tests cannot be read")?;
    let mut rows = Rows::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [behavior, code, peak] = fields[..] else { continue };
        let (codes, most) = rows.entry(behavior.to_owned()).or_default();
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
            codes.sort();
        }
        *most = (*most).max(peak.parse().unwrap_or_default());
    }
    Ok(rows)
}

fn table(rows: &Rows) -> String {
    let head = "| Behavior of the server | Exit code | Peak memory |\n|---|---|---:|\n".to_owned();
    let lines = rows.iter().map(|(behavior, (codes, peak))| {
        format!("| {behavior} | {} | {} MiB |\n", codes.join(", "), peak.div_ceil(1 << 20))
    });
    std::iter::once(head).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_of_a_behavior_are_one_row_with_the_highest_peak() {
        let notes = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(notes.path(), "slow\t7\t1048576\nwrong\t1\t5\nslow\t1\t3145729\nslow\t7\t1\n")
            .unwrap();
        let rows = "| slow | 1, 7 | 4 MiB |\n| wrong | 1 | 1 MiB |\n";
        assert!(table(&read(notes.path()).unwrap()).ends_with(rows));
    }
}
