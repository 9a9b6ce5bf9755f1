//! Reads parameters from the environment. Nothing else in this crate does.

use std::env::VarError;
use std::ffi::OsStr;

use secrecy::SecretString;

use crate::error::Error;
use crate::manager::ClientManager;
use crate::manager::builder::ClientManagerBuilder;
use crate::model::text::{NotText, decode_text, value_of_text};

impl ClientManager {
    /// Creates a manager from environment variables: `INSIGHTS_URL`, `INSIGHTS_REALM`,
    /// `KXI_KEYCLOAK_SVC_URL`, `INSIGHTS_ADMIN_URL`, `INSIGHTS_ADMIN_REALM`, and either `INSIGHTS_ADMIN_USERNAME` with
    /// `INSIGHTS_ADMIN_PASSWORD` or `INSIGHTS_ADMIN_CLIENT_ID` with `INSIGHTS_ADMIN_CLIENT_SECRET`. An empty
    /// variable counts as not set, and a byte order mark and one line end at the end are no part of a value. If both a client and a user are set, the client signs in.
    ///
    /// `INSIGHTS_CLIENT_ID` and `INSIGHTS_CLIENT_SECRET` are never read, because they are the credentials of
    /// a service. Nothing else in this crate reads the environment, except
    /// [`builder_from_env`](Self::builder_from_env).
    ///
    /// Source: the environment variables of the Python clients. The names with `ADMIN` are specific to this
    /// crate.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParameter`] if a required variable is not set; it names the variable.
    /// [`Error::InvalidParameter`] if a value is invalid or not UTF-8. [`Error::HttpClient`] if TLS cannot be
    /// set up on this machine.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let manager = kxi_auth_core::ClientManager::from_env()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn from_env() -> Result<Self, Error> {
        Self::builder_from_env()?.build()
    }

    /// Creates a builder filled from the same environment variables as [`from_env`](Self::from_env). Use it
    /// to set parameters that have no variable, or to override what was read. If a parameter is still
    /// missing, [`build`](ClientManagerBuilder::build) reports it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if a variable is not UTF-8.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use {kxi_auth_core::ClientManager, std::time::Duration};
    /// let manager = ClientManager::builder_from_env()?.timeout(Duration::from_secs(5)).build()?;
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    pub fn builder_from_env() -> Result<ClientManagerBuilder, Error> {
        builder(|name| std::env::var(name))
    }
}

/// Fills a builder from the variables that `lookup` returns. `INSIGHTS_CLIENT_ID` and
/// `INSIGHTS_CLIENT_SECRET` are never read: they are the credentials of a service, not of an admin.
pub(crate) fn builder(
    lookup: impl Fn(&str) -> Result<String, VarError>,
) -> Result<ClientManagerBuilder, Error> {
    let read = |name: &'static str| match lookup(name) {
        // Shell scripts often pass an empty variable where they have no value.
        Ok(value) => Ok(Some(value_of_text(&value).to_owned()).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => Err(Error::invalid(name, not_unicode(&value))),
    };
    let mut builder = ClientManager::builder();
    if let Some(host) = read("INSIGHTS_URL")? {
        builder = builder.host(host);
    }
    if let Some(url) = read("KXI_KEYCLOAK_SVC_URL")? {
        builder = builder.keycloak_url(url);
    }
    if let Some(url) = read("INSIGHTS_ADMIN_URL")? {
        builder = builder.admin_url(url);
    }
    if let Some(realm) = read("INSIGHTS_REALM")? {
        builder = builder.realm(realm);
    }
    if let Some(realm) = read("INSIGHTS_ADMIN_REALM")? {
        builder = builder.admin_realm(realm);
    }
    if let Some(username) = read("INSIGHTS_ADMIN_USERNAME")? {
        builder = builder.username(username);
    }
    if let Some(password) = read("INSIGHTS_ADMIN_PASSWORD")? {
        builder = builder.password(SecretString::from(password));
    }
    // Set after the user, because the last choice counts.
    if let Some(id) = read("INSIGHTS_ADMIN_CLIENT_ID")? {
        let secret = read("INSIGHTS_ADMIN_CLIENT_SECRET")?.map(SecretString::from);
        builder = builder.admin_client_from_env(id, secret);
    }
    Ok(builder)
}

/// Why the value of a variable cannot be used. It does not contain the value.
fn not_unicode(value: &OsStr) -> String {
    match decode_text(value.as_encoded_bytes()) {
        Err(NotText::Encoding { name }) => format!("the variable is in {name}; it must be in UTF-8"),
        _ => "the variable is not valid UTF-8".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::transport::connection::Credentials;

    fn filled(variables: &[(&str, &str)]) -> ClientManagerBuilder {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        };
        builder(lookup).unwrap()
    }

    fn from(variables: &[(&str, &str)]) -> Result<ClientManager, Error> {
        filled(variables).build()
    }

    #[test]
    fn what_was_read_is_replaced_and_what_was_missing_is_added() {
        let url = ("INSIGHTS_URL", "https://x");
        let client = [url, ("INSIGHTS_ADMIN_CLIENT_ID", "svc"), ("INSIGHTS_ADMIN_CLIENT_SECRET", "s")];
        let password = || SecretString::from("pw");
        for variables in [&client[..], &client[..2], &[url], &[]] {
            let builder = filled(variables).host("https://y").username("admin").password(password());
            let manager = builder.build().unwrap();
            assert_eq!(manager.host(), "https://y");
            let shown = format!("{:?}", manager.connection().credentials);
            assert!(shown.starts_with("Password") && shown.contains("admin"), "{shown}");
        }
        // The user name can be replaced without the password.
        let user = [url, ("INSIGHTS_ADMIN_USERNAME", "read"), ("INSIGHTS_ADMIN_PASSWORD", "pw")];
        let shown =
            format!("{:?}", filled(&user).username("given").build().unwrap().connection().credentials);
        assert!(shown.contains("given") && !shown.contains("read"), "{shown}");
        // If the environment has both a user and a client, the client signs in.
        let both = [&client[..], &user[1..]].concat();
        let shown = format!("{:?}", from(&both).unwrap().connection().credentials);
        assert!(shown.starts_with("Client"), "{shown}");
    }

    #[test]
    fn a_user_or_a_client_signs_in() {
        let host = ("INSIGHTS_URL", "https://x/");
        let user = [host, ("INSIGHTS_ADMIN_USERNAME", "admin"), ("INSIGHTS_ADMIN_PASSWORD", "pw")];
        let manager = from(&user).unwrap();
        assert_eq!((manager.host(), manager.realm()), ("https://x", "insights"));
        let client = [
            host,
            ("INSIGHTS_ADMIN_CLIENT_ID", "svc"),
            ("INSIGHTS_ADMIN_CLIENT_SECRET", "s"),
            ("INSIGHTS_REALM", "r"),
        ];
        assert_eq!(from(&client).unwrap().realm(), "r");
        let admin = from(&[&client[..], &[("INSIGHTS_ADMIN_URL", "https://admin/auth/")]].concat()).unwrap();
        assert_eq!(admin.connection().admin_server.as_deref(), Some("https://admin/auth"));
    }

    #[test]
    fn what_is_missing_is_named_with_its_variable() {
        let host = ("INSIGHTS_URL", "https://x");
        for (variables, name) in [
            (vec![], "INSIGHTS_URL"),
            (vec![host], "INSIGHTS_ADMIN_USERNAME"),
            (
                vec![host, ("INSIGHTS_ADMIN_USERNAME", "a"), ("INSIGHTS_ADMIN_PASSWORD", "")],
                "INSIGHTS_ADMIN_PASSWORD",
            ),
            (vec![host, ("INSIGHTS_ADMIN_CLIENT_ID", "svc")], "INSIGHTS_ADMIN_CLIENT_SECRET"),
        ] {
            let hint = from(&variables).unwrap_err().hint().unwrap().to_string();
            assert!(hint.contains(name), "{hint}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_a_line_end_are_no_part_of_a_value() {
        let host = ("INSIGHTS_URL", "https://x\r\n");
        let client =
            [host, ("INSIGHTS_ADMIN_CLIENT_ID", "svc\n"), ("INSIGHTS_ADMIN_CLIENT_SECRET", "\u{FEFF}s\n")];
        let manager = from(&client).unwrap();
        assert_eq!(manager.host(), "https://x");
        let Credentials::Client { id, secret } = &manager.connection().credentials else {
            panic!("a client")
        };
        assert_eq!((id.as_str(), secret.expose_secret()), ("svc", "s"));
        assert!(from(&[("INSIGHTS_URL", "\n")]).unwrap_err().hint().is_some(), "it counts as not set");
    }

    #[cfg(unix)]
    #[test]
    fn the_encoding_of_a_variable_is_named() {
        use std::os::unix::ffi::OsStrExt as _;

        for (bytes, expected) in [(&b"\xff\xfes"[..], "UTF-16"), (b"s\xff", "not valid UTF-8")] {
            let lookup = |_: &str| Err(VarError::NotUnicode(OsStr::from_bytes(bytes).to_owned()));
            let error = builder(lookup).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_services_own_credentials_are_not_taken() {
        let service =
            [("INSIGHTS_URL", "https://x"), ("INSIGHTS_CLIENT_ID", "svc"), ("INSIGHTS_CLIENT_SECRET", "s")];
        assert!(from(&service).is_err());
    }
}
