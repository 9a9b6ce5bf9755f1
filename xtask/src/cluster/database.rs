//! The database of both nodes: a PostgreSQL of its own.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use nix::unistd::{Uid, User};
use secrecy::ExposeSecret as _;

use super::paths;
use super::programs::Programs;
use crate::keycloak::Credentials;
use crate::system::files::{remove_file, remove_folder};
use crate::system::{group, process};

/// The database that `initdb` makes.
pub(super) const NAME: &str = "postgres";

/// Makes an empty database, whose only user has a password.
///
/// Text is sorted by the rules of a language, as it is in the container image of PostgreSQL: an order by
/// bytes would hide what relies on one.
pub(super) fn create(programs: &Programs, user: &Credentials) -> Result<()> {
    let folder = paths::postgresql();
    remove_folder(&folder)?;
    let password = folder.join("password");
    let prepare = || -> std::io::Result<()> {
        std::fs::create_dir_all(&folder)?;
        own(&folder, 0o700)?;
        std::fs::write(&password, "")?;
        own(&password, 0o600)?;
        std::fs::write(&password, user.password.expose_secret())
    };
    prepare().with_context(|| format!("cannot write below {}", folder.display()))?;
    let mut initdb = as_postgres(&programs.postgresql.join("initdb"))?;
    initdb.arg("-D").arg(folder.join("data")).args(["-U", &user.username, "-E", "UTF8", "--no-sync"]);
    initdb.args(["-A", "scram-sha-256", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]);
    initdb.arg(format!("--pwfile={}", password.display()));
    process::run_quiet(&mut initdb, "install PostgreSQL 15 or later").with_context(|| {
        format!(
            "cannot make a database below {}, which PostgreSQL's user must be able to enter",
            folder.display()
        )
    })?;
    remove_file(&password)
}

/// The server: on loopback, without a socket in a folder that others use too.
pub(super) fn server(programs: &Programs, port: u16, log: &Path) -> Result<Command> {
    let mut command = as_postgres(&programs.postgresql.join("postgres"))?;
    command
        .arg("-D")
        .arg(paths::postgresql().join("data"))
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        .args(["-c", &format!("port={port}")]);
    group::lead(&mut command, log)?;
    Ok(command)
}

/// Whether it accepts connections.
pub(super) fn ask(programs: &Programs, port: u16) -> Result<(), String> {
    let mut command = Command::new(programs.postgresql.join("pg_isready"));
    command.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
    process::run_quiet(&mut command, "install PostgreSQL's client programs")
        .map(drop)
        .map_err(|error| format!("{error:#}"))
}

/// A program of PostgreSQL, which refuses to run as root.
fn as_postgres(program: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(user) = postgres()? {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    Ok(command)
}

/// The user to switch to; nothing if this is an ordinary user already.
fn postgres() -> Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let user = User::from_name("postgres").context("cannot look up the user `postgres`")?;
    user.context("there is no user `postgres`, as which root has to run PostgreSQL").map(Some)
}

/// Hands a file or a folder to the user that PostgreSQL runs as.
fn own(path: &Path, mode: u32) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    match postgres().map_err(std::io::Error::other)? {
        Some(user) => chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())),
        None => Ok(()),
    }
}
