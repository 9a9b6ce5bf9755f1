//! `completions SHELL`

use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs};
use crate::output::Report;

pub(crate) fn run(args: &CompletionsArgs) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kxi-auth", &mut script);
    Report::text(String::from_utf8_lossy(&script).into_owned())
}
