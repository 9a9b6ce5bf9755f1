//! What servers wrote: `cargo xtask keycloak logs`, and the errors in it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::state::{Condition, Instance};
use crate::system::process::last_lines;
use crate::workspace::{data, say};

/// How many lines of logged errors are shown when tests fail.
const SHOWN_ERROR_LINES: usize = 60;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many lines from the end
    #[arg(long, short = 'n', default_value_t = 100)]
    lines: usize,
}

/// Prints the end of the log of the server that runs, or of the one that ended without `down`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let instance = Instance::Playground;
    let state = match instance.condition()? {
        Condition::Running(state) | Condition::Ended(state) | Condition::Orphaned(state) => state,
        Condition::Stopped | Condition::Unreadable(_) => {
            bail!("no Keycloak runs: start it with `cargo xtask keycloak up`")
        }
    };
    let path = instance.of_version(&state.version).log();
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    say(&format!("the whole log: {}", path.display()));
    data(&format!("{}\n", last_lines(&String::from_utf8_lossy(&bytes), args.lines)))
}

/// Prints the errors in a server's log, for tests that failed because of them.
pub(crate) fn show_errors(log: &Path) {
    let text = std::fs::read(log).unwrap_or_default();
    let errors = logged_errors(&String::from_utf8_lossy(&text));
    if !errors.is_empty() {
        let shown = last_lines(&errors, SHOWN_ERROR_LINES);
        say(&format!("what Keycloak logged as errors:\n{shown}\n(the whole log: {})", log.display()));
    }
}

/// Each error of a log with the first lines of its stack.
fn logged_errors(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let errors = lines.iter().enumerate().filter(|(_, line)| line.contains(" ERROR "));
    let with_stack = errors.flat_map(|(at, error)| {
        let stack = lines[at + 1..].iter().take_while(|line| line.starts_with(char::is_whitespace));
        std::iter::once(error).chain(stack.take(3)).copied()
    });
    with_stack.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_with_the_start_of_its_stack() {
        let log = "1 INFO a\n2 ERROR b\n\tat 1\n\tat 2\n\tat 3\n\tat 4\n3 ERROR c\n4 INFO d";
        assert_eq!(logged_errors(log), "2 ERROR b\n\tat 1\n\tat 2\n\tat 3\n3 ERROR c");
        assert_eq!(logged_errors("1 INFO a"), "");
    }
}
