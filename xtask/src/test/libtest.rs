//! What a test program prints about its tests, read while it passes by.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Passed,
    Failed,
    Ignored,
}

/// The tests of a run, by their names, as far as its output was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    tests: BTreeMap<String, End>,
    /// What the last line counts: in the order of [`End`], then what was filtered out.
    summary: Option<[usize; 4]>,
}

impl Report {
    /// Reads a line of the output, which is about a test, the summary, or something else.
    pub(super) fn read(&mut self, line: &str) {
        if let Some((name, end)) = test(line) {
            self.tests.insert(name.to_owned(), end);
        } else if let Some(counts) = summary(line) {
            self.summary = Some(counts);
        }
    }

    /// Fails unless the run came to its end and each test that it counts was read.
    pub(super) fn check(&self) -> Result<()> {
        let read = [End::Passed, End::Failed, End::Ignored].map(|end| self.named(end).count());
        match self.summary {
            None => bail!("the tests ended without a summary"),
            Some([counts @ .., _]) if counts != read => bail!(
                "the tests count {counts:?} as passed, failed and ignored, but the lines about them say {read:?}"
            ),
            Some([0, 0, ..]) => bail!("no end-to-end test was run: no name fits"),
            Some(_) => Ok(()),
        }
    }

    /// Fails if a test was left out, other than these.
    pub(super) fn is_whole(&self, ignored: &[&str]) -> Result<()> {
        let filtered = self.summary.map_or(0, |[.., filtered]| filtered);
        let left_out: Vec<&str> = self.named(End::Ignored).filter(|name| !ignored.contains(name)).collect();
        ensure!(filtered == 0, "{filtered} tests were filtered out");
        ensure!(left_out.is_empty(), "these tests are ignored: {}", left_out.join(", "));
        Ok(())
    }

    /// How far the run came.
    pub(super) fn progress(&self) -> String {
        let [passed, failed] = [End::Passed, End::Failed].map(|end| self.named(end).count());
        format!("the tests did not run to their end ({passed} passed and {failed} failed before)")
    }

    /// Whether a test of this name ended.
    pub(super) fn has(&self, test: &str) -> bool {
        self.tests.contains_key(test)
    }

    /// The names of the tests that ended so.
    pub(super) fn named(&self, end: End) -> impl Iterator<Item = &str> {
        self.tests.iter().filter(move |(_, found)| **found == end).map(|(name, _)| name.as_str())
    }
}

/// `test NAME ... ok`
fn test(line: &str) -> Option<(&str, End)> {
    let (name, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let end = match end {
        "ok" => End::Passed,
        "FAILED" => End::Failed,
        _ if end == "ignored" || end.starts_with("ignored, ") => End::Ignored,
        _ => return None,
    };
    Some((name.trim_end_matches(" - should panic"), end))
}

/// `test result: ok. 9 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s`
fn summary(line: &str) -> Option<[usize; 4]> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        let mut parts = counts.split("; ").filter_map(|part| part.split_once(' '));
        parts.find(|(_, name)| *name == what)?.0.parse().ok()
    };
    Some([count("passed")?, count("failed")?, count("ignored")?, count("filtered out")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(output: &str) -> Report {
        let mut report = Report::default();
        for line in output.lines() {
            report.read(line);
        }
        report
    }

    #[test]
    fn the_lines_about_tests_are_read_among_others() {
        let report = report(
            "\nrunning 4 tests\ntest a::one ... ok\ntest a::two ... FAILED\na line of a test ... ok\n\
             test a::off ... ignored, it takes long\ntest a::three - should panic ... ok\n\
             test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 9 filtered out; finished in 0.01s\n",
        );
        report.check().unwrap();
        assert!(report.has("a::two") && !report.has("a::four"));
        assert!(report.named(End::Passed).eq(["a::one", "a::three"]));
        assert!(report.named(End::Failed).eq(["a::two"]));
        assert!(report.named(End::Ignored).eq(["a::off"]));
    }

    #[test]
    fn a_test_that_is_left_out_is_noticed() {
        let run = |filtered: usize| {
            report(&format!(
                "test a::one ... ok\ntest a::off ... ignored\n\
                 test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; {filtered} filtered out; finished in 0.01s"
            ))
        };
        run(0).is_whole(&["a::off"]).unwrap();
        assert!(run(0).is_whole(&[]).unwrap_err().to_string().contains("a::off"));
        assert!(run(2).is_whole(&["a::off"]).unwrap_err().to_string().contains("2 tests"));
    }

    #[test]
    fn a_run_that_was_not_read_whole_is_an_error() {
        let summary = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        let reason = |output: &str| report(output).check().unwrap_err().to_string();
        assert!(reason("test a::one ... ok").contains("without a summary"));
        assert!(reason(summary).contains("but the lines"));
        assert!(reason(&summary.replace('1', "0")).contains("no name fits"));
        report(&format!("test a::one ... ok\n{summary}")).check().unwrap();
    }
}
