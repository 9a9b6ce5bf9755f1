//! Programs as a person runs them: the command itself, shells, terminals, and the pages that show them.

pub mod command;
pub mod installed;
pub mod listener;
pub mod measured;
pub mod pages;
pub mod processes;
pub mod pty;
pub mod shells;
