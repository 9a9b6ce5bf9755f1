//! The figures of many runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::seeded::run::Report;

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Tally {
    runs: usize,
    requests: usize,
    faults: BTreeMap<String, usize>,
    /// Runs by what was to be done, and by exit code.
    codes: BTreeMap<&'static str, BTreeMap<String, usize>>,
    failed: Vec<(u64, Vec<String>)>,
}

impl Tally {
    /// Counts a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.requests += report.requests.len();
        for kind in &report.fired {
            *self.faults.entry(kind.clone()).or_default() += 1;
        }
        let code = report.ended.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        *self.codes.entry(report.what).or_default().entry(code).or_default() += 1;
        if !report.violations.is_empty() {
            self.failed.push((report.seed, report.violations.clone()));
        }
    }

    /// The seeds with violations.
    #[must_use]
    pub fn failed(&self) -> &[(u64, Vec<String>)] {
        &self.failed
    }

    /// How many runs were counted.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// How many faults befell a request.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.faults.values().sum()
    }

    /// The figures as a page.
    #[must_use]
    pub fn page(&self, time: Duration) -> String {
        let mut page = format!(
            "{} runs, {} requests, {} faults, {} s. Runs with a violation: {}.\n\n",
            self.runs,
            self.requests,
            self.faults(),
            time.as_secs(),
            self.failed.len()
        );
        let mut codes: Vec<&String> = self.codes.values().flat_map(BTreeMap::keys).collect();
        codes.sort();
        codes.dedup();
        let mut row = |cells: Vec<String>| {
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        };
        let head = codes.iter().map(|code| format!("exit code {code}"));
        row(["Command".to_owned(), "Runs".to_owned()].into_iter().chain(head).collect());
        row(vec!["---".to_owned(); codes.len() + 2]);
        for (what, of) in &self.codes {
            let counts = codes.iter().map(|code| of.get(*code).copied().unwrap_or_default().to_string());
            let total: usize = of.values().sum();
            row([(*what).to_owned(), total.to_string()].into_iter().chain(counts).collect());
        }
        page.push_str("\n| Fault | How often |\n|---|---|\n");
        for (kind, count) in &self.faults {
            let _ = writeln!(page, "| {kind} | {count} |");
        }
        for (seed, violations) in &self.failed {
            let _ = writeln!(page, "\nSeed {seed}: {}", violations.join("; "));
        }
        page
    }
}
