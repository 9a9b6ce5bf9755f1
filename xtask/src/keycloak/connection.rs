//! How to reach a Keycloak as its administrator.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use ureq::Agent;

/// The realm of kdb Insights Enterprise.
pub(crate) const REALM: &str = "insights";

/// The prefix that Keycloak has on older installations; the client finds it by itself.
const PREFIX: &str = "/auth";

/// The variables that name a server which runs already.
const URL: &str = "KXI_TEST_KEYCLOAK_URL";
const USERNAME: &str = "KXI_TEST_ADMIN_USERNAME";
const PASSWORD: &str = "KXI_TEST_ADMIN_PASSWORD";

/// A Keycloak and its administrator (of the realm `master`).
#[derive(Clone)]
pub(crate) struct Connection {
    /// Address with the relative path and without a slash at its end: `http://127.0.0.1:8080/auth`.
    pub(crate) base_url: String,
    /// The administrator's name.
    pub(crate) username: String,
    /// The administrator's password.
    pub(crate) password: SecretString,
}

impl Connection {
    /// The server that `KXI_TEST_KEYCLOAK_URL` names, if it is set: with or without its prefix,
    /// as `INSIGHTS_URL` would have it.
    pub(crate) fn from_environment() -> Result<Option<Self>> {
        let Some(url) = variable(URL) else { return Ok(None) };
        let needed = |name| {
            variable(name).with_context(|| {
                format!("{URL} is set, but {name} is not: set it to sign in, or unset {URL}")
            })
        };
        Ok(Some(Self {
            username: needed(USERNAME)?,
            password: needed(PASSWORD)?.into(),
            base_url: probe(&url)?,
        }))
    }

    /// What points `kxi-auth` at this server.
    pub(crate) fn insights_variables(&self) -> [(&'static str, &str); 4] {
        // The prefix is left for the client to find, as it has to on an installation.
        let host = self.base_url.strip_suffix(PREFIX).unwrap_or(&self.base_url);
        [
            ("INSIGHTS_URL", host),
            ("INSIGHTS_REALM", REALM),
            ("INSIGHTS_ADMIN_USERNAME", &self.username),
            ("INSIGHTS_ADMIN_PASSWORD", self.password.expose_secret()),
        ]
    }

    /// What points the end-to-end tests at this server.
    pub(crate) fn test_variables(&self) -> [(&'static str, &str); 3] {
        [(URL, &self.base_url), (USERNAME, &self.username), (PASSWORD, self.password.expose_secret())]
    }

    /// Lines for a shell to `eval`.
    pub(crate) fn exports(&self) -> String {
        let line = |(name, value)| format!("export {name}={}\n", quoted(value));
        self.insights_variables().map(line).concat()
    }
}

/// Whether the server that the environment names wants TLS, which these tasks are built without unless
/// the feature `https` asks for it.
pub(crate) fn needs_https() -> bool {
    variable(URL).is_some_and(|url| url.starts_with("https:")) && cfg!(not(feature = "https"))
}

/// An HTTP client for a server nearby, with `timeout` per request.
pub(crate) fn http(timeout: Duration) -> Agent {
    // The proxies of this machine do not know a loopback address, and what a redirect leads to is
    // not the server that was asked.
    let config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false);
    #[cfg(feature = "https")]
    let config = config.tls_config(
        ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build(),
    );
    config.build().into()
}

/// Whether a Keycloak answers at `base_url`, as a sentence where it does not.
pub(crate) fn ask(http: &Agent, base_url: &str) -> Result<(), String> {
    let url = format!("{base_url}/realms/master");
    match http.get(&url).call() {
        Ok(answer) if answer.status() == 200 => Ok(()),
        Ok(answer) => Err(format!("{url} answers {}", answer.status())),
        Err(ureq::Error::Timeout(_)) => Err(format!("{url} does not answer in time")),
        Err(_) => Err(format!("no connection to {url}")),
    }
}

fn probe(url: &str) -> Result<String> {
    let http = http(Duration::from_secs(15));
    let url = url.trim_end_matches('/');
    let prefixed = format!("{url}{PREFIX}");
    let Err(plain) = ask(&http, url) else { return Ok(url.to_owned()) };
    let Err(under_prefix) = ask(&http, &prefixed) else { return Ok(prefixed) };
    bail!("{URL} names no Keycloak: {plain}, and {under_prefix}")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// `value` as one word of a POSIX shell.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+=,".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn at(base_url: &str) -> Connection {
        let password = "it's $HOME `id` \"\\ \n\u{e9}".to_owned();
        Connection { base_url: base_url.to_owned(), username: "admin".to_owned(), password: password.into() }
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        let connection = at("http://127.0.0.1:8080/auth");
        let script = format!(
            "{}printf '%s|%s|%s|%s' \"$INSIGHTS_URL\" \"$INSIGHTS_REALM\" \
             \"$INSIGHTS_ADMIN_USERNAME\" \"$INSIGHTS_ADMIN_PASSWORD\"",
            connection.exports()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let expected =
            format!("http://127.0.0.1:8080|insights|admin|{}", connection.password.expose_secret());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }

    #[test]
    fn an_empty_value_stays_a_word() {
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    }

    #[test]
    fn only_the_usual_prefix_is_left_to_the_client() {
        let url = |base| at(base).insights_variables()[0].1.to_owned();
        assert_eq!(url("http://127.0.0.1:8080/auth"), "http://127.0.0.1:8080");
        assert_eq!(url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(url("http://127.0.0.1:8080/sso"), "http://127.0.0.1:8080/sso");
    }
}
