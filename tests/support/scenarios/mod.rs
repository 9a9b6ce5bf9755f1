//! The named scenarios: uses of the core that are recorded once and replayed in every test run.

mod client;
mod describe;
mod refusals;
mod register;
mod roles;
mod sign_in;
mod update;

use std::future::Future;
use std::pin::Pin;

use anyhow::{Context as _, Result};
use kxi_auth_core::{ClientManager, ClientManagerBuilder, SecretString};
use serde_json::Value;

use crate::keycloak::realm::{Server, TestRealm};
use crate::recordings::replay::{Received, Replay};
use crate::recordings::stand_in;

/// One use of the core against a realm in a known state.
pub struct Scenario {
    /// The name, which its fixture's file has too.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The base path of the servers that it fits: `/auth`, or nothing for the root.
    pub base: &'static str,
    /// The realm roles that it finds beside Keycloak's own.
    pub roles: &'static [&'static str],
    /// What it finds besides, made without the core, before the recording starts.
    prepare: Prepare,
    /// The use of the core. It returns what the core returned, without secrets.
    run: Run,
}

type Prepare = for<'r> fn(&'r TestRealm) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'r>>;
type Run = fn(At) -> Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// Where a scenario runs, and as whom: what differs between recording and replay.
#[derive(Debug, Clone)]
pub struct At {
    /// The address of recorder or replay server, without a base path.
    pub host: String,
    /// The realm.
    pub realm: String,
    /// The administrator, a user of the realm `master`.
    pub username: String,
    /// The administrator's password.
    pub password: SecretString,
}

/// The realm roles that scenarios find.
const ROLES: &[&str] = &["insights.query.data", "insights.role.viewer"];

/// All scenarios.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let parts = [
        register::scenarios(),
        refusals::scenarios(),
        update::scenarios(),
        client::scenarios(),
        roles::scenarios(),
        sign_in::scenarios(),
    ];
    parts.into_iter().flatten().collect()
}

/// The scenarios for servers with this base path, and those for others.
#[must_use]
pub fn of_base(base: &str) -> (Vec<Scenario>, Vec<Scenario>) {
    all().into_iter().partition(|scenario| scenario.base == base)
}

/// The scenario of this name.
pub fn named(name: &str) -> Result<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name).with_context(|| {
        let names: Vec<_> = all().iter().map(|scenario| scenario.name).collect();
        format!("there is no scenario `{name}`; there are {}", names.join(", "))
    })
}

/// Runs the scenario of this name against a replay of its fixture; fails unless the core sent
/// exactly what was recorded. Returns what the core returned and what it sent.
pub async fn replay(name: &str) -> Result<(Value, Received)> {
    let scenario = named(name)?;
    let replay = Replay::start(name).await?;
    let at = At {
        host: replay.host(),
        realm: stand_in::REALM.to_owned(),
        username: stand_in::USERNAME.to_owned(),
        password: SecretString::from("the administrator's password"),
    };
    let outcome = scenario.run(at).await;
    // First: an unexpected request explains a failed scenario better than the core's error.
    let received = replay.finish()?;
    let outcome = received.redact(&outcome?)?;
    Ok((outcome, received))
}

impl Scenario {
    fn new(name: &'static str, about: &'static str, run: Run) -> Self {
        Self { name, about, base: "/auth", roles: ROLES, prepare: |_| Box::pin(async { Ok(()) }), run }
    }

    fn prepared(mut self, prepare: Prepare) -> Self {
        self.prepare = prepare;
        self
    }

    fn at_root(mut self) -> Self {
        self.base = "";
        self
    }

    /// Makes the realm that the scenario wants.
    pub async fn prepare(&self, server: &Server) -> Result<TestRealm> {
        let realm = TestRealm::create(server, self.roles).await?;
        (self.prepare)(&realm).await.context("the realm cannot be prepared")?;
        Ok(realm)
    }

    /// Runs the scenario.
    pub async fn run(&self, at: At) -> Result<Value> {
        (self.run)(at).await
    }
}

impl At {
    /// A manager of the realm, signed in as the administrator.
    pub fn manager(&self) -> Result<ClientManager> {
        Ok(self.builder().build()?)
    }

    /// What [`At::manager`] builds.
    pub fn builder(&self) -> ClientManagerBuilder {
        ClientManager::builder()
            .host(&self.host)
            .realm(&self.realm)
            .username(&self.username)
            .password(self.password.clone())
    }
}
