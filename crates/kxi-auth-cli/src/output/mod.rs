//! The reports that commands return, and the one place that prints them: the result to standard output,
//! everything else to standard error.

mod encode;
mod escape;
mod format;
mod printer;
mod progress;
mod report;
pub(crate) mod roles;
mod table;
pub(crate) mod trace;

#[cfg(any(test, fuzzing))]
pub(crate) use crate::output::encode::{json as document, yaml};
#[cfg(any(test, fuzzing))]
pub(crate) use crate::output::escape::is_unsafe;
pub(crate) use crate::output::escape::plain;
pub(crate) use crate::output::format::{Format, OutputArgs};
pub(crate) use crate::output::printer::{Printer, goes_to_a_file};
pub(crate) use crate::output::progress::Progress;
pub(crate) use crate::output::report::{Report, json, safe_yaml};
pub(crate) use crate::output::table::{Cell, Table};
