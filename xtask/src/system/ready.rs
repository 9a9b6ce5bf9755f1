//! Waits until a program that was started is ready.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::ProgressBar;

use super::process::last_lines;
use super::stopwatch::Stopwatch;
use crate::workspace::say;

/// How long a first start may take on a slow machine; 30 s are usual.
const LIMIT: Duration = Duration::from_mins(5);
/// The pause between two questions whether the program is ready.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How many lines of its log are shown when it does not start.
const SHOWN_LINES: usize = 20;

/// A program that is starting.
pub(crate) struct Start<'a> {
    /// Its name, as in `Keycloak 26.7.3`.
    pub(crate) what: &'a str,
    /// How long it usually takes.
    pub(crate) takes: &'a str,
    /// What it writes.
    pub(crate) log: &'a Path,
}

impl Start<'_> {
    /// Asks until `ask` succeeds; its error says what is missing. `ended` says how the program ended, if
    /// it did.
    pub(crate) fn wait(
        &self,
        mut ask: impl FnMut() -> Result<(), String>,
        mut ended: impl FnMut() -> Result<Option<String>>,
    ) -> Result<()> {
        let waited = Stopwatch::start();
        let progress = self.progress();
        let reason = loop {
            let Err(refusal) = ask() else {
                progress.finish_and_clear();
                return Ok(());
            };
            if let Some(how) = ended()? {
                break format!("ended while it started ({how})");
            }
            if waited.elapsed() > LIMIT {
                break format!("is not ready after {} s: {refusal}", LIMIT.as_secs());
            }
            sleep(ASK_EVERY);
        };
        progress.finish_and_clear();
        say(&last_words(self.log));
        bail!("{} {reason}", self.what)
    }

    fn progress(&self) -> ProgressBar {
        let text = format!("starting {} ({})", self.what, self.takes);
        let bar = ProgressBar::new_spinner().with_message(text.clone());
        if bar.is_hidden() {
            say(&text);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

/// The end of the log, and where the rest is.
fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    format!("{}\n(the whole log: {})", last_lines(&text, SHOWN_LINES), log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_asked_until_it_is_ready_or_ends() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let start = Start { what: "it", takes: "a moment", log: log.path() };
        let mut asked = 0;
        let ask = || {
            asked += 1;
            if asked == 2 { Ok(()) } else { Err("not yet".to_owned()) }
        };
        start.wait(ask, || Ok(None)).unwrap();
        assert_eq!(asked, 2);
        let ended = start.wait(|| Err("no".to_owned()), || Ok(Some("exit status: 1".to_owned())));
        assert_eq!(ended.unwrap_err().to_string(), "it ended while it started (exit status: 1)");
    }
}
