//! A realm in which one run follows the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::keycloak::realm::{Server, TestRealm};
use crate::programs::command::{kxi_auth, run};
use crate::proxies::faults::Hook;
use crate::seeded::stored::{CREATION_TIME, DEFAULT_ROLE, State, Stored, changed, comparable};
use crate::seeded::wanted::{Before, ROLES, Roles, SET_AT, attribute};

const ADMIN: &str = "lane-admin";
/// How many requests look at the clients at once.
const AT_ONCE: usize = 8;
/// How long one attempt of a request may take: with all retries less than a minute, which ends them.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(8);

/// A realm with an admin of its own, whose session can be ended without a trace in other realms.
pub struct Lane {
    realm: std::sync::Arc<TestRealm>,
    admin: String,
    password: String,
    /// What a service account is without any wish.
    plain: Map<String, Value>,
    roles: BTreeMap<String, Value>,
    timeout: Duration,
}

impl Lane {
    /// Makes the realm.
    pub async fn start(server: &Server) -> Result<Self> {
        let realm = TestRealm::create(server, &ROLES).await?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).context("the system gives no random numbers")?;
        let password = format!("{:032x}", u128::from_ne_bytes(random));
        realm.add_admin(ADMIN, &password, &["realm-admin"]).await?;
        let user = realm.get(&format!("/users?username={ADMIN}&exact=true")).await?;
        let admin = user[0]["id"].as_str().context("the admin was not made")?.to_owned();
        let mut roles = BTreeMap::new();
        for role in realm.get("/roles").await?.as_array().into_iter().flatten() {
            roles.insert(role["name"].as_str().unwrap_or_default().to_owned(), role.clone());
        }
        let realm = std::sync::Arc::new(realm);
        let (plain, timeout) = (Map::new(), *TIMEOUT.start());
        let mut lane = Self { realm, admin, password, plain, roles, timeout };
        let began = Instant::now();
        lane.plain = lane.plain_client().await?;
        // As long as a whole registration took: a busy machine is no fault.
        let seconds = began.elapsed().as_secs() + 1;
        lane.timeout = Duration::from_secs(seconds).clamp(*TIMEOUT.start(), *TIMEOUT.end());
        Ok(lane)
    }

    /// Deletes the realm.
    pub async fn finish(self) -> Result<()> {
        let realm = std::sync::Arc::try_unwrap(self.realm).ok().context("the realm is still in use")?;
        realm.delete().await
    }

    /// Where the server is, without the base path.
    pub(super) fn host(&self) -> String {
        self.realm.server().host()
    }

    pub(super) fn realm(&self) -> &str {
        self.realm.name()
    }

    /// How long one attempt of a request may take in a run with faults.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    pub(super) fn plain(&self) -> &Map<String, Value> {
        &self.plain
    }

    /// The command of the realm's admin, in a folder.
    pub(super) fn command(&self, host: &str, folder: &Path, words: &[String]) -> Result<Command> {
        let mut command = kxi_auth(host, self.realm.name(), ADMIN, &self.password)?;
        command.env("INSIGHTS_ADMIN_REALM", self.realm.name()).env("INSIGHTS_ALLOW_HTTP", "true");
        command.current_dir(folder).args(words).args(["-o", "json"]).stdin(Stdio::null());
        Ok(command)
    }

    /// Ends the admin's session on the server, so that its token is no longer accepted.
    pub(super) fn end_session(&self) -> Hook {
        let (realm, path) = (self.realm.clone(), format!("/users/{}/logout", self.admin));
        Hook::new(move || {
            let (realm, path) = (realm.clone(), path.clone());
            async move { realm.post(&path, &json!({})).await.map(drop) }
        })
    }

    /// Signs in again before the next look: the server was started again.
    pub(super) async fn forget_sign_in(&self) {
        self.realm.server().forget_sign_in().await;
    }

    /// Makes the clients that are there before a run.
    pub(super) async fn prepare(&self, clients: &[Before]) -> Result<()> {
        for client in clients {
            let mut fields = changed(&self.plain, &client.fields);
            // The server makes it.
            fields.remove("access");
            fields.insert("clientId".to_owned(), json!(client.id));
            fields.insert("secret".to_owned(), json!(client.secret));
            attribute(&mut fields, CREATION_TIME, SET_AT);
            let uuid = self.realm.post("/clients", &Value::Object(fields)).await?;
            if client.roles.is_empty() {
                continue;
            }
            let roles: Vec<&Value> = client.roles.iter().filter_map(|name| self.roles.get(name)).collect();
            let path = format!("/users/{}/role-mappings/realm", self.account(&uuid).await?);
            self.realm.post(&path, &json!(roles)).await?;
        }
        Ok(())
    }

    /// The clients whose IDs begin so, as they are stored.
    pub(super) async fn state(&self, prefix: &str) -> Result<State> {
        let look = |client: Value| async move {
            let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
            let (id, uuid) = (text("clientId"), text("id"));
            let has_account = client["serviceAccountsEnabled"] == true;
            let roles = if has_account { Some(self.roles_of(&uuid).await?) } else { None };
            Ok::<_, anyhow::Error>((id, Stored::new(client, roles)))
        };
        let mut looks = stream::iter(self.clients(prefix).await?).map(look).buffered(AT_ONCE);
        let mut state = State::new();
        while let Some((id, stored)) = looks.try_next().await? {
            state.entry(id).or_default().push(stored);
        }
        Ok(state)
    }

    /// Deletes the clients whose IDs begin so.
    pub(super) async fn clear(&self, prefix: &str) -> Result<()> {
        let remove = |client: Value| async move {
            self.realm.remove(&format!("/clients/{}", client["id"].as_str().unwrap_or_default())).await
        };
        stream::iter(self.clients(prefix).await?).map(remove).buffered(AT_ONCE).try_collect().await
    }

    /// Those of the clients that can sign in with these secrets.
    pub(super) async fn sign_in(&self, clients: Vec<(String, String)>) -> Result<BTreeSet<String>> {
        let sign_in = |(id, secret): (String, String)| async move {
            let signs_in = self.realm.signs_in(&id, &secret).await?;
            Ok::<_, anyhow::Error>(signs_in.then_some(id))
        };
        let done: Vec<_> = stream::iter(clients).map(sign_in).buffered(AT_ONCE).try_collect().await?;
        Ok(done.into_iter().flatten().collect())
    }

    async fn clients(&self, prefix: &str) -> Result<Vec<Value>> {
        let mut clients = Vec::new();
        // Small pages: the server's work for one grows with its square.
        for first in (0..).step_by(50) {
            let path = format!("/clients?clientId={prefix}&search=true&first={first}&max=50");
            let page = self.realm.get(&path).await?;
            let page = page.as_array().context("no list of clients")?;
            clients.extend(page.iter().cloned());
            if page.len() < 50 {
                break;
            }
        }
        clients.retain(|client| client["clientId"].as_str().is_some_and(|id| id.starts_with(prefix)));
        Ok(clients)
    }

    async fn roles_of(&self, uuid: &str) -> Result<Roles> {
        let path = format!("/users/{}/role-mappings", self.account(uuid).await?);
        let mappings = self.realm.get(&path).await?;
        let names = |roles: &Value| -> Vec<String> {
            let roles = roles.as_array().into_iter().flatten();
            roles.filter_map(|role| role["name"].as_str()).map(str::to_owned).collect()
        };
        let default = format!("default-roles-{}", self.realm.name());
        let of_realm = names(&mappings["realmMappings"]).into_iter();
        let mut roles: Roles =
            of_realm.map(|name| if name == default { DEFAULT_ROLE.to_owned() } else { name }).collect();
        for (client, mapping) in mappings["clientMappings"].as_object().into_iter().flatten() {
            roles.extend(names(&mapping["mappings"]).iter().map(|role| format!("{client}: {role}")));
        }
        Ok(roles)
    }

    async fn account(&self, uuid: &str) -> Result<String> {
        let user = self.realm.get(&format!("/clients/{uuid}/service-account-user")).await?;
        Ok(user["id"].as_str().context("a client without a service account")?.to_owned())
    }

    /// What the command makes if nothing but an ID is asked for, and nothing fails.
    async fn plain_client(&self) -> Result<Map<String, Value>> {
        let words = ["client", "register", "plain", "--roles", "none"].map(str::to_owned);
        let ran = run(self.command(&self.host(), Path::new("."), &words)?, "").await?;
        ensure!(ran.code == 0, "a client cannot be registered: {}", ran.stderr);
        let client = self.clients("plain").await?.pop().context("the plain client is not there")?;
        self.clear("plain").await?;
        Ok(comparable(client))
    }
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, content: &str) -> Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(content.as_bytes())?)
}

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) content: String,
    /// Its permissions.
    pub(super) mode: u32,
}

/// The files of a folder and of those in it, by name.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<String, Kept>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let inner = self::files(&entry.path())?;
            files.extend(inner.into_iter().map(|(file, kept)| (format!("{name}/{file}"), kept)));
        } else {
            let content = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
            let mode = entry.metadata()?.permissions().mode() & 0o777;
            files.insert(name, Kept { content, mode });
        }
    }
    Ok(files)
}
