//! What Keycloak's words about a rejected sign-in mean, and what to do about it.
//!
//! One response can have several causes: Keycloak says the same for a wrong password, an unknown user, a lock-out and a
//! missing one-time password. All of them are named then. The words were observed on Keycloak 22.0.5, 26.0.8 and
//! 26.7.3.

use crate::error::Hint;

/// How the rejected sign-in was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    /// With a user's password, through `admin-cli`.
    Password,
    /// With a client's secret.
    Client,
}

/// Why Keycloak rejects a sign-in, and what to do about it. `None` if the words are not known.
pub(super) fn meaning(grant: Grant, error: &str, description: &str) -> Option<(&'static str, Option<Hint>)> {
    let of_realm = match (error, description) {
        ("invalid_request", "HTTPS required") => ("the realm requires HTTPS (`sslRequired`)", Hint::UseHttps),
        ("access_denied", "Realm not enabled") => ("the realm is disabled", Hint::EnableRealm),
        ("invalid_request", "DPoP proof is missing") => (
            "the client requires a DPoP proof (`dpop.bound.access.tokens`), which this sign-in cannot send",
            Hint::UnbindTokens,
        ),
        ("invalid_request", words) if words.starts_with("Client Certification missing") => (
            "the client requires a client certificate (`tls.client.certificate.bound.access.tokens`), which this \
             sign-in does not send",
            Hint::UnbindTokens,
        ),
        ("invalid_request", words) if words.starts_with("User '") && words.ends_with("' disabled") => {
            ("the user of the client's service account is disabled", Hint::EnableAccount)
        }
        _ => {
            return match grant {
                Grant::Password => of_user(error, description),
                Grant::Client => of_client(error, description),
            };
        }
    };
    Some((of_realm.0, Some(of_realm.1)))
}

fn of_user(error: &str, description: &str) -> Option<(&'static str, Option<Hint>)> {
    Some(match (error, description) {
        ("invalid_grant", "Invalid user credentials") => (
            "the user name or password is wrong, the account is locked after too many failed attempts, or it requires \
             a one-time password (OTP), which this sign-in cannot send",
            Some(Hint::CheckCredentials),
        ),
        ("invalid_grant", "Account disabled") => ("the account is disabled", Some(Hint::EnableAccount)),
        ("invalid_grant", "Account is not fully set up") => {
            ("the account has required actions; sign in to the account console once to complete them", None)
        }
        ("unauthorized_client", "Client not allowed for direct access grants") => (
            "the client `admin-cli` of the realm does not allow passwords (direct access grants are off)",
            Some(Hint::SignInAsClient),
        ),
        ("invalid_client", _) => {
            ("the client `admin-cli` of the realm is disabled or does not exist", Some(Hint::SignInAsClient))
        }
        _ => return None,
    })
}

fn of_client(error: &str, description: &str) -> Option<(&'static str, Option<Hint>)> {
    let (reason, hint) = match (error, description) {
        // The error code is the difference.
        ("unauthorized_client", "Invalid client or Invalid client credentials") => {
            ("the secret is wrong, or the client is bearer-only", Hint::CheckSecret)
        }
        ("invalid_client", "Invalid client or Invalid client credentials") => (
            "the client does not exist, is disabled, or does not sign in with a secret (`clientAuthenticatorType`)",
            Hint::CheckClient,
        ),
        ("invalid_client", "Parameter client_assertion_type is missing") => (
            "the client signs in with a signed JWT, not with a secret (`clientAuthenticatorType`)",
            Hint::CheckClient,
        ),
        ("invalid_client", "Bearer-only not allowed") => ("the client is bearer-only", Hint::CheckClient),
        ("unauthorized_client", "Public client not allowed to retrieve service account") => {
            ("the client is public, so it has no service account", Hint::CheckClient)
        }
        ("unauthorized_client", "Client not enabled to retrieve service account") => {
            ("the client's service account is off", Hint::RegisterClient)
        }
        _ => return None,
    };
    Some((reason, Some(hint)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_response_with_several_causes_names_all_of_them() {
        let (reason, hint) = meaning(Grant::Password, "invalid_grant", "Invalid user credentials").unwrap();
        for cause in ["user name or password is wrong", "locked", "(OTP)"] {
            assert!(reason.contains(cause), "{reason}");
        }
        assert_eq!(hint, Some(Hint::CheckCredentials));
    }

    #[test]
    fn a_right_secret_is_not_doubted() {
        for (error, description, cause, hint) in [
            ("invalid_request", "HTTPS required", "sslRequired", Hint::UseHttps),
            ("access_denied", "Realm not enabled", "realm is disabled", Hint::EnableRealm),
            ("invalid_request", "User 'service-account-svc' disabled", "user of the", Hint::EnableAccount),
            ("invalid_request", "DPoP proof is missing", "DPoP", Hint::UnbindTokens),
            (
                "invalid_request",
                "Client Certification missing for MTLS HoK Token Binding",
                "client certificate",
                Hint::UnbindTokens,
            ),
            (
                "unauthorized_client",
                "Client not enabled to retrieve service account",
                "account is off",
                Hint::RegisterClient,
            ),
            ("invalid_client", "Parameter client_assertion_type is missing", "JWT", Hint::CheckClient),
        ] {
            let (reason, found) = meaning(Grant::Client, error, description).unwrap();
            assert!(reason.contains(cause) && !reason.contains("secret is wrong"), "{reason}");
            assert_eq!(found, Some(hint), "{description}");
        }
        let wrong =
            meaning(Grant::Client, "unauthorized_client", "Invalid client or Invalid client credentials");
        assert_eq!(wrong.unwrap().1, Some(Hint::CheckSecret));
        // With a password it is `admin-cli` that is rejected.
        let client =
            meaning(Grant::Password, "invalid_client", "Invalid client or Invalid client credentials");
        assert!(client.unwrap().0.contains("`admin-cli`"));
        assert_eq!(meaning(Grant::Client, "invalid_grant", "what a later version says"), None);
    }
}
