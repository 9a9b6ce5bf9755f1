//! Running cargo from a task.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;
use crate::workspace::root;

/// The cargo that runs this task, in the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    without_settings(&mut command);
    command
}

/// Builds `kxi-auth`, with whatever else `selection` names, and returns its path.
pub(crate) fn build_kxi_auth(selection: &[&str]) -> Result<PathBuf> {
    let mut command = cargo();
    command.arg("build").args(selection).args(["--bin", "kxi-auth"]);
    // Only cargo knows where it puts it: the folder is a matter of configuration.
    command.arg("--message-format=json-render-diagnostics");
    let messages = process::capture(&mut command)?;
    executable(&messages, "kxi-auth").context("cargo does not say where it put kxi-auth")
}

/// Keeps the settings of the caller's own server away from what `command` runs.
pub(crate) fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("INSIGHTS_") || text.starts_with("KXI_") {
            command.env_remove(name);
        }
    }
}

fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        // The program's own unit tests are an executable of that name as well.
        let ours = message["target"]["name"] == name && message["profile"]["test"] == false;
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_the_one_of_that_name() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"record"},"profile":{"test":false},"executable":"/t/record"}
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":true},"executable":"/t/kxi-auth-1"}
no json
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":false},"executable":"/t/kxi-auth"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "kxi-auth"), Some(PathBuf::from("/t/kxi-auth")));
        assert_eq!(executable(messages, "other"), None);
    }
}
