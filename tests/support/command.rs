//! The built `kxi-auth`, as a user would run it.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context as _, Result};

/// The binary under test; `cargo xtask test` builds it and names it in `KXI_TEST_BIN`.
pub fn binary() -> Result<PathBuf> {
    let path = std::env::var_os("KXI_TEST_BIN");
    Ok(path.context("KXI_TEST_BIN is not set: run this through `cargo xtask test`")?.into())
}

/// A command with no variable but those of the connection. `host` is without the base path.
pub fn kxi_auth(host: &str, realm: &str, username: &str, password: &str) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command
        .env_clear()
        .env("INSIGHTS_URL", host)
        .env("INSIGHTS_REALM", realm)
        .env("INSIGHTS_ADMIN_USERNAME", username)
        .env("INSIGHTS_ADMIN_PASSWORD", password);
    Ok(command)
}

/// What a run showed, for a snapshot: exit code, standard output, standard error.
#[must_use]
pub fn shown(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}")
}
