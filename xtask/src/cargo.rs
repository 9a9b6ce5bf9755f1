//! Running cargo from a task.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::system::process;
use crate::workspace::root;

/// The cargo that runs this task, in the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    without_settings(&mut command);
    command
}

/// The TLS library of the programs that are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    /// The one that users get.
    #[default]
    Rustls,
    /// The system's.
    Native,
}

/// The packages and features that every build of the tasks names, whatever it builds of them. Cargo chooses
/// the features of shared dependencies by this, so that another selection would build those once more.
pub(crate) fn everything(tls: Tls) -> &'static [&'static str] {
    match tls {
        Tls::Rustls => &["--workspace", "--features", "kxi-auth-tests/cli,kxi-auth-tests/e2e"],
        Tls::Native => &[
            "--workspace",
            "--no-default-features",
            "--features",
            "kxi-auth-tests/cli,kxi-auth-tests/e2e,kxi-auth-tests/native-tls,kxi-auth-cli/native-tls",
        ],
    }
}

/// Programs that cargo has built.
pub(crate) struct Programs {
    /// What cargo says of each piece that it made or found fresh.
    artifacts: Vec<Value>,
}

/// Builds `kxi-auth` as users get it, for release.
pub(crate) fn build_release() -> Result<Programs> {
    Programs::of(&["build", "--release", "--locked", "--package", "kxi-auth-cli", "--bin", "kxi-auth"])
}

/// Builds the generator, and not the client that it generates.
pub(crate) fn build_generator() -> Result<Programs> {
    Programs::of(&[&["build"], everything(Tls::Rustls), &["--bin", "xtask-codegen"]].concat())
}

/// Builds `kxi-auth`, with whatever else `targets` names.
pub(crate) fn build_kxi_auth(tls: Tls, targets: &[&str]) -> Result<Programs> {
    Programs::of(&[&["build"], everything(tls), &["--bin", "kxi-auth"], targets].concat())
}

/// Builds `kxi-auth`, and the tests of `targets` alone.
pub(crate) fn build_tests(tls: Tls, targets: &[&str]) -> Result<Programs> {
    let mut programs = Programs::of(&[&["test", "--no-run"], everything(tls), targets].concat())?;
    programs.artifacts.extend(build_kxi_auth(tls, &[])?.artifacts);
    Ok(programs)
}

impl Programs {
    fn of(words: &[&str]) -> Result<Self> {
        let mut command = cargo();
        // Only cargo knows where it puts them: the folder is a matter of configuration.
        command.args(words).arg("--message-format=json-render-diagnostics");
        Ok(Self::parse(&process::capture(&mut command)?))
    }

    fn parse(messages: &str) -> Self {
        Self { artifacts: messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect() }
    }

    /// Where the command is.
    pub(crate) fn kxi_auth(&self) -> Result<PathBuf> {
        self.program("kxi-auth")
    }

    /// Where the program of this name is.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let path = self.artifacts.iter().find_map(|artifact| {
            // The program's own unit tests are an executable of that name as well.
            let fits = artifact["target"]["name"] == name && artifact["profile"]["test"] == false;
            artifact["executable"].as_str().filter(|_| fits)
        });
        let path = path.with_context(|| format!("cargo does not say where it put {name}"))?;
        Ok(path.into())
    }

    /// The test programs, to run like `cargo test` runs them, without building anything.
    pub(crate) fn tests(&self) -> Vec<TestProgram> {
        self.artifacts.iter().filter_map(TestProgram::of).collect()
    }
}

/// A program that runs tests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestProgram {
    /// The target's name: `e2e`, or the crate whose unit tests it holds.
    pub(crate) name: String,
    path: PathBuf,
    /// The package's folder, where its tests run.
    folder: PathBuf,
}

impl TestProgram {
    fn of(artifact: &Value) -> Option<Self> {
        let path = artifact["executable"].as_str().filter(|_| artifact["profile"]["test"] == true)?;
        let folder = Path::new(artifact["manifest_path"].as_str()?).parent()?;
        let name = artifact["target"]["name"].as_str()?;
        Some(Self { name: name.to_owned(), path: path.into(), folder: folder.to_owned() })
    }

    /// Runs its tests.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        without_settings(&mut command);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

/// Runs this task once more, built with TLS.
pub(crate) fn again_with_https() -> Result<()> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--quiet", "--manifest-path"]).arg(root().join("Cargo.toml"));
    command.args(["--package", "xtask", "--bin", "xtask", "--features", "https", "--"]);
    process::run(command.args(std::env::args_os().skip(1)))
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
        let [tests] = programs.tests().try_into().unwrap();
        assert_eq!(tests.name, "kxi-auth");
        let command = tests.command();
        assert_eq!(command.get_program(), "/t/kxi-auth-1");
        assert_eq!(command.get_current_dir(), Some(Path::new("/w/cli")));
        let error = programs.program("e2e").unwrap_err();
        assert_eq!(error.to_string(), "cargo does not say where it put e2e");
        assert!(Programs::parse("").kxi_auth().is_err());
    }
}
