//! The one place that prints: the result to standard output, everything else to standard error.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::output::encode;
use crate::output::escape::plain;
use crate::output::format::{Format, OutputArgs};
use crate::output::progress::Progress;
use crate::output::report::{Body, Items, People, Report};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Prints in the requested format.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    quiet: bool,
}

impl Printer {
    pub(crate) fn new(args: &OutputArgs) -> Self {
        Self { format: args.format, quiet: args.quiet }
    }

    /// A printer for errors in the command line, before the flags are parsed.
    pub(crate) fn of_format(format: Format) -> Self {
        Self { format, quiet: false }
    }

    /// Prints a report, and returns the exit code.
    pub(crate) async fn print(&self, report: Report) -> u8 {
        for warning in &report.warnings {
            self.warn(warning);
        }
        let printed = match report.body {
            Body::Data { json, people } => self.data(&json, &people),
            Body::Text(text) => write(&text),
            Body::Items(items) => self.items(items).await,
        };
        match (printed, report.failure) {
            (Err(Unprinted::Failed(failure)), _) | (_, Some(failure)) => self.fail(&failure),
            // A reader that closes the pipe does not need the rest. That is not an error.
            (Ok(()) | Err(Unprinted::ClosedPipe), None) => report.exit_code,
        }
    }

    fn data(&self, json: &Value, people: &People) -> Result<(), Unprinted> {
        write(&match (self.format, people) {
            (Format::Table, People::Table(table)) => table.render() + "\n",
            (Format::Table, People::Text(text)) => text.clone(),
            (Format::Json, _) => encode::json(json),
            (Format::Yaml, _) => encode::yaml(json)?,
            (Format::Jsonl, _) => encode::json_lines(json),
        })
    }

    async fn items(&self, mut items: Items) -> Result<(), Unprinted> {
        while let Some(item) = items.next().await {
            write(&encode::json_line(&item?))?;
        }
        Ok(())
    }

    /// Prints a warning, except with `--quiet`.
    pub(crate) fn warn(&self, warning: &str) {
        self.announce("warning", &warning, || format!("{WARNING}warning:{WARNING:#} {}", plain(warning)));
    }

    /// Prints a note about what is happening, except with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        self.announce("note", &text, || plain(text));
    }

    /// Prints information other than the result to standard error, except with `--quiet`. For programs it is
    /// an object with this key, as errors are. For people it is `text`, which must be safe for the terminal.
    pub(crate) fn announce(&self, key: &str, data: &impl Serialize, text: impl FnOnce() -> String) {
        if self.quiet {
            return;
        }
        match self.format {
            Format::Table => say(&text()),
            // Separate documents, because several objects can have the same key.
            Format::Yaml => say(&format!("---\n{}", encode::object(key, data, Format::Yaml).trim_end())),
            format => say(encode::object(key, data, format).trim_end()),
        }
    }

    /// Prints a failure, and returns the exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> u8 {
        match self.format {
            Format::Table => {
                let message = plain(failure.message());
                say(&format!("{ERROR}error:{ERROR:#} {message}"));
                for detail in failure.details() {
                    say(&plain(detail));
                }
                if let Some(hint) = failure.hint() {
                    say(&format!("{HINT}hint:{HINT:#} {}", plain(hint)));
                }
            }
            format => say(encode::object("error", failure, format).trim_end()),
        }
        failure.exit_code()
    }
}

/// Why a result was not printed completely.
enum Unprinted {
    /// The reader closed the pipe.
    ClosedPipe,
    Failed(Failure),
}

impl From<Failure> for Unprinted {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Writes to standard output.
fn write(text: &str) -> Result<(), Unprinted> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Unprinted::ClosedPipe),
        Err(error) => Err(Unprinted::Failed(
            Failure::local(format!("cannot write the result: {error}"))
                .with_hint("completed changes are kept; `kxi-auth client get ID` shows a client, with --show-secret its secret too"),
        )),
        Ok(()) => Ok(()),
    }
}

/// Prints a line to standard error, above the progress bar if there is one. If standard error is closed, only
/// the exit code reports the error.
fn say(text: &str) {
    Progress::aside(|| {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    });
}

/// Whether standard output is a file.
#[cfg(unix)]
pub(crate) fn goes_to_a_file() -> bool {
    use std::os::fd::AsFd as _;

    let copy = std::io::stdout().as_fd().try_clone_to_owned();
    copy.and_then(|copy| std::fs::File::from(copy).metadata()).is_ok_and(|found| found.is_file())
}

#[cfg(not(unix))]
pub(crate) fn goes_to_a_file() -> bool {
    false
}
