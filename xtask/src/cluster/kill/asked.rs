//! The clients that are asked for, as a declaration.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// The realm's roles; each client has some of them.
pub(super) const ROLES: [&str; 5] = ["query", "write", "view", "all", "a,b"];
/// The owner of the clients.
pub(super) const OWNER: &str = "cluster";

/// The clients of a declaration.
pub(super) struct Asked {
    pub(super) clients: Vec<Client>,
}

/// One client as it is asked for.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) roles: Vec<&'static str>,
    pub(super) lifespan: u32,
    pub(super) description: String,
}

impl Client {
    /// Where its secret is to be written, in the folder of the declaration.
    pub(super) fn secret_file(&self) -> String {
        format!("secrets/{}.secret", self.id)
    }
}

impl Asked {
    pub(super) fn of(count: u16) -> Self {
        let client = |number: u16| Client {
            id: format!("svc-{number:04}"),
            // Each role by the bit of its place, so that every selection occurs.
            roles: ROLES
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| number >> bit & 1 == 1)
                .map(|it| it.1)
                .collect(),
            lifespan: 60 + u32::from(number),
            description: format!("client {number} of {count}"),
        };
        Self { clients: (0..count).map(client).collect() }
    }

    /// Writes the declaration into a folder of its own.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let clients: Vec<Value> = self
            .clients
            .iter()
            .map(|client| {
                json!({
                    "id": client.id,
                    "roles": client.roles,
                    "token_lifespan": client.lifespan,
                    "config": {"description": client.description},
                    "secret_out": client.secret_file(),
                })
            })
            .collect();
        let declaration = json!({"owner": OWNER, "clients": clients}).to_string();
        std::fs::create_dir_all(folder.join("secrets"))
            .and_then(|()| std::fs::write(folder.join("clients.json"), declaration))
            .with_context(|| format!("cannot write below {}", folder.display()))
    }
}
