//! How the manager signs in. The last choice counts.

use secrecy::SecretString;

use crate::error::Error;
use crate::manager::parameters::required;
use crate::transport::connection::{Credentials, HttpClient};

/// What the builder knows so far about the sign-in.
#[derive(Debug, Clone)]
pub(super) enum SignIn {
    User { username: Option<String>, password: Option<SecretString> },
    Client { id: String, secret: Option<SecretString> },
    Session(HttpClient),
}

impl Default for SignIn {
    fn default() -> Self {
        Self::User { username: None, password: None }
    }
}

impl SignIn {
    /// The user name and password set so far. Both are `None` if a client or a session was set.
    pub(super) fn into_user(self) -> (Option<String>, Option<SecretString>) {
        match self {
            Self::User { username, password } => (username, password),
            Self::Client { .. } | Self::Session(_) => (None, None),
        }
    }

    pub(super) fn credentials(self) -> Result<Credentials, Error> {
        Ok(match self {
            Self::User { username, password } => Credentials::Password {
                username: required(username, "username", "INSIGHTS_ADMIN_USERNAME")?,
                password: required(password, "password", "INSIGHTS_ADMIN_PASSWORD")?,
            },
            Self::Client { id, secret } => {
                let secret = required(secret, "admin client's secret", "INSIGHTS_ADMIN_CLIENT_SECRET")?;
                Credentials::Client { id, secret }
            }
            Self::Session(session) => Credentials::Session(session),
        })
    }
}
