//! From a declaration to what has to be done, and doing it.
//!
//! declaration -> `wanted` (a registration for each client, its secret read) -> `plan` (what differs, nothing
//! written) -> `show` -> `carry_out`.

mod carry_out;
mod data;
mod deliveries;
mod plan;
mod show;
mod source;
mod wanted;

pub(crate) use crate::apply::carry_out::{Outcome, carry_out};
pub(crate) use crate::apply::deliveries::check_places;
pub(crate) use crate::apply::plan::{Action, Plan, plan};
pub(crate) use crate::apply::source::{FileArgs, read};
