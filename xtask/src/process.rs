//! Running other programs.
