//! The checks as text for people: one line each, with the remedy below it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::doctor::check::{Check, State};
use crate::output::plain;

const GOOD: Style = AnsiColor::Green.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const SKIPPED: Style = Style::new().dimmed();
const REMEDY: Style = AnsiColor::Cyan.on_default();

/// All lines, ready for the terminal.
pub(crate) fn render(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for check in checks {
        let (word, style) = state(check.state);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{style}{word:7}{style:#}  {:width$}  {}", check.name, plain(&check.found));
        if let Some(remedy) = &check.remedy {
            let _ = writeln!(
                text,
                "{:width$}{REMEDY}remedy:{REMEDY:#} {}",
                "",
                plain(remedy),
                width = width + 11
            );
        }
    }
    text
}

fn state(state: State) -> (&'static str, Style) {
    match state {
        State::Ok => ("ok", GOOD),
        State::Warning => ("warning", WARNING),
        State::Failed => ("failed", FAILED),
        State::Skipped => ("skipped", SKIPPED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_remedies_below() {
        let checks =
            [Check::ok("realm", "a\u{1b}[31mb"), Check::failed("sign-in", 3, "no").with_remedy("yes")];
        let expected = format!(
            "{GOOD}ok     {GOOD:#}  realm    a\\u{{1b}}[31mb\n\
             {FAILED}failed {FAILED:#}  sign-in  no\n{:18}{REMEDY}remedy:{REMEDY:#} yes\n",
            ""
        );
        assert_eq!(render(&checks), expected);
    }
}
