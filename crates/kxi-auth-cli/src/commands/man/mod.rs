//! `man [--dir DIR]`

mod page;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command to this existing folder, instead of printing the main page.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Serialize)]
struct Written {
    dir: String,
    pages: usize,
}

pub(crate) fn run(args: &ManArgs, definition: Command) -> Result<Report, Failure> {
    let mut command = definition.disable_help_subcommand(true);
    command.build();
    let Some(dir) = &args.dir else {
        let page = page::render(&command, None)
            .map_err(|error| Failure::local(format!("cannot create the manual page: {error}")))?;
        return Ok(Report::text(page));
    };
    let pages = write(&command, None, dir).map_err(|error| {
        Failure::local(format!("cannot write the manual pages to {}: {error}", dir.display()))
    })?;
    let shown = Written { dir: dir.display().to_string(), pages };
    let table = Table::fields([("folder", shown.dir.as_str().into()), ("pages", pages.to_string().into())]);
    Report::new(&shown, table)
}

/// Writes a page for the command and for each visible command below it. Returns the number of pages.
fn write(command: &Command, above: Option<&Command>, dir: &Path) -> std::io::Result<usize> {
    let page = page::render(command, above)?;
    std::fs::write(dir.join(format!("{}.1", page::name(command))), page)?;
    let mut pages = 1;
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        pages += write(inner, Some(command), dir)?;
    }
    Ok(pages)
}
