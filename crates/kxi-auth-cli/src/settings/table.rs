//! The one table of settings: the flags, `config show` and the documentation follow from it.

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value; its name in the help.
    Value(&'static str),
    /// On or off.
    Switch,
    /// A secret, which has a variable and no flag: the command line can be seen by every user.
    Secret,
}

/// A setting of the connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The flag without its dashes.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) variable: Option<&'static str>,
    /// Its key in a profile of KX's configuration files.
    pub(crate) profile_key: Option<&'static str>,
    pub(crate) default: Option<&'static str>,
    pub(crate) meaning: &'static str,
    /// Flags that cannot be given beside it.
    pub(crate) instead_of: &'static [&'static str],
}

impl Setting {
    const fn new(name: &'static str, kind: Kind, variable: &'static str, meaning: &'static str) -> Self {
        let (profile_key, default) = (None, None);
        Self { name, kind, variable: Some(variable), profile_key, default, meaning, instead_of: &[] }
    }

    const fn in_profile(self, key: &'static str) -> Self {
        Self { profile_key: Some(key), ..self }
    }

    const fn by_default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn instead_of(self, others: &'static [&'static str]) -> Self {
        Self { instead_of: others, ..self }
    }

    const fn without_variable(self) -> Self {
        Self { variable: None, ..self }
    }
}

/// Every setting, in the order in which help shows them.
pub(crate) static SETTINGS: [Setting; 19] = [
    Setting::new(
        "host",
        Kind::Value("URL"),
        "INSIGHTS_URL",
        "Base URL of the kdb Insights Enterprise instance",
    )
    .in_profile("hostname"),
    Setting::new("realm", Kind::Value("NAME"), "INSIGHTS_REALM", "Keycloak realm to manage")
        .in_profile("realm")
        .by_default("insights"),
    Setting::new(
        "keycloak-url",
        Kind::Value("URL"),
        "KXI_KEYCLOAK_SVC_URL",
        "Base URL of Keycloak where it is not below the host",
    ),
    Setting::new(
        "keycloak-path",
        Kind::Value("PATH"),
        "INSIGHTS_KEYCLOAK_PATH",
        "Path of Keycloak below its address, / for none; found by asking if it is not given",
    ),
    Setting::new(
        "admin-username",
        Kind::Value("NAME"),
        "INSIGHTS_ADMIN_USERNAME",
        "Keycloak admin user; the password is asked for on a terminal if it is not given",
    ),
    Setting::new("admin-password", Kind::Secret, "INSIGHTS_ADMIN_PASSWORD", "The admin's password"),
    Setting::new(
        "admin-password-file",
        Kind::Value("FILE"),
        "INSIGHTS_ADMIN_PASSWORD_FILE",
        "File that holds the admin's password",
    ),
    Setting::new("admin-password-stdin", Kind::Switch, "", "Read the admin's password from standard input")
        .without_variable()
        .instead_of(&["admin-password-file"]),
    Setting::new(
        "admin-client-id",
        Kind::Value("ID"),
        "INSIGHTS_ADMIN_CLIENT_ID",
        "Sign in as this client with a service account, instead of an admin user",
    )
    .instead_of(&["admin-username", "admin-password-file", "admin-password-stdin"]),
    Setting::new(
        "admin-client-secret",
        Kind::Secret,
        "INSIGHTS_ADMIN_CLIENT_SECRET",
        "The secret of the admin client",
    ),
    Setting::new(
        "admin-client-secret-file",
        Kind::Value("FILE"),
        "INSIGHTS_ADMIN_CLIENT_SECRET_FILE",
        "File that holds the secret of the admin client",
    ),
    Setting::new(
        "admin-client-secret-stdin",
        Kind::Switch,
        "",
        "Read the secret of the admin client from standard input",
    )
    .without_variable()
    .instead_of(&["admin-client-secret-file", "admin-password-stdin"]),
    Setting::new(
        "admin-realm",
        Kind::Value("NAME"),
        "INSIGHTS_ADMIN_REALM",
        "Realm that the admin user or client belongs to",
    )
    .by_default("master"),
    Setting::new(
        "ca-cert",
        Kind::Value("FILE"),
        "INSIGHTS_CA_CERT",
        "PEM file of certificates to trust beside the system's",
    ),
    Setting::new("timeout", Kind::Value("SECONDS"), "INSIGHTS_TIMEOUT", "Limit for one attempt of a request")
        .by_default("15"),
    Setting::new(
        "retries",
        Kind::Value("N"),
        "INSIGHTS_RETRIES",
        "How often a request that failed in passing is tried again; 60 s in all, or --timeout if longer",
    )
    .by_default("5"),
    Setting::new(
        "proxy",
        Kind::Value("URL"),
        "INSIGHTS_PROXY",
        "Proxy for every request; one with a password goes into the variable",
    ),
    Setting::new(
        "allow-http",
        Kind::Switch,
        "INSIGHTS_ALLOW_HTTP",
        "Allow plain http to another machine, which shows passwords and secrets to the network",
    ),
    Setting::new(
        "profile",
        Kind::Value("NAME"),
        "INSIGHTS_PROFILE",
        "Profile of ~/.insights/config.toml or ~/.insights/cli-config; its current one if not given",
    ),
];
