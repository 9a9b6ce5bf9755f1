//! `man [--dir DIR]`

use clap::CommandFactory as _;
use serde::Serialize;

use crate::args::{Cli, ManArgs};
use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Serialize)]
struct Written {
    dir: String,
    pages: usize,
}

pub(crate) fn run(args: &ManArgs) -> Result<Report, Failure> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command())
            .render(&mut page)
            .map_err(|error| Failure::local(format!("the manual page cannot be made: {error}")))?;
        return Ok(Report::text(String::from_utf8_lossy(&page).into_owned()));
    };
    let written = clap_mangen::generate_to(Cli::command(), dir);
    written.map_err(|error| {
        Failure::local(format!("the manual pages cannot be written to {}: {error}", dir.display()))
    })?;
    let pages = pages(&Cli::command());
    let shown = Written { dir: dir.display().to_string(), pages };
    let table = Table::fields([("folder", shown.dir.as_str().into()), ("pages", pages.to_string().into())]);
    Report::new(&shown, table)
}

/// One for the command and each below it that is not hidden.
fn pages(command: &clap::Command) -> usize {
    1 + command.get_subcommands().filter(|inner| !inner.is_hide_set()).map(pages).sum::<usize>()
}
