//! `config path`

use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Report, Table};
use crate::settings::{FileState, candidates};

#[derive(Serialize)]
struct File {
    path: String,
    exists: bool,
    readable: bool,
    /// Whether this is the first readable file.
    used: bool,
}

pub(crate) fn run() -> Result<Report, Failure> {
    let mut found = false;
    let files: Vec<File> = candidates(std::env::home_dir())
        .iter()
        .map(|candidate| {
            let state = candidate.state();
            let used = state == FileState::There && !found;
            found |= used;
            let (path, exists) = (candidate.path.display().to_string(), state != FileState::Missing);
            File { path, exists, used, readable: state == FileState::There }
        })
        .collect();
    let state = |file: &File| match file {
        File { used: true, .. } => "used",
        File { exists: false, .. } => "does not exist",
        File { readable: false, .. } => "not used: permission denied",
        _ => "not used: the file above takes precedence",
    };
    let rows = files.iter().map(|file| [file.path.as_str().into(), state(file).into()]);
    let table = Table::rows(["file", "state"], rows);
    Report::new(&files, table)
}
