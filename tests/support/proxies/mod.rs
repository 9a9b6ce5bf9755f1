//! Servers that stand in front of a real one: to disturb it, or to watch for secrets.

mod answer;
mod fault;
pub mod faults;
pub mod hostile;
mod request;
pub mod secured;
pub mod tap;
