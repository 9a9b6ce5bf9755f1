//! The core's errors in the words of the command line: flags instead of methods.

use kxi_auth_core::Error;

use crate::failure::{Failure, exit_code};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = Self::new(kind(&error), exit_code(&error), message(&error));
        match hint(&error) {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl Failure {
    /// The platform needs the client with this id.
    pub(crate) fn builtin(client_id: &str) -> Self {
        Self::new("builtin_client", exit_code::USAGE, builtin(client_id)).with_hint(BUILTIN_HINT)
    }
}

const BUILTIN_HINT: &str = "--allow-builtin allows it if you mean it";

fn builtin(client_id: &str) -> String {
    format!("the client `{client_id}` belongs to the platform or to Keycloak itself")
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::MissingParameter { .. } => "missing_parameter",
        Error::InvalidParameter { .. } => "invalid_parameter",
        Error::EndpointNotFound { .. } => "keycloak_not_found",
        Error::Connection { .. } => "unreachable",
        Error::Tls { .. } => "tls",
        Error::Timeout { .. } => "timeout",
        Error::TokenRetrieval { .. } => "sign_in_refused",
        Error::Unauthorized { .. } => "unauthorized",
        Error::Forbidden { .. } => "forbidden",
        Error::NotFound { .. } => "not_found",
        Error::RealmNotFound { .. } => "realm_not_found",
        Error::UnknownRoles { .. } => "unknown_roles",
        Error::Conflict { .. } => "conflict",
        Error::NotAServiceAccount { .. } => "not_a_service_account",
        Error::Rejected { .. } => "rejected",
        Error::Server { .. } => "server_failed",
        Error::Protocol { .. } => "unexpected_answer",
        Error::HttpClient { .. } => "http_client",
        Error::Builtin { .. } => "builtin_client",
        Error::MasterRoles { .. } => "master_roles",
        Error::Cancelled => "interrupted",
        _ => "error",
    }
}

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Cancelled => exit_code::INTERRUPTED,
        // What is there stands against it.
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

/// The core's own words, but for those that name a method of it.
fn message(error: &Error) -> String {
    match error {
        Error::MissingParameter { parameter, .. } => format!("the {parameter} is missing"),
        Error::Builtin { client_id, .. } => builtin(client_id),
        Error::MasterRoles { realm, .. } => {
            format!("all roles of the realm `{realm}` include `admin`, the right to do everything")
        }
        error => {
            METHODS.iter().fold(error.to_string(), |text, (method, command)| text.replace(method, command))
        }
    }
}

/// Advice of the core that names a method of it, and the same for who has a command.
const METHODS: [(&str, &str); 2] = [
    ("register_client brings", "`kxi-auth client register` brings"),
    ("disable it by update_client", "disable it by `kxi-auth client update`"),
];

fn hint(error: &Error) -> Option<String> {
    let hint = match error {
        Error::EndpointNotFound { .. } => {
            "--keycloak-url names Keycloak's own address, --keycloak-path another path below it"
        }
        Error::Connection { .. } => "check the address and the network; `kxi-auth doctor` looks closer",
        Error::Tls { .. } => "--ca-cert FILE trusts a certificate authority of your own",
        Error::Timeout { .. } => "--timeout SECONDS raises the limit",
        Error::TokenRetrieval { .. } => {
            "--admin-username, --admin-client-id and --admin-realm say who signs in and where"
        }
        Error::Forbidden { .. } => "`kxi-auth doctor` shows what this admin may do",
        Error::NotFound { what: "client", .. } => "`kxi-auth client list` shows the clients of the realm",
        Error::RealmNotFound { .. } => "--realm names the realm",
        Error::UnknownRoles { .. } => "`kxi-auth role list` shows the roles of the realm",
        Error::NotAServiceAccount { .. } => "`kxi-auth client register ID --convert` makes it one",
        Error::Builtin { .. } => BUILTIN_HINT,
        Error::MasterRoles { .. } => "name the roles, or --allow-master-roles allows it if you mean it",
        Error::HttpClient { .. } => {
            "install the system's CA certificates (package ca-certificates), or give some by --ca-cert"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
