//! `schema`

use crate::context::Context;
use crate::declaration;
use crate::failure::Failure;
use crate::output::{Format, Report};

pub(crate) fn run(context: &Context<'_>) -> Result<Report, Failure> {
    let schema = declaration::schema();
    match context.format() {
        // A schema is JSON, and nothing of it is foreign.
        Format::Table => Report::with_text(&schema, format!("{schema:#}\n")),
        _ => Report::with_text(&schema, String::new()),
    }
}
