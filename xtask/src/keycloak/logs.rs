//! `cargo xtask keycloak logs`.

use anyhow::{Context as _, Result, bail};

use super::state::{Condition, Instance};
use crate::system::process::last_lines;
use crate::workspace::{data, say};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many lines from the end
    #[arg(long, short = 'n', default_value_t = 100)]
    lines: usize,
}

/// Prints the end of the log of the server that runs, or of the one that ended without `down`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let instance = Instance::Playground;
    let state = match instance.condition()? {
        Condition::Running(state) | Condition::Ended(state) | Condition::Orphaned(state) => state,
        Condition::Stopped | Condition::Unreadable(_) => {
            bail!("no Keycloak runs: start it with `cargo xtask keycloak up`")
        }
    };
    let path = instance.of_version(&state.version).log();
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    say(&format!("the whole log: {}", path.display()));
    data(&format!("{}\n", last_lines(&String::from_utf8_lossy(&bytes), args.lines)))
}
