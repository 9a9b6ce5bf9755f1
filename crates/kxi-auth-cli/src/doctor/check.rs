//! One check of the doctor, and the result of all of them.

use serde::Serialize;

use crate::failure::Failure;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Ok,
    /// It works, but not always or not for long; or it cannot be checked.
    Warning,
    Failed,
    /// Not checked: another check has to succeed first, or there is nothing to check.
    Skipped,
}

/// One check and its result.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    #[serde(rename = "check")]
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) found: String,
    pub(crate) remedy: Option<String>,
    #[serde(skip)]
    exit_code: u8,
}

impl Check {
    fn new(name: &str, state: State, found: impl Into<String>) -> Self {
        let (name, found) = (name.to_owned(), found.into());
        Self { name, state, found, remedy: None, exit_code: crate::failure::exit_code::OK }
    }

    pub(super) fn ok(check: &str, found: impl Into<String>) -> Self {
        Self::new(check, State::Ok, found)
    }

    pub(super) fn warning(check: &str, found: impl Into<String>) -> Self {
        Self::new(check, State::Warning, found)
    }

    pub(super) fn failed(check: &str, exit_code: u8, found: impl Into<String>) -> Self {
        Self { exit_code, ..Self::new(check, State::Failed, found) }
    }

    /// A check whose operation failed, with the hint of the failure as the remedy.
    pub(super) fn stopped(check: &str, failure: &Failure) -> Self {
        let remedy = failure.hint().map(ToOwned::to_owned);
        Self { remedy, ..Self::failed(check, failure.exit_code(), failure.message()) }
    }

    pub(super) fn skipped(check: &str, why: impl Into<String>) -> Self {
        Self::new(check, State::Skipped, why)
    }

    /// Skipped, because another check did not succeed.
    pub(super) fn needs(check: &str, other: &str) -> Self {
        Self::skipped(check, format!("needs: {other}"))
    }

    pub(super) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// Whether checks that depend on this one cannot run.
    pub(super) fn is_in_the_way(&self) -> bool {
        matches!(self.state, State::Failed | State::Skipped)
    }
}

/// The failure of the command, if a check failed. It has the exit code of the first failed check, which usually
/// is the cause of the others.
pub(super) fn verdict(checks: &[Check]) -> Option<Failure> {
    let failed: Vec<&Check> = checks.iter().filter(|check| check.state == State::Failed).collect();
    let first = failed.first()?;
    let names: Vec<&str> = failed.iter().map(|check| check.name.as_str()).collect();
    let message = format!("{} of {} checks failed: {}", failed.len(), checks.len(), names.join(", "));
    Some(Failure::new("checks_failed", first.exit_code, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::exit_code;

    #[test]
    fn warnings_and_what_is_skipped_are_no_failure() {
        let checks = [Check::ok("a", ""), Check::warning("b", ""), Check::needs("c", "b")];
        assert!(verdict(&checks).is_none());
        assert!(verdict(&[]).is_none());
    }

    #[test]
    fn the_first_failure_gives_the_exit_code() {
        let checks = [
            Check::ok("address", ""),
            Check::failed("realm", exit_code::NOT_FOUND, ""),
            Check::failed("sign-in", exit_code::UNAUTHORIZED, ""),
            Check::needs("version", "sign-in"),
        ];
        let failure = verdict(&checks).unwrap();
        assert_eq!(failure.exit_code(), exit_code::NOT_FOUND);
        assert_eq!(failure.message(), "2 of 4 checks failed: realm, sign-in");
    }

    #[test]
    fn what_programs_read() {
        let failed = Check::failed("realm", exit_code::NOT_FOUND, "it is missing").with_remedy("make it");
        let expected = serde_json::json!({
            "check": "realm", "state": "failed", "found": "it is missing", "remedy": "make it",
        });
        assert_eq!(serde_json::to_value(failed).unwrap(), expected);
    }
}
