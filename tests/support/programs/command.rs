//! The built `kxi-auth`, as a user would run it.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The binary under test; `cargo xtask test` builds it and names it in `KXI_TEST_BIN`.
pub fn binary() -> Result<PathBuf> {
    let path = std::env::var_os("KXI_TEST_BIN");
    Ok(path.context("KXI_TEST_BIN is not set: run this through `cargo xtask test`")?.into())
}

/// The command without any variable, and without the profiles of whoever runs the tests.
pub fn bare() -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.env_clear().env("HOME", "/no/such/home");
    Ok(command)
}

/// A command with no variable but those of the connection. `host` is without the base path.
pub fn kxi_auth(host: &str, realm: &str, username: &str, password: &str) -> Result<Command> {
    let mut command = bare()?;
    command
        .env("INSIGHTS_URL", host)
        .env("INSIGHTS_REALM", realm)
        .env("INSIGHTS_ADMIN_USERNAME", username)
        .env("INSIGHTS_ADMIN_PASSWORD", password);
    Ok(command)
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The result, of a run with `-o json`.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("not JSON: {self:?}"))
    }

    /// What went wrong, of a run with `-o json`.
    pub fn error(&self) -> Result<Value> {
        let value: Value =
            serde_json::from_str(&self.stderr).with_context(|| format!("not JSON: {self:?}"))?;
        Ok(value["error"].clone())
    }

    /// All that it wrote.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end, with this text on its standard input. It waits in the background: what the
/// command talks to may live on the same runtime.
pub async fn run(command: Command, stdin: &str) -> Result<Ran> {
    let stdin = stdin.to_owned();
    let ran = tokio::task::spawn_blocking(move || -> Result<Ran> {
        let mut command = assert_cmd::Command::from_std(command);
        let output = command.write_stdin(stdin).output().context("the command cannot be run")?;
        Ok(Ran {
            code: output.status.code().context("a signal ended the command")?,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    });
    ran.await?
}

/// What a run showed, for a snapshot: exit code, standard output, standard error.
#[must_use]
pub fn shown(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}")
}
