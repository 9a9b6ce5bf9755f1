//! Running cargo from a task.

use std::path::{Path, PathBuf};
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

/// Programs that cargo has built.
pub(crate) struct Programs {
    /// What cargo says of each piece that it made or found fresh.
    artifacts: Vec<Value>,
}

/// Builds `kxi-auth`, with whatever else `selection` names.
pub(crate) fn build_kxi_auth(selection: &[&str]) -> Result<Programs> {
    let mut command = cargo();
    command.arg("build").args(selection).args(["--bin", "kxi-auth"]);
    // Only cargo knows where it puts them: the folder is a matter of configuration.
    command.arg("--message-format=json-render-diagnostics");
    Ok(Programs::parse(&process::capture(&mut command)?))
}

impl Programs {
    fn parse(messages: &str) -> Self {
        Self { artifacts: messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect() }
    }

    /// Where the command is.
    pub(crate) fn kxi_auth(&self) -> Result<PathBuf> {
        // The program's own unit tests are an executable of that name as well.
        let (_, path) = self.find("kxi-auth", false).context("cargo does not say where it put kxi-auth")?;
        Ok(path.into())
    }

    /// The tests of this name, to be run as `cargo test` runs them, but for building anything.
    pub(crate) fn tests(&self, name: &str) -> Result<Command> {
        let (artifact, path) = self
            .find(name, true)
            .with_context(|| format!("cargo does not say where it put the tests `{name}`"))?;
        let mut command = Command::new(path);
        without_settings(&mut command);
        let manifest = artifact["manifest_path"].as_str().map(Path::new);
        command.current_dir(manifest.and_then(Path::parent).context("cargo names no manifest")?);
        Ok(command)
    }

    fn find(&self, name: &str, test: bool) -> Option<(&Value, &str)> {
        self.artifacts.iter().find_map(|artifact| {
            let fits = artifact["target"]["name"] == name && artifact["profile"]["test"] == test;
            Some((artifact, artifact["executable"].as_str().filter(|_| fits)?))
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_tests_of_the_same_name_are_told_apart() {
        let programs = Programs::parse(
            r#"{"reason":"compiler-artifact","target":{"name":"record"},"profile":{"test":false},"executable":"/t/record"}
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":true},"executable":"/t/kxi-auth-1","manifest_path":"/w/cli/Cargo.toml"}
no json
{"reason":"compiler-artifact","target":{"name":"kxi-auth"},"profile":{"test":false},"executable":"/t/kxi-auth"}
{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(programs.kxi_auth().unwrap(), PathBuf::from("/t/kxi-auth"));
        let tests = programs.tests("kxi-auth").unwrap();
        assert_eq!(tests.get_program(), "/t/kxi-auth-1");
        assert_eq!(tests.get_current_dir(), Some(Path::new("/w/cli")));
        let error = programs.tests("e2e").unwrap_err();
        assert_eq!(error.to_string(), "cargo does not say where it put the tests `e2e`");
        assert!(Programs::parse("").kxi_auth().is_err());
    }
}
