//! Programs, files and time of this machine.

pub(crate) mod files;
pub(crate) mod group;
pub(crate) mod interrupt;
pub(crate) mod port;
pub(crate) mod process;
pub(crate) mod ready;
pub(crate) mod stopwatch;
