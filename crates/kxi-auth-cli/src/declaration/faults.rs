//! The faults of a declaration, each with its location.

use std::fmt;

/// How many faults are shown at most, so that a file with many faults does not fill the terminal.
const SHOWN: usize = 50;

/// A location in the text. It displays as `LINE:COLUMN`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Location {
    /// Counted from 1; 0 if the location is not known.
    pub(crate) line: u64,
    /// In characters, counted from 1; 0 if the location is not known.
    pub(crate) column: u64,
}

impl Location {
    /// The start of the text.
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The location right after `text`. A line ends as in YAML: with a line feed, a carriage return, or both.
    pub(super) fn after(text: &str) -> Self {
        let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
        let ends = count(text.matches(['\n', '\r'])) - count(text.matches("\r\n"));
        Self { line: 1 + ends, column: 1 + count(last.chars()) }
    }
}

fn count(items: impl Iterator) -> u64 {
    items.fold(0, |count, _| count + 1)
}

impl From<serde_saphyr::Location> for Location {
    fn from(location: serde_saphyr::Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One fault of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// Its location.
    pub(crate) at: Location,
    /// What is wrong, and what is expected instead. It repeats no word of the text.
    pub(crate) message: String,
}

/// All faults of a declaration, in the order of the text.
///
/// They display as one line `FILE:LINE:COLUMN: message` each, at most 50 of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Faults {
    file: String,
    faults: Vec<Fault>,
}

impl Faults {
    /// The faults of the file with this name, each reported once.
    pub(crate) fn new(file: &str, mut faults: Vec<Fault>) -> Self {
        faults.sort();
        faults.dedup();
        Self { file: file.to_owned(), faults }
    }

    /// The place of each fault.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn places(&self) -> impl Iterator<Item = Location> {
        self.faults.iter().map(|fault| fault.at)
    }

    /// One line per fault, at most 50 of them.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |Fault { at, message }: &Fault| match at {
            Location { line: 0, .. } => format!("{}: {message}", self.file),
            _ => format!("{}:{at}: {message}", self.file),
        };
        let mut lines: Vec<String> = self.faults.iter().take(SHOWN).map(line).collect();
        if let Some(more) = self.faults.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push(format!("{}: and {more} more", self.file));
        }
        lines
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}
