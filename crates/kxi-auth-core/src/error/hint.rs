use std::fmt;

/// What to do about an [`Error`](crate::Error).
///
/// `Display` names methods and parameters of this crate. A program that offers them under other names, such as
/// flags of a command, matches the hint and uses its own words.
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
    /// Check the address, the network and the proxy: no connection was made.
    CheckConnection,
    /// Check the port and the scheme: the server seems to speak plain HTTP.
    CheckScheme,
    /// Trust the certificate authority of the server:
    /// [`ca_certificate`](crate::ClientManagerBuilder::ca_certificate).
    TrustCertificate,
    /// Install the CA certificates of the system.
    InstallCertificates,
    /// Raise the time limit: [`timeout`](crate::ClientManagerBuilder::timeout).
    RaiseTimeout,
    /// Check who signs in, and to which realm.
    CheckCredentials,
    /// Look up what the signed-in user may do: [`permissions`](crate::ClientManager::permissions).
    CheckPermissions,
    /// Check the name of the realm, which is case-sensitive.
    CheckRealm,
    /// Look up the clients that exist: [`list_clients`](crate::ClientManager::list_clients).
    ListClients,
    /// Look up the roles that exist: [`all_roles`](crate::ClientManager::all_roles).
    ListRoles,
    /// Register the client: [`register_client`](crate::ClientManager::register_client) updates one that exists,
    /// and turns its service account on.
    RegisterClient,
    /// Update the client: [`update_client`](crate::ClientManager::update_client) can disable one.
    UpdateClient,
    /// Convert the client to a service account: [`convert`](crate::RegisterClient::convert).
    Convert,
    /// Allow the change of a client that the platform needs: `allow_builtin`.
    AllowBuiltin,
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
                "check the address; `keycloak_url` is for a Keycloak with an address of its own, `base_path` for \
                 another path"
            }
            Self::CheckConnection => "check the address, the network and the proxy",
            Self::CheckScheme => {
                "the server seems to speak plain HTTP: check the port, or start the address with http://"
            }
            Self::TrustCertificate => {
                "if a certificate authority of your own issued the certificate, pass it to `ca_certificate`"
            }
            Self::InstallCertificates => {
                "install the system's CA certificates (on Debian the package ca-certificates), or pass some to \
                 `ca_certificate`"
            }
            Self::RaiseTimeout => "raise `timeout` or `total_timeout`, or check the server",
            Self::CheckCredentials => "check the user name or client ID, its secret, and `admin_realm`",
            Self::CheckPermissions => "`permissions` lists what the signed-in user may do",
            Self::CheckRealm => "check the name of the realm, which is case-sensitive",
            Self::ListClients => {
                "check the client ID, which is case-sensitive; `list_clients` lists the clients of the realm"
            }
            Self::ListRoles => "`all_roles` lists the roles of the realm",
            Self::RegisterClient => "`register_client` updates a client that exists and turns its service account on",
            Self::UpdateClient => "to disable a client, call `update_client`",
            Self::Convert => "`register_client` with `convert(true)` makes it a service account",
            Self::AllowBuiltin => "if you mean this client, call `allow_builtin(true)`",
            Self::AllowMasterRoles => "name the roles, or call `allow_master_roles(true)` if you mean all of them",
        })
    }
}
