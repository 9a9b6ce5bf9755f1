//! Programs that some tests run and a machine may lack: shells, `mandoc`, `ps`.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// Whether the test that asks can run: all of `programs` are there. Where one is missing, the test is left
/// out, and standard error says so; under `CI=true`, where `.ci/run` installs them, that is an error.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// if !kxi_auth_tests::programs::installed::are_there(&["sh"])? {
///     return Ok(());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// One is missing under `CI=true`.
pub fn are_there(programs: &[&str]) -> Result<bool> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(notice) = lacking(programs, &path, std::env::var("CI").is_ok_and(|ci| ci == "true"))? else {
        return Ok(true);
    };
    let thread = std::thread::current();
    // Not by a macro, whose output is shown of a test that fails only.
    writeln!(std::io::stderr(), "{}: {notice}", thread.name().unwrap_or("a test"))?;
    Ok(false)
}

/// Where a program is, by the folders of `path`.
pub(crate) fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What to say of the first program that is missing.
fn lacking(programs: &[&str], path: &OsStr, ci: bool) -> Result<Option<String>> {
    let Some(missing) = programs.iter().find(|name| find(name, path).is_none()) else { return Ok(None) };
    if ci {
        bail!("`{missing}` was not found: install it, as `.ci/run` does");
    }
    Ok(Some(format!("left out, for `{missing}` was not found")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_leaves_the_test_out_and_fails_where_all_are_installed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("zsh"), "").unwrap();
        std::fs::create_dir(folder.path().join("ps")).unwrap();
        let path = folder.path().as_os_str();
        for ci in [false, true] {
            assert_eq!(lacking(&["zsh"], path, ci).unwrap(), None);
        }
        for missing in ["fish", "ps"] {
            let notice = lacking(&["zsh", missing], path, false).unwrap();
            assert_eq!(notice.unwrap(), format!("left out, for `{missing}` was not found"));
            let error = lacking(&["zsh", missing], path, true).unwrap_err().to_string();
            assert_eq!(error, format!("`{missing}` was not found: install it, as `.ci/run` does"));
        }
    }
}
