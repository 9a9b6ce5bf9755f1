use std::fmt;

/// What to do about an [`Error`](crate::Error).
///
/// `Display` names methods and parameters of this crate. A program that offers them under other names, such
/// as command-line flags, can match on the hint and print its own text.
///
/// Returned by [`Error::hint`](crate::Error::hint).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::{ClientManager, Hint};
///
/// let error = ClientManager::builder().host("https://insights.example.com").build().unwrap_err();
/// assert_eq!(error.to_string(), "missing parameter `username`");
/// let hint = error.hint().unwrap();
/// assert!(matches!(hint, Hint::SetParameter { parameter: "username", .. }));
/// assert_eq!(hint.to_string(), "set `username`, or the environment variable INSIGHTS_ADMIN_USERNAME for `from_env`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Set a parameter that has no default.
    #[non_exhaustive]
    SetParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// The environment variable that [`from_env`](crate::ClientManager::from_env) reads it from.
        variable: &'static str,
    },
    /// Check the address of Keycloak: [`keycloak_url`](crate::ClientManagerBuilder::keycloak_url) and
    /// [`base_path`](crate::ClientManagerBuilder::base_path).
    CheckAddress,
    /// Check the address of Keycloak, which was set by
    /// [`keycloak_url`](crate::ClientManagerBuilder::keycloak_url).
    CheckKeycloakUrl,
    /// Check the path of Keycloak, which was set by [`base_path`](crate::ClientManagerBuilder::base_path).
    CheckBasePath,
    /// Check the address and the network: the server could not be reached, or the connection broke.
    CheckConnection,
    /// Set the address of the Admin API: [`admin_url`](crate::ClientManagerBuilder::admin_url). Otherwise check that the
    /// server's feature `admin-api` is on, and that the gateway lets the Admin API through.
    SetAdminUrl,
    /// Check the proxy, which was set by [`proxy`](crate::ClientManagerBuilder::proxy).
    CheckProxy,
    /// Check the address, and the gateway or proxy in front of Keycloak: something else responded.
    CheckGateway,
    /// Check the port and the scheme: the server seems to speak plain HTTP.
    CheckScheme,
    /// Trust the server's certificate authority, or its own certificate:
    /// [`ca_certificate`](crate::ClientManagerBuilder::ca_certificate).
    TrustCertificate,
    /// Pass other certificates to [`ca_certificate`](crate::ClientManagerBuilder::ca_certificate): none of those that
    /// were passed issued the server's certificate, and none is the server's own.
    CheckCaCertificate,
    /// Use the name that the server's certificate is for.
    CheckCertificateName,
    /// Use the name that the certificate of the Admin API's address is for:
    /// [`admin_url`](crate::ClientManagerBuilder::admin_url).
    CheckAdminCertificateName,
    /// Renew the server's certificate, or correct the clock of this machine.
    RenewCertificate,
    /// Correct the clock of this machine: the server's certificate is not valid yet.
    CheckClock,
    /// Install the system's CA certificates.
    InstallCertificates,
    /// Raise the time limit: [`timeout`](crate::ClientManagerBuilder::timeout) or
    /// [`total_timeout`](crate::ClientManagerBuilder::total_timeout).
    RaiseTimeout,
    /// Check what responds, or raise the limit of a response if it is Keycloak:
    /// [`response_limit`](crate::ClientManagerBuilder::response_limit).
    RaiseResponseLimit,
    /// Check the credentials, and the realm that the admin signs in to.
    CheckCredentials,
    /// Check the client's secret.
    CheckSecret,
    /// Check the client ID and the realm, and the fields that decide how the client signs in: it must be enabled,
    /// confidential, and sign in with a secret.
    CheckClient,
    /// Enable the account, which is that of a user or of a service account.
    EnableAccount,
    /// Enable the realm.
    EnableRealm,
    /// Use an address with `https`.
    UseHttps,
    /// Turn off the attribute that binds the client's tokens to a key or a certificate.
    UnbindTokens,
    /// Sign in as a client: [`admin_client`](crate::ClientManagerBuilder::admin_client).
    SignInAsClient,
    /// Look up what the signed-in admin may do: [`permissions`](crate::ClientManager::permissions).
    CheckPermissions,
    /// Assign the role to the admin client, or let its tokens carry it: the token of the admin client does not carry the
    /// role that the request needs.
    CheckScope,
    /// Check the name of the realm, which is case-sensitive.
    CheckRealm,
    /// Check the name of the admin's realm: [`admin_realm`](crate::ClientManagerBuilder::admin_realm).
    CheckAdminRealm,
    /// List the clients of the realm: [`list_clients`](crate::ClientManager::list_clients).
    ListClients,
    /// List the roles of the realm: [`all_roles`](crate::ClientManager::all_roles).
    ListRoles,
    /// List the roles of the client: [`roles_of_client`](crate::ClientManager::roles_of_client).
    ListClientRoles,
    /// Check the path of the group: the names of its parents and its own, each after a slash.
    CheckGroups,
    /// Register the client: [`register_client`](crate::ClientManager::register_client) updates an existing
    /// client and turns its service account on.
    RegisterClient,
    /// Disable the client by [`enabled`](crate::RegisterClient::enabled) or
    /// [`update_client`](crate::ClientManager::update_client).
    DisableClient,
    /// Enable the client by [`enabled`](crate::RegisterClient::enabled) or
    /// [`update_client`](crate::ClientManager::update_client).
    EnableClient,
    /// Convert the client to a service account: [`convert`](crate::RegisterClient::convert).
    Convert,
    /// Call the method again: other requests changed the same thing at the same time.
    TryAgain,
    /// Look at the client policies of the realm, and exempt the client.
    CheckClientPolicies,
    /// Allow the change of a built-in client: `allow_builtin`.
    AllowBuiltin,
    /// Run the operation again: it finds out what was done, and does the rest.
    RunAgain,
    /// Read the client: [`get_client`](crate::ClientManager::get_client) returns the secret that the server has now.
    ReadSecret,
    /// Sign in as another admin, or allow the change of the client that this admin signs in as: `allow_self`.
    AllowSelf,
    /// Replace the client by a partial import that overwrites it, which gives it a new internal ID (observed on Keycloak
    /// 26.7.3). No operation of this crate can change it.
    ReplaceClient,
    /// Name the roles, or allow all roles of the realm `master`: `allow_master_roles`.
    AllowMasterRoles,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetParameter { parameter, variable } => {
                return write!(f, "set `{parameter}`, or the environment variable {variable} for `from_env`");
            }
            Self::CheckAddress => {
                "check the address; set `keycloak_url` if Keycloak has its own address, or `base_path` if it \
                 is under another path"
            }
            Self::CheckKeycloakUrl => "check `keycloak_url`; set `base_path` if Keycloak is under another path",
            Self::CheckBasePath => "check `base_path`, or leave it out to search the root and /auth",
            Self::CheckConnection => "check the address and the network; set `proxy` if a proxy is needed",
            Self::CheckProxy => "check that the proxy is running and lets this machine reach the server",
            Self::SetAdminUrl => {
                "if the Admin API has its own address (Keycloak's `hostname-admin`), set `admin_url`; otherwise check \
                 that the server's feature `admin-api` is on and that the gateway lets it through"
            }
            Self::CheckGateway => "check the address, and the gateway or proxy in front of Keycloak",
            Self::CheckScheme => {
                "the server seems to speak plain HTTP: check the port, or start the address with http://"
            }
            Self::TrustCertificate => {
                "if your own certificate authority issued the certificate, pass that authority's certificate \
                 to `ca_certificate`; if the certificate is self-signed, pass the certificate itself"
            }
            Self::CheckCaCertificate => {
                "pass the certificate of the authority that issued the server's certificate, or the server's own \
                 certificate: those that were passed to `ca_certificate` are others"
            }
            Self::CheckCertificateName => {
                "use the name that the certificate is for in `host` or `keycloak_url`"
            }
            Self::CheckAdminCertificateName => "use the name that the certificate is for in `admin_url`",
            Self::RenewCertificate => "renew the server's certificate, or check the clock of this machine",
            Self::CheckClock => "check the clock of this machine",
            Self::InstallCertificates => {
                "install the system's CA certificates (the package ca-certificates on Debian), or pass your \
                 own to `ca_certificate`"
            }
            Self::RaiseTimeout => "raise `timeout` or `total_timeout`, or check the server",
            Self::RaiseResponseLimit => {
                "check the address, and the gateway or proxy in front of Keycloak; if Keycloak itself sent it, raise \
                 `response_limit`"
            }
            Self::CheckCredentials => {
                "check the user name, the password and `admin_realm`"
            }
            Self::CheckSecret => "check the client's secret",
            Self::CheckClient => {
                "check the client ID and the realm; the client must be enabled, confidential and of the \
                 `clientAuthenticatorType` client-secret"
            }
            Self::EnableAccount => "enable the account in Keycloak",
            Self::EnableRealm => "enable the realm in Keycloak",
            Self::UseHttps => "use an address that starts with https://",
            Self::UnbindTokens => "turn that attribute of the client off",
            Self::SignInAsClient => "sign in as a client with a service account: `admin_client`",
            Self::CheckScope => {
                "the token of the admin client does not carry this role: assign it to the client's service account; \
                 if it is assigned, turn the client's `fullScopeAllowed` on or add the role to its scope mappings"
            }
            Self::CheckAdminRealm => "check `admin_realm`; names of realms are case-sensitive",
            Self::CheckPermissions => "call `permissions` to list what the signed-in admin may do",
            Self::CheckRealm => "check the name of the realm, which is case-sensitive",
            Self::ListClients => {
                "check the client ID, which is case-sensitive; call `list_clients` to list the clients \
                 of the realm"
            }
            Self::ListClientRoles => "call `roles_of_client` to list the roles of the client",
            Self::CheckGroups => "check the path of the group; it starts with a slash, such as `/market-data/feeds`",
            Self::ListRoles => "call `all_roles` to list the roles of the realm",
            Self::RegisterClient => {
                "call `register_client`; it updates an existing client and turns its service account on"
            }
            Self::EnableClient => "to enable the client, call `enabled(true)`",
            Self::DisableClient => "to register a disabled client, call `enabled(false)`; to disable one, call `update_client`",
            Self::Convert => {
                "to make the client a service account, call `register_client` with `convert(true)`"
            }
            Self::TryAgain => "call the method again",
            Self::CheckClientPolicies => {
                "exempt the client from the client policy (Realm settings, Client policies), then call the same method \
                 again with `convert(true)`, or `register_client` with `convert(true)` and `Roles::None`"
            }
            Self::AllowBuiltin => "to change this client anyway, call `allow_builtin(true)`",
            Self::RunAgain => "run the operation again; it finds out what was done, and does the rest",
            Self::ReadSecret => "call `get_client`, which returns the secret that the server has now",
            Self::AllowSelf => "sign in as another admin, or call `allow_self(true)` to make this change anyway",
            Self::ReplaceClient => {
                "replace the client by a partial import that overwrites it (Admin Console: Realm settings, Action), which \
                 gives it a new internal ID"
            }
            Self::AllowMasterRoles => "name the roles, or call `allow_master_roles(true)` to use all of them",
        })
    }
}
