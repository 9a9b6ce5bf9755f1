//! `config path`

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Report, Table};
use crate::settings::candidates;

#[derive(Serialize)]
struct File {
    path: String,
    exists: bool,
    /// The first that exists.
    used: bool,
}

pub(crate) fn run(_: &Context<'_>) -> Result<Report, Failure> {
    let mut found = false;
    let files: Vec<File> = candidates(std::env::home_dir())
        .iter()
        .map(|candidate| {
            let exists = candidate.path.exists();
            let used = exists && !found;
            found |= exists;
            File { path: candidate.path.display().to_string(), exists, used }
        })
        .collect();
    let state = |file: &File| match (file.used, file.exists) {
        (true, _) => "used",
        (false, true) => "there, not used: the one above is",
        (false, false) => "not there",
    };
    let rows = files.iter().map(|file| [file.path.as_str().into(), state(file).into()]);
    let table = Table::rows(["file", "state"], rows);
    Report::new(&files, table)
}
