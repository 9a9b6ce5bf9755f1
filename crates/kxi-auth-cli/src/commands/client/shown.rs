//! A client as commands show it.

use kxi_auth_core::{AuthClient, ClientManager, ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::commands::client::options::SecretOutArgs;
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};
use crate::secrets::{MASK, Owner, SecretFile};

/// A client, with details that depend on the command.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: &'a str,
    uuid: &'a str,
    host: &'a str,
    realm: &'a str,
    /// Details of some commands, between the client and its secret.
    #[serde(flatten)]
    details: serde_json::Map<String, serde_json::Value>,
    secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_file: Option<String>,
    #[serde(skip)]
    lines: Vec<(&'static str, Cell)>,
}

impl<'a> Shown<'a> {
    /// A client with its secret. The secret is masked except with `--show-secret`, and written to the file if
    /// there is one.
    pub(super) fn new(
        manager: &'a ClientManager,
        client: &'a AuthClient,
        args: &SecretOutArgs,
        file: Option<SecretFile>,
    ) -> Result<Self, Failure> {
        let secret_file = file.as_ref().map(|file| file.path().display().to_string());
        if let Some(file) = file {
            deliver(manager, client, file)?;
        }
        let exposed = client.secret.as_ref().map(SecretString::expose_secret);
        Ok(Self {
            id: &client.id,
            uuid: client.uuid.as_str(),
            host: &client.host,
            realm: manager.realm(),
            details: serde_json::Map::new(),
            secret: exposed.map(|secret| if args.show_secret { secret } else { MASK }),
            secret_file,
            lines: Vec::new(),
        })
    }

    /// Adds a detail: a key and a value for programs, a word and a text for people.
    pub(super) fn with(
        mut self,
        key: &'static str,
        value: impl Serialize,
        word: &'static str,
        text: impl Into<Cell>,
    ) -> Result<Self, Failure> {
        self.lines.push((word, text.into()));
        self.with_data(key, value)
    }

    /// Adds a detail for programs only.
    pub(super) fn with_data(mut self, key: &'static str, value: impl Serialize) -> Result<Self, Failure> {
        self.details.insert(key.to_owned(), crate::output::json(&value)?);
        Ok(self)
    }

    pub(super) fn report(mut self) -> Result<Report, Failure> {
        let mut table: Vec<(&'static str, Cell)> = vec![
            ("client", self.id.into()),
            ("uuid", self.uuid.into()),
            ("realm", self.realm.into()),
            ("host", self.host.into()),
        ];
        table.append(&mut self.lines);
        table.push(("secret", self.secret.unwrap_or("none").into()));
        if let Some(file) = &self.secret_file {
            table.push(("secret file", file.as_str().into()));
        }
        Report::new(&self, Table::fields(table))
    }
}

fn deliver(manager: &ClientManager, client: &AuthClient, file: SecretFile) -> Result<(), Failure> {
    let owner = Owner { host: &client.host, realm: manager.realm(), client_id: &client.id };
    match &client.secret {
        Some(secret) => file.write(owner, secret),
        None => Err(Failure::no_secret(format!(
            "client `{}` has no secret to write: it is public, or built into Keycloak",
            client.id
        ))),
    }
}
