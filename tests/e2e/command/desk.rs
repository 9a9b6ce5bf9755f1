//! A folder with a declaration, and a realm to apply it to.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::recordings::normalize::Raw;
use kxi_auth_tests::recordings::recorder::Recorder;
use serde_json::{Value, json};

use crate::setup::{realm, sorted};

/// Applies the declaration of the folder.
pub(crate) const APPLY: [&str; 5] = ["apply", "-f", "clients.yaml", "-o", "json"];

/// What a run of the command left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The result in json.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// What became of each client, from the outcomes of `apply -o json` or the clients of `plan -o json`.
    pub(crate) fn actions(&self) -> Vec<(String, String)> {
        let json = self.json();
        let clients = json.as_array().or_else(|| json["clients"].as_array()).unwrap().clone();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        clients.iter().map(|client| (word(&client["id"]), word(&client["action"]))).collect()
    }
}

/// A folder with a declaration, and a realm.
pub(crate) struct Desk {
    pub(crate) realm: TestRealm,
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self { realm: realm().await, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the declaration, or another file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn declare(&self, owner: &str, clients: &Value) {
        self.write("clients.yaml", &json!({"owner": owner, "clients": clients}).to_string());
    }

    /// A command of the realm's administrator; `-f` names the declaration.
    pub(crate) fn command(&self, host: &str, words: &[&str]) -> Command {
        let server = self.realm.server();
        let mut command = kxi_auth(host, self.realm.name(), server.username(), server.password()).unwrap();
        command.current_dir(self.folder.path()).args(words).stdin(Stdio::null());
        command
    }

    pub(crate) async fn run(&self, words: &[&str]) -> Run {
        finish(self.command(&self.realm.server().host(), words)).await
    }

    /// The same through a recorder: what was sent, too.
    pub(crate) async fn recorded(&self, words: &[&str], variables: &[(&str, &str)]) -> (Run, Vec<Raw>) {
        let recorder = Recorder::start(self.realm.server()).await.unwrap();
        let mut command = self.command(&format!("http://{}", recorder.address()), words);
        command.envs(variables.iter().copied());
        let run = finish(command).await;
        (run, recorder.finish().unwrap())
    }

    pub(crate) async fn client(&self, id: &str) -> Option<Value> {
        let found = self.realm.get("/clients?first=0&max=1000").await.unwrap();
        found.as_array().unwrap().iter().find(|client| client["clientId"] == id).cloned()
    }

    /// The client's secret as the server has it.
    pub(crate) async fn secret(&self, id: &str) -> String {
        let client = self.client(id).await.unwrap();
        let path = format!("/clients/{}/client-secret", client["id"].as_str().unwrap());
        self.realm.get(&path).await.unwrap()["value"].as_str().unwrap().to_owned()
    }

    /// The realm roles of the client's service account.
    pub(crate) async fn roles(&self, id: &str) -> Vec<String> {
        let client = self.client(id).await.unwrap();
        let path = format!("/clients/{}/service-account-user", client["id"].as_str().unwrap());
        let user = self.realm.get(&path).await.unwrap();
        let path = format!("/users/{}/role-mappings/realm", user["id"].as_str().unwrap());
        let roles = self.realm.get(&path).await.unwrap();
        sorted(roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()))
    }
}

pub(crate) async fn finish(mut command: Command) -> Run {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The requests that change something; a sign-in does not.
pub(crate) fn writes(log: &[Raw]) -> Vec<String> {
    let writes = log.iter().filter(|raw| raw.request.method != "GET" && raw.request.path.contains("/admin/"));
    writes.map(|raw| format!("{} {}", raw.request.method, raw.request.path)).collect()
}
