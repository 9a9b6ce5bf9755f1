//! `cargo xtask demo`: the main job, done by the real `kxi-auth` on a real Keycloak.
//!
//! Every step runs the program as a user would and checks what the server made of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::cargo::{Tls, build_kxi_auth, without_settings};
use crate::keycloak::{self, Connection, Instance, Options};
use crate::system::files::{remove_file, write_private};
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::{data, root, say, target};

/// The client that the demonstration creates and deletes.
const CLIENT: &str = "my-service";

/// Show the main job on a real Keycloak.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

/// Runs the demonstration. A failed check ends it and names the step.
pub(crate) fn run(args: &Args) -> Result<()> {
    say("== build kxi-auth, and start a real Keycloak at the same time");
    let build = || build_kxi_auth(Tls::Rustls, &[])?.kxi_auth();
    let (mut lease, binary) = keycloak::beside(Instance::Playground, &args.options, build)?;
    let connection = lease.ready()?;
    keycloak::provide_realm(connection)?;
    let began = Stopwatch::start();
    Demo::new(&binary, connection).run()?;
    say(&format!("\nevery check passed in {:.1} s", began.elapsed().as_secs_f32()));
    lease.finish()
}

struct Demo<'a> {
    binary: &'a Path,
    connection: &'a Connection,
    /// Holds the client's secret. A client with this secret belongs to the demonstration.
    secret_file: PathBuf,
}

impl<'a> Demo<'a> {
    fn new(binary: &'a Path, connection: &'a Connection) -> Self {
        let file = target().join("keycloak/demo").join(format!("{CLIENT}.secret"));
        // Shown as one would type it in the workspace, where the commands run.
        let secret_file = file.strip_prefix(root()).unwrap_or(&file).to_path_buf();
        Self { binary, connection, secret_file }
    }

    fn run(&self) -> Result<()> {
        say("");
        for (name, value) in self.connection.insights_variables() {
            let secret = name.ends_with("PASSWORD");
            say(&format!("$ export {name}={}", if secret { "****" } else { value }));
        }
        self.step("make room", Self::make_room)?;
        let uuid = self.step("register", Self::register)?;
        self.step("register again", |demo| demo.register_again(&uuid))?;
        self.step("list", |demo| demo.list(&uuid))?;
        self.step("prove the credential", Self::token)?;
        self.step("roles in the token", Self::roles)?;
        self.step("delete", Self::delete)?;
        remove_file(&root().join(&self.secret_file))
    }

    fn step<T>(&self, name: &str, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        say(&format!("\n== {name}"));
        work(self).with_context(|| format!("step `{name}` failed"))
    }

    /// Removes the client of an earlier run. A client of anybody else is not touched.
    fn make_room(&self) -> Result<()> {
        if self.uuids()?.is_empty() {
            fact(&format!("there is no {CLIENT} yet"));
            return self.write_secret();
        }
        let ours = root().join(&self.secret_file).exists()
            && self.kxi_auth(&["client", "token", CLIENT], &[Word::SecretFile]).is_ok();
        ensure!(
            ours,
            "the realm has a client {CLIENT} that is not of this demonstration: \
             delete it yourself if it is not needed, or use another server"
        );
        fact("an interrupted demonstration left its client behind");
        self.show(&["client", "delete", CLIENT, "--yes"], &[])
    }

    fn register(&self) -> Result<String> {
        let done = self.register_with(&[Word::SecretFile])?;
        ensure!(done["created"] == true, "the client was not created: {done}");
        let uuid = text(&done, "uuid")?;
        let roles = done["roles_added"].as_array().map_or(0, Vec::len);
        ensure!(roles > 0, "no role was assigned: {done}");
        fact(&format!("created with uuid {uuid} and {roles} roles"));
        Ok(uuid)
    }

    fn register_again(&self, uuid: &str) -> Result<()> {
        let done = self.register_with(&[])?;
        let again = text(&done, "uuid")?;
        ensure!(again == uuid, "the uuid was {uuid} and is {again} now");
        ensure!(done["created"] == false, "a client was created: {done}");
        let added = done["roles_added"].as_array().context("no list of added roles")?;
        ensure!(added.is_empty(), "roles were added again: {done}");
        fact("the same uuid, nothing created, no role added");
        Ok(())
    }

    fn list(&self, uuid: &str) -> Result<()> {
        self.show(&["client", "list"], &[])?;
        let found = self.uuids()?;
        ensure!(found == [uuid], "expected {CLIENT} once, with uuid {uuid}, and found {found:?}");
        fact(&format!("{CLIENT} is there once"));
        Ok(())
    }

    fn token(&self) -> Result<()> {
        self.show(&["client", "token", CLIENT], &[Word::SecretFile])?;
        fact("signed in with the secret that was registered");
        Ok(())
    }

    fn roles(&self) -> Result<()> {
        let roles = self.json(&["role", "list"], &[])?;
        let roles = roles.as_array().context("`role list` gives no list")?;
        let token = self.json(&["client", "token", CLIENT], &[])?;
        let carried = token["roles"].as_array().context("the token has no list of roles")?;
        ensure!(!roles.is_empty(), "the realm has no roles");
        let missing: Vec<&Value> =
            roles.iter().map(|role| &role["name"]).filter(|name| !carried.contains(name)).collect();
        ensure!(missing.is_empty(), "roles of the realm that the token lacks: {missing:?}");
        let lifetime = token["expires_in"].as_u64().context("the token has no lifetime")?;
        fact(&format!("all {} roles of the realm are in the token, which lives {lifetime} s", roles.len()));
        Ok(())
    }

    fn delete(&self) -> Result<()> {
        self.show(&["client", "delete", CLIENT, "--yes"], &[])?;
        let left = self.uuids()?;
        ensure!(left.is_empty(), "{CLIENT} is still there: {left:?}");
        fact(&format!("{CLIENT} is gone"));
        Ok(())
    }

    fn register_with(&self, further: &[Word]) -> Result<Value> {
        let words = ["client", "register", CLIENT, "--roles", "all"];
        let done = self.json(&words, further)?;
        data(&format!("{done:#}\n"))?;
        Ok(done)
    }

    /// The uuids of the clients called `my-service`.
    fn uuids(&self) -> Result<Vec<String>> {
        let clients = self.json(&["client", "list"], &[])?;
        let clients = clients.as_array().context("`client list` gives no list")?;
        let ours = clients.iter().filter(|client| client["id"] == CLIENT);
        ours.map(|client| text(client, "uuid")).collect()
    }

    /// Runs a command and shows its output.
    fn show(&self, words: &[&str], further: &[Word]) -> Result<()> {
        data(&self.kxi_auth(words, further)?)
    }

    /// Runs a command for its JSON.
    fn json(&self, words: &[&str], further: &[Word]) -> Result<Value> {
        let further = [further, &[Word::Json]].concat();
        let output = self.kxi_auth(words, &further)?;
        serde_json::from_str(&output).with_context(|| format!("no JSON: {output}"))
    }

    /// Prints the command line and runs it, in the environment that was shown.
    fn kxi_auth(&self, words: &[&str], further: &[Word]) -> Result<String> {
        let mut command = Command::new(self.binary);
        command.current_dir(root()).args(words);
        for word in further {
            match word {
                Word::SecretFile => command.arg("--secret-file").arg(&self.secret_file),
                Word::Json => command.args(["-o", "json"]),
            };
        }
        let line = process::line(&command);
        let typed = line.strip_prefix(&*self.binary.to_string_lossy()).unwrap_or(&line);
        say(&format!("$ kxi-auth{typed}"));
        without_settings(&mut command);
        command.envs(self.connection.insights_variables()).stdin(Stdio::null());
        process::capture(&mut command)
    }

    fn write_secret(&self) -> Result<()> {
        write_private(&root().join(&self.secret_file), keycloak::password()?.expose_secret().as_bytes())
    }
}

/// Arguments that several commands take.
#[derive(Clone, Copy)]
enum Word {
    SecretFile,
    Json,
}

/// A line about what a check found.
fn fact(text: &str) {
    say(&format!("-> {text}"));
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str().with_context(|| format!("no `{key}` in {value}"))?;
    Ok(text.to_owned())
}
