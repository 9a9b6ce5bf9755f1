//! What a playground needs of the Admin REST API.
//!
//! Plain requests instead of the generated client: these tasks must run while that does not
//! compile.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::connection::{self, Connection, REALM};
use super::paths;
use crate::workspace::say;

/// The realm roles that the documentation of kdb Insights Enterprise names.
const ROLES: [&str; 7] = [
    "insights.client.create",
    "insights.client.delete",
    "insights.entitlements.admin",
    "insights.query.data",
    "insights.query.qsql",
    "insights.query.sql",
    "insights.role.viewer",
];

/// Makes sure that the realm `insights` exists with its roles; what is there already stays.
pub(crate) fn provide_realm(connection: &Connection) -> Result<()> {
    let admin = Admin::sign_in(connection)?;
    let realms = format!("{}/admin/realms", connection.base_url);
    let roles = format!("{realms}/{REALM}/roles");
    let mut made = Vec::new();
    let mut found = admin.get(&roles, &[StatusCode::OK, StatusCode::NOT_FOUND])?;
    if found.status() == StatusCode::NOT_FOUND {
        let realm = json!({ "realm": REALM, "enabled": true });
        admin.create(&realms, &realm).with_context(|| format!("cannot create realm {REALM}"))?;
        made.push(format!("realm {REALM}"));
        found = admin.get(&roles, &[StatusCode::OK])?;
    }
    let found: Value = found.body_mut().read_json().context("the list of roles is no JSON")?;
    let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
    let missing = |name: &&str| !found.iter().any(|role| role["name"] == **name);
    for name in ROLES.into_iter().filter(missing) {
        admin
            .create(&roles, &json!({ "name": name }))
            .with_context(|| format!("cannot create role {name}"))?;
        made.push(format!("role {name}"));
    }
    if let Some(line) = summary(&connection.base_url, &made) {
        say(&line);
    }
    Ok(())
}

/// The server may be somebody's own: what is left on it has to be said.
fn summary(base_url: &str, made: &[String]) -> Option<String> {
    let what = made.join(", ");
    (!made.is_empty()).then(|| format!("created at {base_url}, where it stays: {what}"))
}

/// A signed-in administrator.
pub(crate) struct Admin {
    http: Agent,
    /// Lives for a minute, which is enough for a handful of requests.
    token: SecretString,
}

impl Admin {
    /// Signs in; the token is not renewed.
    pub(crate) fn sign_in(connection: &Connection) -> Result<Self> {
        let http = connection::http(Duration::from_mins(1));
        let url = format!("{}/realms/master/protocol/openid-connect/token", connection.base_url);
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", &connection.username),
            ("password", connection.password.expose_secret()),
        ];
        let mut answer = http.post(&url).send_form(form).context("cannot sign in to Keycloak")?;
        let status = answer.status();
        let body: Value = answer.body_mut().read_json().unwrap_or_default();
        let Some(token) = body["access_token"].as_str() else {
            bail!(
                "the Keycloak at {} does not let the administrator {} in ({status}, {}): check \
                 KXI_TEST_ADMIN_USERNAME and KXI_TEST_ADMIN_PASSWORD if you gave it; otherwise \
                 remove its folder below {} after `cargo xtask keycloak down`",
                connection.base_url,
                connection.username,
                body["error_description"].as_str().unwrap_or("no reason given"),
                paths::folder().display(),
            );
        };
        Ok(Self { http, token: token.to_owned().into() })
    }

    fn get(&self, url: &str, expected: &[StatusCode]) -> Result<Response<Body>> {
        let request = self.http.get(url).header("authorization", self.bearer());
        checked(url, request.call()?, expected)
    }

    /// What the server has at `url`.
    pub(crate) fn json(&self, url: &str) -> Result<Value> {
        let mut response = self.get(url, &[StatusCode::OK])?;
        response.body_mut().read_json().with_context(|| format!("{url} is no JSON"))
    }

    /// Deletes something.
    pub(crate) fn delete(&self, url: &str) -> Result<()> {
        let request = self.http.delete(url).header("authorization", self.bearer());
        checked(url, request.call()?, &[StatusCode::NO_CONTENT]).map(drop)
    }

    /// Creates something; that it exists already, perhaps by another task, is as good.
    pub(crate) fn create(&self, url: &str, body: &Value) -> Result<()> {
        let request = self.http.post(url).header("authorization", self.bearer());
        checked(url, request.send_json(body)?, &[StatusCode::CREATED, StatusCode::CONFLICT]).map(drop)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.expose_secret())
    }
}

fn checked(url: &str, mut answer: Response<Body>, expected: &[StatusCode]) -> Result<Response<Body>> {
    let status = answer.status();
    if !expected.contains(&status) {
        let body = answer.body_mut().read_to_string().unwrap_or_default();
        bail!("{url} answers {status}: {body}");
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_created_is_said_and_nothing_else() {
        assert_eq!(summary("http://host/auth", &[]), None);
        let made = [format!("realm {REALM}"), "role insights.query.data".to_owned()];
        let line = "created at http://host/auth, where it stays: realm insights, role insights.query.data";
        assert_eq!(summary("http://host/auth", &made).as_deref(), Some(line));
    }
}
