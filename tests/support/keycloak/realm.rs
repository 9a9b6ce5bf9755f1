//! A running Keycloak and realms of one's own on it, over its plain REST interface: what a test
//! prepares must not depend on the code under test.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a token is used: one of the realm `master` lives a minute.
const TOKEN_LIFE: Duration = Duration::from_secs(30);

/// A running Keycloak and its administrator.
#[derive(Debug, Clone)]
pub struct Server {
    url: url::Url,
    username: String,
    password: SecretString,
    http: reqwest::Client,
    token: Arc<Mutex<Option<(SecretString, Instant)>>>,
}

impl Server {
    /// The server that `KXI_TEST_KEYCLOAK_URL` (with the base path), `KXI_TEST_ADMIN_USERNAME` and
    /// `KXI_TEST_ADMIN_PASSWORD` name.
    pub fn from_env() -> Result<Self> {
        let variable = |name: &str| {
            std::env::var(name).with_context(|| {
                format!("{name} is not set: run this through `cargo xtask test` or `cargo xtask record`")
            })
        };
        let password = SecretString::from(variable("KXI_TEST_ADMIN_PASSWORD")?);
        Self::new(&variable("KXI_TEST_KEYCLOAK_URL")?, &variable("KXI_TEST_ADMIN_USERNAME")?, password)
    }

    /// The server at `url`, its base path included.
    pub fn new(url: &str, username: &str, password: SecretString) -> Result<Self> {
        let url = url::Url::parse(url.trim_end_matches('/'))
            .with_context(|| format!("the server's address {url} is no URL"))?;
        Ok(Self { url, username: username.to_owned(), password, http: http()?, token: Arc::default() })
    }

    /// The address without the base path: what a user gives as host.
    #[must_use]
    pub fn host(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        self.url.authority().to_owned()
    }

    /// The path in front of the server's own ones: `/auth`, or nothing.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The administrator's name, a user of the realm `master`.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The administrator's password, in the clear.
    #[must_use]
    pub fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// The server's version, such as `26.7.3`.
    pub async fn version(&self) -> Result<String> {
        let info = self.admin(Method::GET, "/serverinfo", None).await?.1;
        let version = info.pointer("/systemInfo/version").and_then(Value::as_str);
        Ok(version.context("the server does not tell its version")?.to_owned())
    }

    /// The response of the Admin API to `path`, which follows `/admin`: the `Location` and the JSON.
    ///
    /// While another test deletes its realm, the server responds with 500 to what looks at the roles of its own
    /// administrator, those of each realm (26.7.3). A preparation is sent again until that has passed: it is not
    /// what is tested.
    async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(String, Value)> {
        let mut pauses = [100, 400, 1000, 2000, 4000].into_iter().map(Duration::from_millis);
        loop {
            match self.admin_once(method.clone(), path, body).await {
                Err(error) if format!("{error:#}").contains("answered 500") => match pauses.next() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(error),
                },
                outcome => return outcome,
            }
        }
    }

    async fn admin_once(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(String, Value)> {
        let base = format!("{}{}", self.host(), self.base_path());
        let what = format!("{method} /admin{path}");
        let token = self.token(&base).await?;
        let mut request =
            self.http.request(method, format!("{base}/admin{path}")).bearer_auth(token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.with_context(|| what.clone())?;
        let status = response.status();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        let text = response.text().await.with_context(|| what.clone())?;
        if !status.is_success() {
            bail!("{what}: the server answered {status} {text}");
        }
        let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? };
        Ok((location, json))
    }

    /// Makes the next request sign in again.
    pub async fn forget_sign_in(&self) {
        *self.token.lock().await = None;
    }

    /// A token of the administrator, asked for again when it could expire in use.
    async fn token(&self, base: &str) -> Result<SecretString> {
        let mut kept = self.token.lock().await;
        if let Some((token, since)) = kept.as_ref()
            && since.elapsed() < TOKEN_LIFE
        {
            return Ok(token.clone());
        }
        let since = Instant::now();
        let token = self.sign_in(base).await?;
        *kept = Some((token.clone(), since));
        Ok(token)
    }

    async fn sign_in(&self, base: &str) -> Result<SecretString> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", self.username()),
            ("password", self.password()),
        ];
        let url = format!("{base}/realms/master/protocol/openid-connect/token");
        let response = self.http.post(url).form(&form).send().await;
        let response = response.with_context(|| format!("no Keycloak answers at {base}"))?;
        if response.status() != StatusCode::OK {
            bail!("cannot sign in as {} at {base}: {}", self.username, response.status());
        }
        let answer: Value = response.json().await?;
        Ok(answer["access_token"].as_str().context("no access token in the answer")?.into())
    }
}

fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?)
}

/// The kind of component that signs a realm's tokens.
const KEYS: &str = "org.keycloak.keys.KeyProvider";

/// A realm's keys as the server makes them itself, but for their length: to find long ones takes it three
/// quarters of the time that a new realm takes.
fn keys() -> Value {
    let provider = |name: &str, kind: &str, further: Value| {
        let mut config = json!({"priority": ["100"]});
        if let (Some(config), Value::Object(further)) = (config.as_object_mut(), further) {
            config.extend(further);
        }
        json!({"name": name, "providerId": kind, "config": config})
    };
    let short = || json!({"keySize": ["1024"]});
    json!([
        provider("rsa-generated", "rsa-generated", short()),
        provider("rsa-enc-generated", "rsa-enc-generated", short()),
        provider("hmac-generated-hs512", "hmac-generated", json!({"algorithm": ["HS512"]})),
        provider("aes-generated", "aes-generated", json!({})),
    ])
}

/// A realm of its own, named like no other; gone at the end, even if the test panics.
#[derive(Debug)]
pub struct TestRealm {
    server: Server,
    name: String,
    deleted: bool,
}

impl TestRealm {
    /// A new realm with these roles beside Keycloak's own.
    pub async fn create(server: &Server, roles: &[&str]) -> Result<Self> {
        Self::import(server, roles, &json!({})).await
    }

    /// The same, imported with further settings.
    pub async fn import(server: &Server, roles: &[&str], settings: &Value) -> Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).context("the system gives no random numbers")?;
        let name = format!("kxi-test-{:016x}", u64::from_ne_bytes(random));
        let mut realm = json!({"realm": name, "enabled": true, "components": {KEYS: keys()}});
        if let (Some(realm), Some(settings)) = (realm.as_object_mut(), settings.as_object()) {
            realm.extend(settings.clone());
        }
        server
            .admin(Method::POST, "/realms", Some(&realm))
            .await
            .context("the test's realm cannot be made")?;
        let realm = Self { server: server.clone(), name, deleted: false };
        for role in roles {
            realm.post("/roles", &json!({"name": role})).await?;
        }
        Ok(realm)
    }

    /// The realm's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Renames the realm.
    pub async fn rename(&mut self, name: String) -> Result<()> {
        self.put("", &json!({"realm": name})).await?;
        self.name = name;
        Ok(())
    }

    /// The server that it is on.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Deletes the realm and all that is in it.
    pub async fn delete(mut self) -> Result<()> {
        self.deleted = true;
        self.admin(Method::DELETE, "", None).await.map(drop)
    }

    /// `GET` of a path within the realm's admin interface, such as `/clients`; the scopes of clients sorted.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let mut found = self.admin(Method::GET, path, None).await?.1;
        match &mut found {
            Value::Array(many) => many.iter_mut().for_each(sort_scopes),
            one => sort_scopes(one),
        }
        Ok(found)
    }

    /// `POST`; returns the new thing's id where the server names one.
    pub async fn post(&self, path: &str, body: &Value) -> Result<String> {
        let (location, _) = self.admin(Method::POST, path, Some(body)).await?;
        Ok(location.rsplit('/').next().unwrap_or_default().to_owned())
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: &Value) -> Result<()> {
        self.admin(Method::PUT, path, Some(body)).await.map(drop)
    }

    /// `DELETE`.
    pub async fn remove(&self, path: &str) -> Result<()> {
        self.admin(Method::DELETE, path, None).await.map(drop)
    }

    /// Whether a client can sign in with this secret.
    pub async fn signs_in(&self, client_id: &str, secret: &str) -> Result<bool> {
        let server = &self.server;
        let realm = format!("{}{}/realms/{}", server.host(), server.base_path(), self.name);
        let form =
            [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret)];
        let request = server.http.post(format!("{realm}/protocol/openid-connect/token")).form(&form);
        match request.send().await.context("the sign-in of a client")?.status() {
            StatusCode::OK => Ok(true),
            StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => Ok(false),
            other => bail!("the sign-in of the client {client_id}: the server answered {other}"),
        }
    }

    /// A user with a password and roles of the client `realm-management`, such as `view-clients`:
    /// an administrator of this realm alone.
    pub async fn add_admin(&self, username: &str, password: &str, roles: &[&str]) -> Result<()> {
        let user = json!({
            "username": username,
            "enabled": true,
            "email": format!("{username}@example.com"),
            "emailVerified": true,
            "firstName": "Test",
            "lastName": "Admin",
            "credentials": [{"type": "password", "value": password, "temporary": false}],
        });
        let user = self.post("/users", &user).await?;
        self.grant(&user, roles).await
    }

    /// Gives a user, by its id, these roles of the client `realm-management`.
    pub async fn grant(&self, user: &str, roles: &[&str]) -> Result<()> {
        let clients = self.get("/clients?clientId=realm-management").await?;
        let client = clients[0]["id"].as_str().context("the realm has no realm-management")?;
        let mut mapping = Vec::new();
        for role in roles {
            mapping.push(self.get(&format!("/clients/{client}/roles/{role}")).await?);
        }
        let path = format!("/users/{user}/role-mappings/clients/{client}");
        self.post(&path, &Value::Array(mapping)).await.map(drop)
    }

    async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(String, Value)> {
        self.server.admin(method, &format!("/realms/{}{path}", self.name), body).await
    }
}

/// Sorts the scopes of a client as the server returns it: the server keeps no order of them.
fn sort_scopes(client: &mut Value) {
    for scopes in ["defaultClientScopes", "optionalClientScopes"] {
        if let Some(scopes) = client.get_mut(scopes).and_then(Value::as_array_mut) {
            scopes.sort_by_key(ToString::to_string);
        }
    }
}

impl Drop for TestRealm {
    fn drop(&mut self) {
        if self.deleted {
            return;
        }
        // A failed test gets here. A thread of its own, because the test's runtime cannot wait; and
        // connections of its own, because the old ones are driven by that runtime.
        let (mut server, path) = (self.server.clone(), format!("/realms/{}", self.name));
        let deletion = std::thread::spawn(move || -> Result<()> {
            server.http = http()?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(server.admin(Method::DELETE, &path, None)).map(drop)
        });
        if !matches!(deletion.join(), Ok(Ok(()))) {
            let _ = writeln!(std::io::stderr(), "the realm {} is left on the server", self.name);
        }
    }
}
