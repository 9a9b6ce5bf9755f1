//! The table of features and versions, as Markdown.

use std::fmt::Write as _;

use super::features::{self, FEATURES};
use super::libtest::End;
use super::suite::Outcome;
use crate::keycloak::Version;

/// Stands for what is not known of a version.
const NOT_RUN: &str = "not run to its end";

/// What one version showed: its outcome, or why not all tests could be run on it.
pub(super) struct Column {
    pub(super) version: Version,
    pub(super) outcome: Result<Outcome, String>,
}

/// The header of the table.
pub(super) fn header(versions: impl IntoIterator<Item = Version>) -> String {
    let versions: Vec<String> = versions.into_iter().map(|version| version.to_string()).collect();
    format!("| Feature | {} |", versions.join(" | "))
}

/// The document of a day: the table, its differences, how long it took and what failed. `limits` say what is not the
/// usual run, a sentence each.
pub(super) fn document(date: &str, limits: &[String], columns: &[Column]) -> String {
    let mut text = format!("# The end-to-end tests on versions of Keycloak, {date}\n\n");
    text += "How many tests passed. A number in brackets refers to a difference below the table. ";
    text += "One test is left out: it runs all others, and searches what they traced.\n\n";
    for limit in limits {
        let _ = writeln!(text, "{limit}\n");
    }
    text += &table(columns);
    text.push('\n');
    for Column { version, outcome } in columns {
        let summary = outcome.as_ref().map_or_else(|_| NOT_RUN.to_owned(), Outcome::summary);
        let _ = writeln!(text, "- Keycloak {version}: {summary}");
    }
    let failures = failures(columns);
    if !failures.is_empty() {
        let _ = write!(text, "\nFailed:\n\n{failures}");
    }
    text
}

/// The table, then the differences that its cells refer to.
fn table(columns: &[Column]) -> String {
    let sentences = sentences(columns);
    let mut text = header(columns.iter().map(|column| column.version));
    let _ = writeln!(text, "\n|---|{}", "--:|".repeat(columns.len()));
    for (feature, (name, _)) in FEATURES.iter().enumerate() {
        let cells: Vec<String> =
            columns.iter().map(|column| cell(column, Some(feature), &sentences)).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
    }
    let all: Vec<String> = columns.iter().map(|column| cell(column, None, &[])).collect();
    let _ = writeln!(text, "| All | {} |", all.join(" | "));
    if !sentences.is_empty() {
        text.push('\n');
    }
    for (number, sentence) in sentences.iter().enumerate() {
        let met = columns.iter().filter(|column| {
            let outcome = column.outcome.as_ref().ok();
            outcome.is_some_and(|outcome| outcome.differences.iter().any(|met| met.sentence == *sentence))
        });
        let versions: Vec<String> = met.map(|column| column.version.to_string()).collect();
        let _ = writeln!(text, "{}. {sentence} (Seen on {}.)", number + 1, versions.join(", "));
    }
    text
}

/// What failed and what could not be run, a line each; empty if nothing.
pub(super) fn failures(columns: &[Column]) -> String {
    let mut text = String::new();
    for Column { version, outcome } in columns {
        match outcome {
            Ok(outcome) => {
                for name in outcome.report.named(End::Failed) {
                    let _ = writeln!(text, "- {version}: `{name}`");
                }
            }
            Err(reason) => {
                let _ = writeln!(text, "- {version}: {reason}");
            }
        }
    }
    text
}

/// The differences that were met on any version, each once.
pub(super) fn sentences(columns: &[Column]) -> Vec<&str> {
    let outcomes = columns.iter().filter_map(|column| column.outcome.as_ref().ok());
    let mut found: Vec<&str> =
        outcomes.flat_map(|outcome| &outcome.differences).map(|met| met.sentence.as_str()).collect();
    // The tests run in no order.
    found.sort_unstable();
    found.dedup();
    found
}

/// How many tests of the feature (or of all) passed, how many failed, and the numbers of the differences that they met.
fn cell(column: &Column, feature: Option<usize>, sentences: &[&str]) -> String {
    let Ok(outcome) = &column.outcome else { return NOT_RUN.to_owned() };
    let is_of = |test: &str| feature.is_none() || features::of(test) == feature;
    let count = |end| outcome.report.named(end).filter(|test| is_of(test)).count();
    let mut parts = vec![count(End::Passed).to_string()];
    let failed = count(End::Failed);
    parts.extend((failed > 0).then(|| format!("**{failed} failed**")));
    if parts == ["0"] {
        return String::new();
    }
    let notes = sentences.iter().enumerate().filter(|(_, sentence)| {
        outcome.differences.iter().any(|met| met.sentence == **sentence && is_of(&met.test))
    });
    let notes = notes.map(|(number, _)| format!("[{}]", number + 1));
    std::iter::once(parts.join(", ")).chain(notes).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::test::differences::Met;
    use crate::test::libtest::Report;

    fn column(version: &str, lines: &[&str], differences: &[(&str, &str)]) -> Column {
        let mut report = Report::default();
        for line in lines {
            report.read(line);
        }
        let met = |(test, sentence): &(&str, &str)| Met {
            test: (*test).to_owned(),
            sentence: (*sentence).to_owned(),
        };
        let differences = differences.iter().map(met).collect();
        let outcome = Outcome { report, differences, time: Duration::from_secs(1) };
        Column { version: version.parse().unwrap(), outcome: Ok(outcome) }
    }

    #[test]
    fn a_cell_counts_and_refers_to_the_differences_below() {
        let columns = [
            column(
                "22.0.5",
                &[
                    "test command::export::a ... ok",
                    "test command::doctor::b ... FAILED",
                    "test command::doctor::c ... ok",
                ],
                &[
                    ("command::export::a", "Z differs."),
                    ("command::doctor::c", "A differs."),
                    ("command::export::a", "A differs."),
                ],
            ),
            column("26.7.3", &["test command::export::a ... ok"], &[]),
            Column { version: "24.0.5".parse().unwrap(), outcome: Err("it did not start".to_owned()) },
        ];
        let expected = "\
| Feature | 22.0.5 | 26.7.3 | 24.0.5 |
|---|--:|--:|--:|
";
        let text = table(&columns);
        assert!(text.starts_with(expected), "{text}");
        for row in [
            "| Export | 1 [1] [2] | 1 | not run to its end |",
            "| Doctor | 1, **1 failed** [1] |  | not run to its end |",
            "| All | 2, **1 failed** | 1 | not run to its end |",
            "1. A differs. (Seen on 22.0.5.)",
            "2. Z differs. (Seen on 22.0.5.)",
        ] {
            assert!(text.lines().any(|line| line == row), "{row}\n{text}");
        }
        assert_eq!(failures(&columns), "- 22.0.5: `command::doctor::b`\n- 24.0.5: it did not start\n");
    }

    #[test]
    fn a_document_has_its_limits_and_times() {
        let columns = [column("26.7.3", &["test command::export::a ... FAILED"], &[])];
        let text = document("2026-11-28", &["Only some.".to_owned()], &columns);
        for part in [
            "Keycloak, 2026-11-28\n",
            "\nOnly some.\n\n| Feature",
            "- Keycloak 26.7.3: 0 passed, 1 failed, in 1 s\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(text.ends_with("Failed:\n\n- 26.7.3: `command::export::a`\n"), "{text}");
    }

    #[test]
    fn a_filter_leaves_features_out() {
        let text = table(&[column("26.7.3", &["test command::export::a ... ok"], &[])]);
        assert_eq!(text, "| Feature | 26.7.3 |\n|---|--:|\n| Export | 1 |\n| All | 1 |\n");
    }
}
