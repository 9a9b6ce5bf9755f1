//! `schema`

use crate::context::Context;
use crate::declaration;
use crate::failure::Failure;
use crate::output::{Format, Report};

pub(crate) fn run(context: &Context<'_>) -> Result<Report, Failure> {
    let schema = declaration::schema();
    match context.format() {
        // People also get the schema as JSON. Nothing in it comes from outside, so it needs no escaping.
        Format::Table => Report::with_text(&schema, format!("{schema:#}\n")),
        _ => Report::with_text(&schema, String::new()),
    }
}
