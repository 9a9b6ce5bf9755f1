//! The report that a command returns.

use std::pin::Pin;

use futures_util::Stream;
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, exit_code};
use crate::output::encode;
use crate::output::table::Table;

/// The result of a command.
pub(crate) struct Report {
    pub(super) body: Body,
    pub(super) warnings: Vec<String>,
    pub(super) failure: Option<Failure>,
    pub(super) exit_code: u8,
}

pub(super) enum Body {
    /// The data for programs, and its form for people.
    Data { json: Value, people: People },
    /// Items, printed one by one as they arrive.
    Items(Items),
    /// Text that does not depend on the output format.
    Text(String),
}

/// The form of a result for people.
pub(super) enum People {
    Table(Table),
    /// Text that is ready for the terminal: it has its colors, and text from the server is escaped.
    Text(String),
}

pub(super) type Items = Pin<Box<dyn Stream<Item = Result<Value, Failure>>>>;

impl Report {
    /// A report of `data`, shown to people as a table.
    pub(crate) fn new(data: &impl Serialize, table: Table) -> Result<Self, Failure> {
        Ok(Self::of(Body::Data { json: json(data)?, people: People::Table(table) }))
    }

    /// A report of `data`, shown to people as a text. Everything that comes from elsewhere must already be
    /// escaped in it.
    pub(crate) fn with_text(data: &impl Serialize, text: String) -> Result<Self, Failure> {
        Ok(Self::of(Body::Data { json: json(data)?, people: People::Text(text) }))
    }

    /// A report of items that are printed as they arrive, one line of JSON each.
    pub(crate) fn items(items: impl Stream<Item = Result<Value, Failure>> + 'static) -> Self {
        Self::of(Body::Items(Box::pin(items)))
    }

    /// A report of text that does not depend on the output format.
    pub(crate) fn text(text: String) -> Self {
        Self::of(Body::Text(text))
    }

    fn of(body: Body) -> Self {
        Self { body, warnings: Vec::new(), failure: None, exit_code: exit_code::OK }
    }

    /// Adds warnings. They go to standard error.
    pub(crate) fn with_warnings(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// Sets an exit code that does not mean failure.
    pub(crate) fn with_exit_code(self, exit_code: u8) -> Self {
        Self { exit_code, ..self }
    }

    /// Adds a failure that is printed after the result. Its exit code is used.
    pub(crate) fn with_failure(self, failure: Failure) -> Self {
        Self { failure: Some(failure), ..self }
    }
}

/// The JSON of a result.
pub(crate) fn json(data: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(data)
        .map_err(|error| Failure::local(format!("cannot write the result as JSON: {error}")))
}

/// Returns `yaml`, which is the YAML of `data`, or the JSON of `data` if `yaml` contains characters that a
/// terminal would interpret.
pub(crate) fn safe_yaml(yaml: String, data: &impl Serialize) -> Result<String, Failure> {
    Ok(encode::safe_yaml(yaml, &json(data)?))
}
