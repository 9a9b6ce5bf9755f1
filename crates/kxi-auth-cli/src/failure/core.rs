//! The library's errors as failures of the command: its hints name flags and commands instead of methods.

use std::ffi::OsString;

use kxi_auth_core::{Error, Hint};

use crate::failure::{Failure, NOT_STARTED, exit_code};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let unused = is_direct(&error).then(|| unused_proxy(|name| std::env::var_os(name))).flatten();
        let hints = [error.hint().and_then(hint).map(str::to_owned), unused];
        let hints: Vec<String> = hints.into_iter().flatten().collect();
        Self::new(kind(&error), exit_code(&error), error.to_string())
            .with_hint_if((!hints.is_empty()).then(|| hints.join("; ")))
            .temporary(error.is_temporary())
    }
}

impl Failure {
    /// The change of a client that the platform needs, where the library leaves the check to its caller.
    pub(crate) fn builtin(client_id: &str) -> Self {
        let message = format!(
            "the client `{client_id}` is a built-in client of kdb Insights Enterprise or Keycloak; it was not changed"
        );
        Self::new("builtin_client", exit_code::USAGE, message).with_hint_if(hint(Hint::AllowBuiltin))
    }
}

/// Whether the server could not be reached, or something else responded, and no proxy was used.
fn is_direct(error: &Error) -> bool {
    matches!(
        error,
        Error::Connection { proxy: None, .. }
            | Error::Timeout { proxy: None, .. }
            | Error::EndpointNotFound { proxy: None, .. }
    )
}

/// Names the variable that sets a proxy for other programs, if there is one. The command does not use it.
pub(crate) fn unused_proxy(variable: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let set = names.into_iter().find(|name| variable(name).is_some_and(|value| !value.is_empty()))?;
    Some(format!("{set} is set, but only --proxy and INSIGHTS_PROXY set the proxy of kxi-auth"))
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::MissingParameter { .. } => "missing_parameter",
        Error::InvalidParameter { .. } => "invalid_parameter",
        Error::EndpointNotFound { .. } => "keycloak_not_found",
        Error::AdminApiNotFound { .. } => "admin_api_not_found",
        Error::NotKeycloak { .. } => "not_keycloak",
        Error::Connection { .. } => "unreachable",
        Error::Tls { .. } => "tls",
        Error::Timeout { .. } => "timeout",
        Error::TokenRetrieval { .. } => "sign_in_refused",
        Error::Unauthorized { .. } => "unauthorized",
        Error::Forbidden { .. } => "forbidden",
        Error::NotFound { .. } => "not_found",
        Error::NotVisible { .. } => "not_visible",
        Error::RealmNotFound { .. } => "realm_not_found",
        Error::UnknownRoles { .. } => "unknown_roles",
        Error::UnknownGroups(_) => "unknown_groups",
        Error::Conflict { .. } => "conflict",
        Error::NotAServiceAccount { .. } => "not_a_service_account",
        Error::Rejected { .. } => "rejected",
        Error::Server { .. } => "server_failed",
        Error::Protocol { .. } | Error::UnexpectedResponse { .. } => "unexpected_answer",
        Error::ResponseTooLarge { .. } => "response_too_large",
        Error::HttpClient { .. } => "http_client",
        Error::Builtin { .. } => "builtin_client",
        Error::MasterRoles { .. } => "master_roles",
        Error::NotStarted { .. } => NOT_STARTED,
        Error::OwnClient { .. } => "own_client",
        Error::BadStoredData { .. } => "bad_stored_data",
        Error::Cancelled => "interrupted",
        Error::Incomplete(_) => "incomplete",
        _ => "error",
    }
}

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Cancelled => exit_code::INTERRUPTED,
        // The stored client is in conflict with the request.
        Error::NotAServiceAccount { .. } => exit_code::CONFLICT,
        error if error.is_usage() => exit_code::USAGE,
        error if error.is_unauthorized() => exit_code::UNAUTHORIZED,
        error if error.is_forbidden() => exit_code::FORBIDDEN,
        error if error.is_not_found() => exit_code::NOT_FOUND,
        error if error.is_conflict() => exit_code::CONFLICT,
        error if error.is_unavailable() => exit_code::UNAVAILABLE,
        _ => exit_code::ERROR,
    }
}

/// The hint in terms of the command line. `settings::build` names the flag of a missing parameter.
fn hint(hint: Hint) -> Option<&'static str> {
    Some(match hint {
        Hint::CheckAddress => {
            "if Keycloak has its own address, use --keycloak-url; if its path is different, use --keycloak-path"
        }
        Hint::CheckKeycloakUrl => {
            "check --keycloak-url; if the path of Keycloak is different, use --keycloak-path"
        }
        Hint::CheckBasePath => "check --keycloak-path, or leave it out to search the root and /auth",
        Hint::CheckProxy => {
            "check the setting --proxy, and that the proxy is running and lets this machine reach the server"
        }
        Hint::CheckConnection => "check the address and the network; `kxi-auth doctor` checks each step",
        Hint::SetAdminUrl => {
            "if the Admin API has its own address (Keycloak's hostname-admin), use --admin-url; otherwise check that the \
             server's feature admin-api is on and that the gateway lets it through"
        }
        Hint::CheckGateway | Hint::RaiseResponseLimit => {
            "check the address, and the gateway or proxy in front of Keycloak"
        }
        Hint::CheckScheme => {
            "the server seems to speak plain HTTP: check the port, or start the address with http://"
        }
        Hint::TrustCertificate => {
            "to trust your own certificate authority, or the server's self-signed certificate, use --ca-cert FILE"
        }
        Hint::CheckCaCertificate => {
            "the file that --ca-cert names has other certificates: it needs that of the authority that issued the \
             server's certificate, or the server's own"
        }
        Hint::CheckCertificateName => "use the name that the certificate is for in --host or --keycloak-url",
        Hint::CheckAdminCertificateName => "use the name that the certificate is for in --admin-url",
        Hint::RenewCertificate => "renew the server's certificate, or check the clock of this machine",
        Hint::CheckClock => "check the clock of this machine",
        Hint::InstallCertificates => {
            "install the system's CA certificates (package ca-certificates), or pass your own with --ca-cert FILE"
        }
        Hint::RaiseTimeout => "check the server, or raise the time limit with --timeout SECONDS",
        Hint::CheckCredentials => "check --admin-username, the password and --admin-realm",
        Hint::CheckSecret => "check the secret of the admin client",
        Hint::CheckClient => {
            "check --admin-client-id and --admin-realm; the client must be enabled, confidential, and sign in with a \
             secret"
        }
        Hint::EnableAccount => "enable the account in Keycloak's admin console",
        Hint::EnableRealm => "enable the realm in Keycloak's admin console",
        Hint::UseHttps => "use an address that starts with https://",
        Hint::UnbindTokens => "turn that attribute of the client off in Keycloak's admin console",
        Hint::SignInAsClient => "sign in as a client with a service account: --admin-client-id",
        Hint::CheckScope => {
            "the token of the admin client does not carry this role: assign it to the client's service account; if it \
             is assigned, turn the client's `fullScopeAllowed` on or add the role to its scope mappings"
        }
        Hint::CheckAdminRealm => "check --admin-realm; realm names are case-sensitive",
        Hint::CheckPermissions => "`kxi-auth doctor` shows what this admin may do",
        Hint::CheckRealm => "check --realm; realm names are case-sensitive",
        Hint::ListClients => {
            "client IDs are case-sensitive; `kxi-auth client list` shows the clients of the realm"
        }
        Hint::ListClientRoles => "`kxi-auth role list --client ID` shows the roles of a client",
        Hint::EnableClient => {
            "to enable the client, use `kxi-auth client enable`, or `enabled: true` in a declaration"
        }
        Hint::CheckGroups => {
            "check the path of the group; it starts with a slash, such as `/market-data/feeds`"
        }
        Hint::ListRoles => "`kxi-auth role list` shows the roles of the realm",
        Hint::RegisterClient => {
            "`kxi-auth client register` updates a client that exists and turns its service account on"
        }
        Hint::DisableClient => {
            "to disable a client, use `kxi-auth client disable`, or `enabled: false` in a declaration"
        }
        Hint::Convert => {
            "to make it a service account, run `apply` or `client register` again with --convert, or after another \
             command `kxi-auth client register ID --roles none --convert`"
        }
        Hint::TryAgain => "run the same command again",
        Hint::CheckClientPolicies => {
            "exempt the client from the client policy (Realm settings, Client policies); then run `apply` or `client \
             register` again with --convert, or after another command `kxi-auth client register ID --roles none --convert`"
        }
        Hint::AllowBuiltin => "to change this client anyway, add --allow-builtin",
        Hint::RunAgain => "run the same command again; it finds out what was done, and does the rest",
        Hint::ReadSecret => {
            "`kxi-auth client get ID` with --secret-out FILE or --show-secret gives the secret that the server has now"
        }
        Hint::AllowSelf => "sign in as another admin, or add --allow-self to make this change anyway",
        Hint::ReplaceClient => {
            "replace the client by a partial import that overwrites it (Admin Console: Realm settings, Action), which gives \
             it a new internal ID"
        }
        Hint::AllowMasterRoles => "name the roles, or add --allow-master-roles to use all of them",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use kxi_auth_core::ClientManager;

    use super::*;

    #[test]
    fn a_hint_names_flags_and_commands_and_no_method() {
        for known in [
            Hint::CheckAddress,
            Hint::CheckConnection,
            Hint::SetAdminUrl,
            Hint::CheckGateway,
            Hint::RaiseResponseLimit,
            Hint::CheckScheme,
            Hint::CheckKeycloakUrl,
            Hint::CheckBasePath,
            Hint::CheckProxy,
            Hint::CheckSecret,
            Hint::CheckClient,
            Hint::EnableAccount,
            Hint::EnableRealm,
            Hint::UseHttps,
            Hint::UnbindTokens,
            Hint::SignInAsClient,
            Hint::CheckScope,
            Hint::CheckAdminRealm,
            Hint::TrustCertificate,
            Hint::CheckCaCertificate,
            Hint::CheckCertificateName,
            Hint::CheckAdminCertificateName,
            Hint::RenewCertificate,
            Hint::CheckClock,
            Hint::InstallCertificates,
            Hint::RaiseTimeout,
            Hint::CheckCredentials,
            Hint::CheckPermissions,
            Hint::CheckRealm,
            Hint::ListClients,
            Hint::ListClientRoles,
            Hint::EnableClient,
            Hint::CheckGroups,
            Hint::ListRoles,
            Hint::RegisterClient,
            Hint::DisableClient,
            Hint::Convert,
            Hint::TryAgain,
            Hint::CheckClientPolicies,
            Hint::AllowBuiltin,
            Hint::AllowSelf,
            Hint::ReplaceClient,
            Hint::AllowMasterRoles,
            Hint::RunAgain,
            Hint::ReadSecret,
        ] {
            let text = hint(known).unwrap();
            assert!(!text.contains('_') && !text.contains("()"), "{text}");
        }
    }

    #[test]
    fn a_proxy_of_the_environment_that_is_not_used_is_named() {
        let with = |name: &'static str, value: &'static str| {
            unused_proxy(move |asked| (asked == name).then(|| OsString::from(value)))
        };
        assert!(
            with("HTTPS_PROXY", "http://u:hidden@proxy").unwrap().starts_with("HTTPS_PROXY is set, but only")
        );
        assert!(with("http_proxy", "http://proxy").unwrap().starts_with("http_proxy "));
        assert_eq!(with("HTTPS_PROXY", ""), None);
        assert_eq!(with("INSIGHTS_PROXY", "http://proxy"), None);
    }

    #[test]
    fn the_messages_of_the_library_are_kept_whole() {
        let error = ClientManager::builder().host("ftp://x").build().unwrap_err();
        let failure = Failure::from(error.clone());
        assert_eq!((failure.message(), failure.exit_code()), (error.to_string().as_str(), exit_code::USAGE));
    }
}
