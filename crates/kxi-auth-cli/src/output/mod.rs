//! The one place that prints: results on standard output, all else on standard error.

mod table;

use std::io::Write as _;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::table::{Cell, Table, plain};
use crate::args::Format;
use crate::failure::Failure;

/// Stands for a secret that was not asked for.
pub(crate) const MASK: &str = "********";

/// What a command found out or did, for programs and for people.
pub(crate) struct Report {
    json: Value,
    table: Table,
    warnings: Vec<String>,
}

impl Report {
    /// A report of `data`, and how a person sees it.
    pub(crate) fn new(data: &impl Serialize, table: Table) -> Result<Self, Failure> {
        let json = serde_json::to_value(data).map_err(|error| Failure::Other(error.to_string()))?;
        Ok(Self { json, table, warnings: Vec::new() })
    }

    /// What a person should know besides; it goes to standard error.
    pub(crate) fn with_warnings(self, warnings: Vec<String>) -> Self {
        Self { warnings, ..self }
    }
}

/// Prints in the format that was asked for.
pub(crate) struct Printer {
    format: Format,
}

impl Printer {
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// Prints a result. A reader that closed the pipe has what it wanted: that is no error.
    pub(crate) fn print(&self, report: &Report) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table => report.table.render(),
            Format::Json => format!("{:#}", report.json),
        };
        for warning in &report.warnings {
            let _ = writeln!(std::io::stderr().lock(), "warning: {}", plain(warning));
        }
        match writeln!(std::io::stdout().lock(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::Other(format!("cannot write the result: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Prints why the command failed.
    #[expect(clippy::unused_self, reason = "the format will decide how an error looks")]
    pub(crate) fn fail(&self, failure: &Failure) {
        // Nothing is left to do when even standard error is closed; the exit code still tells.
        let _ = writeln!(std::io::stderr().lock(), "error: {}", plain(&failure.to_string()));
    }
}
