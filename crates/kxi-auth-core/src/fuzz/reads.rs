//! Targets: what the server responds to reads.

use std::collections::HashSet;

use secrecy::ExposeSecret;

use crate::error::Error;
use crate::fuzz::checks::{hides, is_discreet, is_fit, is_message};
use crate::fuzz::script::{Ran, Script, session};
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;
use crate::model::role::Roles;

/// The realm's clients, page by page.
pub(super) fn clients(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    let plain = script.run(|manager| async move { manager.list_clients().await });
    let details = script.run(|manager| async move { manager.list_clients().details().await });
    if let Some(ran) = &plain {
        listed(&script, ran, |client| client);
    }
    if let Some(ran) = &details {
        listed(&script, ran, |details| &details.client);
        for details in ran.outcome.iter().flatten() {
            is_discreet(details);
        }
    }
}

fn listed<T>(script: &Script, ran: &Ran<Result<Vec<T>, Error>>, client: impl Fn(&T) -> &AuthClient) {
    // A page without anything new is read again until the patience of 100 requests ends.
    let pages = script.responses.len() + 1;
    assert!(ran.count() <= 3 * pages * (110 + pages), "{} requests for {pages} pages", ran.count());
    assert_eq!(ran.writes().count(), 0, "a list changes something");
    match &ran.outcome {
        Err(error) => is_fit(error),
        Ok(clients) => {
            let mut known = HashSet::new();
            for client in clients.iter().map(client) {
                assert!(known.insert(client.uuid.as_str()), "{client} is listed twice");
                is_discreet(client);
                discreet_as_json(client);
            }
        }
    }
}

fn discreet_as_json(client: &AuthClient) {
    hides(&serde_json::to_string(client).unwrap_or_default());
    let exposed = serde_json::to_value(client.with_exposed_secret()).unwrap_or_default();
    let secret = client.secret.as_ref().map(ExposeSecret::expose_secret);
    assert_eq!(exposed["secret"].as_str(), secret, "the exposed form has another secret");
}

/// One client, looked up by its ID.
pub(super) fn client(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    let found = script.run(|manager| async move { manager.get_client("svc").details().await });
    if let Some(ran) = &found {
        assert!(ran.count() <= 24 && ran.writes().count() == 0, "{:?}", ran.requests);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(details) => {
                assert_eq!(details.client.id, "svc", "another client was found");
                is_discreet(details);
                discreet_as_json(&details.client);
                for field in ["secret", "registrationAccessToken"] {
                    assert!(!details.fields().contains_key(field), "`{field}` is among the fields");
                }
                details.obstacles().iter().for_each(|obstacle| is_message(obstacle));
                let _ = (details.client_scopes(), details.token_lifespan(), details.is_builtin());
            }
        }
    }
    let plan =
        script.run(|manager| async move { manager.register_client("svc").roles(Roles::None).plan().await });
    if let Some(ran) = &plan {
        assert_eq!(ran.writes().count(), 0, "a plan changes something");
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(plan) => is_discreet(plan),
        }
    }
}

/// Roles of the realm and of a client.
pub(super) fn roles(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    let all = script.run(|manager| async move { manager.all_roles().await });
    let mapped = script.run(|manager| async move {
        let client = AuthClient::new(manager.host(), "svc", ClientUuid::from_server("u-1".to_owned()));
        manager.service_account_roles(&client).await
    });
    let effective = script.run(|manager| async move {
        let client = AuthClient::new(manager.host(), "svc", ClientUuid::from_server("u-1".to_owned()));
        manager.effective_roles(&client).await
    });
    if let Some(ran) = &effective {
        assert!(ran.count() <= 200 && ran.writes().count() == 0, "{:?}", ran.requests);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(roles) => is_discreet(roles),
        }
    }
    for ran in all.iter().chain(&mapped) {
        assert!(ran.count() <= 6 && ran.writes().count() == 0, "{:?}", ran.requests);
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(roles) => is_discreet(roles),
        }
    }
    let assigned = script.run(|manager| async move {
        let client = AuthClient::new(manager.host(), "svc", ClientUuid::from_server("u-1".to_owned()));
        let roles = Roles::named(["reader", "writer"]).and_client("app", ["reader"]);
        manager.assign_roles(&client, roles).await
    });
    if let Some(ran) = &assigned {
        match &ran.outcome {
            Err(error) => is_fit(error),
            Ok(names) => {
                let is_wanted = |name: &String| ["reader", "writer"].contains(&name.as_str());
                let of_app =
                    |(client, names): (&String, &Vec<String>)| client == "app" && *names == ["reader"];
                let all = names.realm.iter().all(is_wanted) && names.clients.iter().all(of_app);
                assert!(all, "{names:?}");
                assert!(names.is_empty() || ran.writes().count() > 0, "assigned without a request");
            }
        }
    }
}

/// The realm's settings, its scopes, the server's version, and what the admin may do.
pub(super) fn realm(data: &[u8]) {
    let Some(script) = Script::of(data) else { return };
    let reads = script.run(|manager| async move {
        let mut errors = Vec::new();
        errors.extend(manager.default_role().await.map(|role| is_discreet(&role)).err());
        errors.extend(manager.default_client_scopes().await.map(|scopes| is_discreet(&scopes)).err());
        errors
    });
    let settings = script.run(|manager| async move {
        let settings = manager.api().realm_settings().await;
        settings
            .map(|settings| {
                settings.lifespan_cap(Some("400")).map(|cap| assert!((1..=400).contains(&cap.seconds)))
            })
            .err()
    });
    let version = script.run(|manager| async move { manager.server_version().await.err() });
    let permissions = script
        .run(|manager| async move { manager.permissions().await.map(|found| is_discreet(&found)).err() });
    let base = script.run_with(session, |manager| async move { manager.realm_exists().await.err() });
    if let Some(ran) = &reads {
        ran.outcome.iter().for_each(is_fit);
    }
    for ran in settings.iter().chain(&version).chain(&permissions).chain(&base) {
        assert!(ran.count() <= 60 && ran.writes().count() == 0, "{:?}", ran.requests);
        ran.outcome.iter().for_each(is_fit);
    }
}
