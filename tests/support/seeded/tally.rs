//! The figures of many runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::seeded::kind::{self, Family, Kind};
use crate::seeded::run::Report;
use crate::seeded::sent::{Purpose, Sent};

/// So many runs are enough to expect every fault at every kind of write.
const MANY: usize = 1000;
/// Of so many runs, only one may fail because of a slow server: otherwise the figures say little of the faults.
const ONE_OF: usize = 4;

/// What the requests of a run are for, as columns.
const PURPOSES: [(Purpose, &str); 7] = [
    (Purpose::Create, "create"),
    (Purpose::Update, "update"),
    (Purpose::Rotate, "new secret"),
    (Purpose::Delete, "delete"),
    (Purpose::Roles, "roles"),
    (Purpose::SignIn, "sign-in"),
    (Purpose::Read, "read"),
];

/// The groups of faults, as rows.
const FAMILIES: [Family; 9] = [
    Family::NotSent,
    Family::Lost,
    Family::Cut,
    Family::Page,
    Family::RetryAfter,
    Family::OwnError,
    Family::Strange,
    Family::Delay,
    Family::SessionEnd,
];

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Tally {
    runs: usize,
    requests: usize,
    /// Runs that no fault befell.
    spared: usize,
    /// Runs that failed because of a slow or failing server.
    hindered: usize,
    /// How many runs planned a fault of each kind, and how many requests it befell.
    kinds: BTreeMap<Kind, (usize, usize)>,
    cells: BTreeMap<(Family, Purpose), usize>,
    scenarios: BTreeMap<&'static str, Scenario>,
    failed: Vec<(u64, Vec<String>)>,
}

/// The runs of one scenario.
#[derive(Debug, Default)]
struct Scenario {
    /// By exit code.
    codes: BTreeMap<String, usize>,
    /// Those that succeeded although a fault befell them.
    despite: usize,
}

impl Tally {
    /// Counts a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.requests += report.requests.len();
        for planned in &report.planned {
            self.kinds.entry(planned.kind).or_default().0 += 1;
        }
        let faulty = || report.requests.iter().filter_map(|sent: &Sent| Some((sent, sent.fault?)));
        for (sent, kind) in faulty() {
            self.kinds.entry(kind).or_default().1 += 1;
            *self.cells.entry((kind.family(), sent.purpose())).or_default() += 1;
        }
        let is_spared = faulty().next().is_none();
        self.spared += usize::from(is_spared);
        self.hindered += usize::from(report.hindered);
        let code = report.ended.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let scenario = self.scenarios.entry(report.what).or_default();
        scenario.despite += usize::from(code == "0" && !is_spared);
        *scenario.codes.entry(code).or_default() += 1;
        if !report.violations.is_empty() {
            self.failed.push((report.seed, report.violations.clone()));
        }
    }

    /// Counts a run that could not be observed.
    pub fn add_unobserved(&mut self, seed: u64, error: &anyhow::Error) {
        self.runs += 1;
        self.failed.push((seed, vec![format!("it could not be observed: {error:#}")]));
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
        self.kinds.values().map(|(_, fired)| fired).sum()
    }

    /// How many runs succeeded although a fault befell them.
    #[must_use]
    pub fn despite(&self) -> usize {
        self.scenarios.values().map(|scenario| scenario.despite).sum()
    }

    /// Why these runs prove less than they should.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        if self.hindered > (self.runs / ONE_OF).max(1) {
            gaps.push(format!("{} runs failed because of a slow or failing server", self.hindered));
        }
        if self.runs < MANY {
            return gaps;
        }
        for kind in kind::all() {
            if self.kinds.get(&kind).is_none_or(|(_, fired)| *fired == 0) {
                gaps.push(format!("no request met this: {kind}"));
            }
        }
        for (family, (purpose, name)) in FAMILIES.iter().flat_map(|family| PURPOSES.map(|of| (family, of))) {
            // A sign-in has no token that could be refused.
            let is_possible = (*family, purpose) != (Family::SessionEnd, Purpose::SignIn);
            if is_possible && self.cell(*family, purpose) == 0 {
                gaps.push(format!("no {name} met this: {family}"));
            }
        }
        for (what, scenario) in &self.scenarios {
            if scenario.despite == 0 {
                gaps.push(format!("no run succeeded in spite of a fault: {what}"));
            }
        }
        gaps
    }

    fn cell(&self, family: Family, purpose: Purpose) -> usize {
        self.cells.get(&(family, purpose)).copied().unwrap_or_default()
    }

    /// The figures as a page. `of` says of which server and seeds they are.
    #[must_use]
    pub fn page(&self, of: &str, time: Duration) -> String {
        let mut page = format!(
            "{of}: {} runs, {} requests, {} faults, {} s. Runs with a violation: {}.\n\nNo fault befell {} runs; {} \
             succeeded in spite of one. A slow or failing server, and no fault, explains why {} failed.\n\n",
            self.runs,
            self.requests,
            self.faults(),
            time.as_secs(),
            self.failed.len(),
            self.spared,
            self.despite(),
            self.hindered
        );
        self.write_scenarios(&mut page);
        page.push('\n');
        let head = ["Fault"].into_iter().chain(PURPOSES.map(|(_, name)| name));
        write_table(
            &mut page,
            head.map(str::to_owned),
            FAMILIES.iter().map(|family| {
                let cells = PURPOSES.map(|(purpose, _)| self.cell(*family, purpose).to_string());
                [family.to_string()].into_iter().chain(cells).collect()
            }),
        );
        page.push('\n');
        let head = ["Kind of fault", "Planned", "Requests that it befell"].map(str::to_owned);
        write_table(
            &mut page,
            head,
            kind::all().into_iter().map(|kind| {
                let (planned, fired) = self.kinds.get(&kind).copied().unwrap_or_default();
                vec![kind.to_string(), planned.to_string(), fired.to_string()]
            }),
        );
        for gap in self.gaps() {
            let _ = writeln!(page, "\nGap: {gap}");
        }
        for (seed, violations) in &self.failed {
            let _ = writeln!(page, "\nSeed {seed}: {}", violations.join("; "));
        }
        page
    }

    fn write_scenarios(&self, page: &mut String) {
        let mut codes: Vec<&String> =
            self.scenarios.values().flat_map(|scenario| scenario.codes.keys()).collect();
        codes.sort();
        codes.dedup();
        let head = ["Command", "Runs", "Succeeded in spite of a fault"].map(str::to_owned).into_iter();
        let head = head.chain(codes.iter().map(|code| format!("Exit code {code}")));
        write_table(
            page,
            head,
            self.scenarios.iter().map(|(what, scenario)| {
                let of = &scenario.codes;
                let counts = codes.iter().map(|code| of.get(*code).copied().unwrap_or_default());
                let counts = [of.values().sum(), scenario.despite].into_iter().chain(counts);
                [(*what).to_owned()].into_iter().chain(counts.map(|count| count.to_string())).collect()
            }),
        );
    }
}

fn write_table(
    page: &mut String,
    head: impl IntoIterator<Item = String>,
    rows: impl Iterator<Item = Vec<String>>,
) {
    let head: Vec<String> = head.into_iter().collect();
    let _ = writeln!(page, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(page, "| {} |", row.join(" | "));
    }
}
