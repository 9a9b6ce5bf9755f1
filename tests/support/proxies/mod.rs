//! Servers that stand in front of a real one: to disturb it, or to watch for secrets.

mod fault;
pub mod faults;
mod request;
pub mod tap;
