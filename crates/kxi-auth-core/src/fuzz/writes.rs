//! Targets: operations that change something, on a server that responds with anything.

use reqwest::{Method, StatusCode};

use crate::ClientConfig;
use crate::error::Error;
use crate::fuzz::checks::{are_fit, is_discreet, is_fit};
use crate::fuzz::script::{Ran, Script, is_not_found, secret};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Roles;
use crate::transport::server_message::{CLIENT_NOT_FOUND, REALM_NOT_FOUND, server_words};

const CLIENTS: &str = "/admin/realms/insights/clients";
const CLIENT: &str = "/admin/realms/insights/clients/u-1";
const MAPPINGS: &str = "/role-mappings/realm";

fn known() -> AuthClient {
    AuthClient::new("https://x.example.com", "svc", ClientUuid::from_server("u-1".to_owned()))
}

/// A registration, an update, a rotation and a deletion, each on the same responses.
pub(super) fn writes(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    register(&script, false);
    register(&script, true);
    let update = script.run(|manager| async move {
        let config = ClientConfig::new().description("new").attribute("team", "feeds");
        manager.update_client(&known()).config(config).secret(secret()).await
    });
    if let Some(ran) = &update {
        only_to_the_client(ran);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(updated) => {
                assert!(is_known(&updated.client), "another client was updated");
                assert!(!updated.updated || ran.writes().count() > 0, "updated without a request");
                is_discreet(updated);
                are_fit(&updated.warnings);
            }
        }
    }
    let rotate = script.run(|manager| async move { manager.rotate_secret(&known()).secret(secret()).await });
    if let Some(ran) = &rotate {
        only_to_the_client(ran);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(client) => {
                assert!(is_known(client), "the secret is another client's");
                is_discreet(client);
            }
        }
    }
    let delete = script.run(|manager| async move { manager.delete_client_by_uuid(&known().uuid).await });
    if let Some(ran) = &delete {
        only_to_the_client(ran);
        ran.outcome.as_ref().err().into_iter().for_each(is_fit);
        assert!(ran.outcome.is_err() || ran.writes().count() > 0, "deleted without a request");
    }
}

/// A registration, or one with client roles and groups too.
fn register(script: &Script, whole: bool) {
    let registered = script.run(|manager| async move {
        let mut registration = manager.register_client("svc").roles(Roles::named(["reader"]));
        if whole {
            let roles = Roles::named(["reader"]).and_client("app", ["reader"]);
            registration = registration.roles(roles).groups(["/a/b"]);
        }
        registration.secret(secret()).token_lifespan(300).await
    });
    if let Some(ran) = &registered {
        assert!(ran.count() <= 200, "{} requests", ran.count());
        for (method, path) in ran.writes() {
            let of_client = path.strip_prefix(CLIENTS).is_some_and(|rest| rest.matches('/').count() <= 1);
            let of_account = path.contains("/role-mappings/clients/") || path.contains("/groups/");
            assert!(of_client || path.ends_with(MAPPINGS) || (whole && of_account), "{method} {path}");
            assert_ne!(*method, Method::DELETE, "a registration deletes {path}");
        }
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(registration) => {
                assert_eq!(registration.client.id, "svc", "another client was registered");
                let sent = ran.writes().count() > 0;
                assert!(sent || registration.is_unchanged(), "changed without a request");
                is_discreet(registration);
                are_fit(&registration.warnings);
            }
        }
    }
}

fn is_known(client: &AuthClient) -> bool {
    client.uuid.as_str().eq_ignore_ascii_case(known().uuid.as_str())
}

/// A write to another client than the one that was asked for would change a client that was not named. A database that
/// ignores case responds with the UUID as it is stored.
fn only_to_the_client<T>(ran: &Ran<T>) {
    assert!(ran.count() <= 100, "{} requests", ran.count());
    for (method, path) in ran.writes() {
        assert!(path.eq_ignore_ascii_case(CLIENT), "{method} {path}");
    }
}

/// The same response to every attempt of a create, a read, and a deletion.
pub(super) fn rejection(data: &[u8]) {
    // A response that comes again and again, whatever follows it in the input.
    let end = data.windows(6).position(|window| window == b"\n====\n").unwrap_or(data.len());
    let Some(script) = Script::of(&[&data[..end], &b"\n====\n"[..]].concat()) else { return };
    let Some(response) = script.responses.first() else { return };
    let words = server_words(&response.body);
    let status = response.status;
    let create =
        script.run(|manager| async move { manager.register_new_client("svc").secret(secret()).await });
    let read = script.run(|manager| async move { manager.service_account_roles(&known()).await });
    let delete = script
        .run(|manager| async move { manager.delete_client_by_uuid(&known().uuid).allow_builtin(true).await });
    if let Some(ran) = &create {
        judged(&ran.outcome, status, words.as_deref());
        assert!(!is_not_found(&ran.outcome) || ran.outcome.is_err());
    }
    if let Some(ran) = &read {
        judged(&ran.outcome, status, words.as_deref());
    }
    if let Some(ran) = &delete {
        judged(&ran.outcome, status, words.as_deref());
        assert_eq!(ran.outcome.is_ok(), status == StatusCode::NO_CONTENT, "{status}: {:?}", ran.outcome);
        let absences = [Some(CLIENT_NOT_FOUND), Some(REALM_NOT_FOUND)];
        let missing = status == StatusCode::NOT_FOUND && absences.contains(&words.as_deref());
        assert!(missing || !is_not_found(&ran.outcome), "{status} is called an absence");
    }
}

/// What an error says follows from the status and Keycloak's own words.
fn judged<T>(outcome: &Result<T, Error>, status: StatusCode, words: Option<&str>) {
    let Err(error) = outcome else { return };
    is_fit(error);
    if error.is_forbidden() {
        let unseen = status.is_success() || status == StatusCode::CONFLICT;
        assert!(unseen || (status == StatusCode::FORBIDDEN && words.is_some()), "{status}: {error}");
    }
    if error.is_not_found() {
        assert!(status == StatusCode::NOT_FOUND && words.is_some(), "{status}: {error}");
    }
    if error.is_unauthorized() {
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{error}");
    }
}
