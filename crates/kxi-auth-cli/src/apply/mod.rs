//! From a declaration to a plan, and from the plan to the realm.
//!
//! declaration -> `wanted` (a registration for each client, with its secret) -> `plan` (the differences; nothing is
//! written) -> `show` -> `carry_out`.

mod carry_out;
mod data;
mod deliveries;
mod delivering;
mod plan;
mod show;
mod source;
mod visible;
mod wanted;

pub(crate) use crate::apply::carry_out::{ClientResult, carry_out};
pub(crate) use crate::apply::deliveries::check_places;
pub(crate) use crate::apply::plan::{Action, Plan, plan};
pub(crate) use crate::apply::source::{FileArgs, read};
pub(crate) use crate::apply::visible::Visible;
