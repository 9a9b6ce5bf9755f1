//! Target: responses to the search for Keycloak, to the sign-in and to the first request with the token.

use crate::error::Error;
use crate::fuzz::checks::{hides, is_discreet, is_fit};
use crate::fuzz::script::{Ran, Script, secret};
use crate::manager::ClientManager;
use crate::model::access_token::AccessToken;

pub(super) fn sign_in(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    let user = || ClientManager::builder().username("admin").password(secret());
    let client = || ClientManager::builder().base_path("/").admin_client("registrar", secret());
    let by_user = script.run_with(user, |manager| async move { manager.all_roles().await });
    let own = script.run_with(client, |manager| async move { manager.own_client().await });
    if let Some(ran) = &by_user {
        assert!(ran.count() <= 24 && ran.writes().count() == 0, "{:?}", ran.requests);
        sent_once_if_rejected(ran);
        ran.outcome.as_ref().err().into_iter().for_each(is_fit);
    }
    if let Some(ran) = &own {
        sent_once_if_rejected(ran);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(id) => is_discreet(id),
        }
    }
    let token = script.run_with(client, |manager| async move { manager.sign_in().await });
    let of_client = script.run(|manager| async move { manager.client_token("svc", &secret()).await });
    for ran in token.iter().chain(&of_client) {
        assert!(ran.count() <= 4, "{:?}", ran.requests);
        sent_once_if_rejected(ran);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(token) => issued(token),
        }
    }
}

fn issued(token: &AccessToken) {
    is_discreet(token);
    assert!(!token.lifetime.is_zero(), "an expired token was accepted");
    if let Some(claims) = &token.claims {
        hides(&format!("{:?}{:?}", claims.realm_roles(), claims.client_roles()));
        let _ = (claims.is_of_realm("insights"), claims.has_client_role("realm-management", "view-clients"));
    }
}

/// A wrong password counts towards a lock-out, so a rejected sign-in is not sent again.
fn sent_once_if_rejected<T>(ran: &Ran<Result<T, Error>>) {
    let sign_ins = ran.requests.iter().filter(|(_, path)| path.ends_with("/token")).count();
    assert!(sign_ins <= 6, "{sign_ins} sign-ins: {:?}", ran.requests);
    if matches!(&ran.outcome, Err(Error::TokenRetrieval { .. })) {
        let last = ran.requests.last();
        assert!(
            last.is_some_and(|(_, path)| path.ends_with("/token")),
            "more was sent after a rejected sign-in"
        );
    }
}
