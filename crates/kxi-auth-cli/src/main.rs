//! The `kxi-auth` command.
fn main() {}
