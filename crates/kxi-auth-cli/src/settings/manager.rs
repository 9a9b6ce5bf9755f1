//! Builds the core's manager from the settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kxi_auth_core::{ClientManager, ClientManagerBuilder, Hint, SecretString};

use crate::failure::Failure;
use crate::secrets::read_whole_file;
use crate::settings::check;
use crate::settings::resolve::{Settings, Source};
use crate::settings::table::SETTINGS;

/// The time limit for a request with all its attempts, unless `--timeout` is longer.
const ALL_ATTEMPTS: Duration = Duration::from_mins(1);

/// The user or client that signs in, and where its password or secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignIn {
    User {
        name: String,
        password: Credential,
    },
    Client {
        id: String,
        secret: Credential,
    },
    /// Neither a user nor a client is set.
    Missing,
}

/// Where a password or secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Variable,
    File(PathBuf),
    Stdin,
    /// Not set: a prompt may ask for it.
    Missing,
}

impl Settings {
    /// A builder with everything except the sign-in.
    pub(crate) async fn builder(&self) -> Result<ClientManagerBuilder, Failure> {
        check::proxy(self)?;
        check::no_plain_http(self)?;
        let mut builder =
            ClientManager::builder().user_agent(concat!("kxi-auth/", env!("CARGO_PKG_VERSION")));
        if let Some(host) = self.get("host") {
            builder = builder.host(host);
        }
        if let Some(url) = self.get("keycloak-url") {
            builder = builder.keycloak_url(url);
        }
        if let Some(path) = self.get("keycloak-path") {
            builder = builder.base_path(path);
        }
        if let Some(url) = self.get("admin-url") {
            builder = builder.admin_url(url);
        }
        if let Some(realm) = self.get("realm") {
            builder = builder.realm(realm);
        }
        if let Some(realm) = self.get("admin-realm") {
            builder = builder.admin_realm(realm);
        }
        if let Some(seconds) = self.get("timeout") {
            let timeout = check::seconds("timeout", seconds)?;
            // The total must not end an attempt that is still within its own time limit.
            builder = builder.timeout(timeout).total_timeout(timeout.max(ALL_ATTEMPTS));
        }
        if let Some(retries) = self.get("retries") {
            builder = builder.retries(check::retries(retries)?);
        }
        if let Some(proxy) = self.get("proxy") {
            builder = builder.proxy(SecretString::from(proxy));
        }
        if let Some(path) = self.get("ca-cert") {
            builder = builder.ca_certificate(read_whole_file(Path::new(path), "certificates").await?);
        }
        Ok(builder)
    }

    /// The user or client that signs in. A flag takes precedence over a variable, and a password flag counts
    /// as a flag for the user. If the environment sets both a client and a user, the client signs in, as in
    /// the core.
    pub(crate) fn sign_in(&self) -> SignIn {
        let value_of = |name: &str| {
            let resolved = self.resolved(name)?;
            Some((resolved.value.clone()?, matches!(resolved.source, Source::Flag(_))))
        };
        let password_by_flag = ["admin-password-file", "admin-password-stdin"].iter().any(|name| {
            self.resolved(name).is_some_and(|resolved| matches!(resolved.source, Source::Flag(_)))
        });
        let user = value_of("admin-username").map(|(name, by_flag)| (name, by_flag || password_by_flag));
        match (value_of("admin-client-id"), user) {
            (Some((_, false)) | None, Some((name, true))) | (None, Some((name, false))) => {
                SignIn::User { name, password: self.credential("admin-password") }
            }
            (Some((id, _)), _) => SignIn::Client { id, secret: self.credential("admin-client-secret") },
            (None, None) => SignIn::Missing,
        }
    }

    /// Where the secret `name` is. A file or standard input given by a flag comes first, then the variable,
    /// then a file given by a variable.
    fn credential(&self, name: &str) -> Credential {
        let file = self.resolved(&format!("{name}-file"));
        let path = file.and_then(|file| file.value.as_ref()).map(PathBuf::from);
        let by_flag = file.is_some_and(|file| matches!(file.source, Source::Flag(_)));
        match path {
            Some(path) if by_flag => Credential::File(path),
            _ if self.is_on(&format!("{name}-stdin")) => Credential::Stdin,
            _ if self.get(name).is_some() => Credential::Variable,
            Some(path) => Credential::File(path),
            None => Credential::Missing,
        }
    }

    /// The secret that a variable holds.
    pub(crate) fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }
}

/// Builds the manager. If a parameter is missing, the hint names its flag and variable.
pub(crate) fn build(builder: ClientManagerBuilder) -> Result<ClientManager, Failure> {
    builder.build().map_err(|error| {
        let hint = match error.hint() {
            Some(Hint::SetParameter { variable, .. }) => missing(variable),
            _ => None,
        };
        Failure::from(error).with_hint_if(hint)
    })
}

/// The hint that names the flag and the variable of a missing parameter.
fn missing(variable: &str) -> Option<String> {
    let setting = SETTINGS.iter().find(|setting| setting.variable == Some(variable))?;
    Some(match setting.name {
        name @ ("admin-password" | "admin-client-secret") => {
            format!("set {variable}, or use --{name}-file FILE or --{name}-stdin")
        }
        name => format!("use --{name} or set {variable}"),
    })
}
