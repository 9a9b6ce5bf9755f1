//! What a command returns.

use std::pin::Pin;

use futures_util::Stream;
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, exit_code};
use crate::output::encode;
use crate::output::table::Table;

/// What a command found out or did.
pub(crate) struct Report {
    pub(super) body: Body,
    pub(super) warnings: Vec<String>,
    pub(super) failure: Option<Failure>,
    pub(super) exit_code: u8,
}

pub(super) enum Body {
    /// For programs, and how a person sees it.
    Data { json: Value, people: People },
    /// One item after another, as they arrive.
    Items(Items),
    /// In a form of its own, whatever format was asked for.
    Text(String),
}

/// How a person sees a result.
pub(super) enum People {
    Table(Table),
    /// Ready for the terminal: what came from the server is escaped, colours are in it.
    Text(String),
}

pub(super) type Items = Pin<Box<dyn Stream<Item = Result<Value, Failure>>>>;

impl Report {
    /// A report of `data`, and how a person sees it.
    pub(crate) fn new(data: &impl Serialize, table: Table) -> Result<Self, Failure> {
        Ok(Self::of(Body::Data { json: json(data)?, people: People::Table(table) }))
    }

    /// A report of `data`, and a text for people in which everything foreign is escaped already.
    pub(crate) fn with_text(data: &impl Serialize, text: String) -> Result<Self, Failure> {
        Ok(Self::of(Body::Data { json: json(data)?, people: People::Text(text) }))
    }

    /// Items that are printed as they arrive, a line of JSON each.
    pub(crate) fn items(items: impl Stream<Item = Result<Value, Failure>> + 'static) -> Self {
        Self::of(Body::Items(Box::pin(items)))
    }

    /// Text in a form of its own.
    pub(crate) fn text(text: String) -> Self {
        Self::of(Body::Text(text))
    }

    fn of(body: Body) -> Self {
        Self { body, warnings: Vec::new(), failure: None, exit_code: exit_code::OK }
    }

    /// What a person should know besides; it goes to standard error.
    pub(crate) fn with_warnings(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// An exit code that is no failure.
    pub(crate) fn with_exit_code(self, exit_code: u8) -> Self {
        Self { exit_code, ..self }
    }

    /// What went wrong beside the part that is reported; its exit code counts.
    pub(crate) fn with_failure(self, failure: Failure) -> Self {
        Self { failure: Some(failure), ..self }
    }
}

/// The JSON of what a command found out.
pub(crate) fn json(data: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(data).map_err(|error| Failure::local(format!("the result has no JSON: {error}")))
}

/// A YAML text of `data`, or its JSON where that holds what a terminal would act on.
pub(crate) fn safe_yaml(yaml: String, data: &impl Serialize) -> Result<String, Failure> {
    Ok(encode::safe_yaml(yaml, &json(data)?))
}
