//! The one table of settings. The flags, `config show` and the documentation are derived from it.

/// What kind of value a setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value. The string is its placeholder in the help.
    Value(&'static str),
    /// On or off.
    Switch,
    /// A secret. It has a variable but no flag, because every user of the machine can see the command line.
    Secret,
}

/// A connection setting.
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
    /// Flags that conflict with this one.
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

/// Every setting, in the order of the help.
pub(crate) static SETTINGS: [Setting; 20] = [
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
        "Base URL of Keycloak, if it is not under the host URL",
    ),
    Setting::new(
        "keycloak-path",
        Kind::Value("PATH"),
        "INSIGHTS_KEYCLOAK_PATH",
        "Base path of Keycloak, such as /auth, or / for none; detected if not set",
    ),
    Setting::new(
        "admin-url",
        Kind::Value("URL"),
        "INSIGHTS_ADMIN_URL",
        "Base URL of Keycloak's Admin API with its path, if it has its own address",
    )
    .in_profile("admin-url"),
    Setting::new(
        "admin-username",
        Kind::Value("NAME"),
        "INSIGHTS_ADMIN_USERNAME",
        "Keycloak admin user; if the password is not set, prompts for it on a terminal",
    ),
    Setting::new("admin-password", Kind::Secret, "INSIGHTS_ADMIN_PASSWORD", "Password of the admin user"),
    Setting::new(
        "admin-password-file",
        Kind::Value("FILE"),
        "INSIGHTS_ADMIN_PASSWORD_FILE",
        "File with the password of the admin user",
    ),
    Setting::new(
        "admin-password-stdin",
        Kind::Switch,
        "",
        "Read the admin user's password from standard input",
    )
    .without_variable()
    .instead_of(&["admin-password-file"]),
    Setting::new(
        "admin-client-id",
        Kind::Value("ID"),
        "INSIGHTS_ADMIN_CLIENT_ID",
        "Sign in with the service account of this client instead of an admin user",
    )
    .instead_of(&["admin-username", "admin-password-file", "admin-password-stdin"]),
    Setting::new(
        "admin-client-secret",
        Kind::Secret,
        "INSIGHTS_ADMIN_CLIENT_SECRET",
        "Secret of the admin client",
    ),
    Setting::new(
        "admin-client-secret-file",
        Kind::Value("FILE"),
        "INSIGHTS_ADMIN_CLIENT_SECRET_FILE",
        "File with the secret of the admin client",
    ),
    Setting::new(
        "admin-client-secret-stdin",
        Kind::Switch,
        "",
        "Read the admin client's secret from standard input",
    )
    .without_variable()
    .instead_of(&["admin-client-secret-file", "admin-password-stdin"]),
    Setting::new(
        "admin-realm",
        Kind::Value("NAME"),
        "INSIGHTS_ADMIN_REALM",
        "Realm of the admin user or admin client",
    )
    .by_default("master"),
    Setting::new(
        "ca-cert",
        Kind::Value("FILE"),
        "INSIGHTS_CA_CERT",
        "PEM file of CA certificates to trust in addition to the system's",
    ),
    Setting::new(
        "timeout",
        Kind::Value("SECONDS"),
        "INSIGHTS_TIMEOUT",
        "Time limit for each request attempt",
    )
    .by_default("15"),
    Setting::new(
        "retries",
        Kind::Value("N"),
        "INSIGHTS_RETRIES",
        "Number of retries after a temporary failure, within 60 s in total or --timeout if longer",
    )
    .by_default("5"),
    Setting::new(
        "proxy",
        Kind::Value("URL"),
        "INSIGHTS_PROXY",
        "Proxy for all requests; set the variable instead if the URL has a password",
    ),
    Setting::new(
        "allow-http",
        Kind::Switch,
        "INSIGHTS_ALLOW_HTTP",
        "Allow plain HTTP to another machine, which exposes passwords and secrets to the network",
    ),
    Setting::new(
        "profile",
        Kind::Value("NAME"),
        "INSIGHTS_PROFILE",
        "Profile in ~/.insights/config.toml or ~/.insights/cli-config; if not set, the file's current profile",
    ),
];
