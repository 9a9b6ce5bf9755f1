//! The surface without async, on a thread that belongs to no runtime.

use std::sync::{Arc, Mutex};

use kxi_auth_core::blocking::{Call as _, ClientManager};
use kxi_auth_core::{CancelHandle, Error, Roles, SecretString};
use kxi_auth_tests::keycloak::realm::TestRealm;
use tokio::runtime::Runtime;

use crate::setup::{connect, lives, realm, sorted};

/// A test that is not async, with a realm whose preparation is.
fn with_realm(test: impl FnOnce(&Runtime, &TestRealm, &ClientManager)) {
    let runtime = Runtime::new().unwrap();
    let realm = runtime.block_on(realm());
    let manager = connect(&realm).build_blocking().unwrap();
    test(&runtime, &realm, &manager);
    runtime.block_on(realm.delete()).unwrap();
}

#[test]
fn every_method_works_without_async() {
    with_realm(|_, realm, manager| {
        assert_eq!((manager.realm(), manager.host()), (realm.name(), realm.server().host().as_str()));
        assert_eq!(manager.own_client().unwrap(), None);
        assert_eq!(manager.default_role().unwrap().name, format!("default-roles-{}", realm.name()));
        let known = sorted(manager.all_roles().unwrap().into_iter().map(|role| role.name));

        let secret = SecretString::from("given");
        let client = manager.register_client("svc").secret(secret.clone()).roles(Roles::All).call().unwrap();
        assert!(client.created);
        let token = manager.client_token("svc", &secret).unwrap();
        assert_eq!(sorted(token.claims.unwrap().realm_roles()), known);
        let error = manager.register_new_client("svc").call().unwrap_err();
        assert!(error.is_conflict(), "{error}");
        manager.register_new_client("svc-bare").call().unwrap();

        let revoked = manager.revoke_roles(&client, Roles::named(["all", "none"])).call().unwrap();
        assert_eq!(sorted(revoked.realm), ["all", "none"]);
        assert_eq!(manager.assign_roles(&client, Roles::named(["all"])).call().unwrap().realm, ["all"]);
        let mapped =
            sorted(manager.service_account_roles(&client).unwrap().into_iter().map(|role| role.name));
        let kept: Vec<_> = known.into_iter().filter(|name| name != "none").collect();
        assert_eq!(mapped, kept);

        let updated = manager.update_client(&client).token_lifespan(77).call().unwrap();
        assert_eq!(updated.uuid, client.uuid);
        let token = manager.client_token("svc", &secret).unwrap();
        assert!(lives(&token, 77), "{token:?}");
        let rotated = manager.rotate_secret(&client).call().unwrap();
        assert!(manager.client_token("svc", &secret).unwrap_err().is_unauthorized());
        assert!(manager.client_token("svc", rotated.secret.as_ref().unwrap()).is_ok());
        assert!(manager.get_client("svc").with_secret(false).call().unwrap().secret.is_none());

        manager.delete_client_by_uuid(&client.uuid).call().unwrap();
        assert_eq!(manager.delete_client("svc-bare").call().unwrap().id, "svc-bare");
        assert!(manager.get_client("svc").call().unwrap_err().is_not_found());
    });
}

#[test]
fn many_are_registered_iterated_over_and_deleted() {
    with_realm(|_, _, manager| {
        let items = (0..120).map(|number| manager.register_client(format!("svc-{number:03}")));
        let done = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&done);
        let bulk = manager.register_clients(items.map(|item| item.roles(Roles::None)));
        let outcomes =
            bulk.on_progress(move |progress| *counter.lock().unwrap() = progress.done).call().unwrap();
        let registered: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap().client).collect();
        assert_eq!(*done.lock().unwrap(), 120);

        let all: Vec<String> =
            manager.list_clients().call().unwrap().into_iter().map(|client| client.id).collect();
        let iterated: Vec<String> =
            manager.list_clients().into_iter().map(|client| client.unwrap().id).collect();
        assert_eq!(iterated, all);
        let mut some = manager.list_clients().with_secret(false).into_iter();
        assert!(some.next().unwrap().unwrap().secret.is_none());
        drop(some);
        let mut bad = manager.list_clients().id(" ").into_iter();
        assert!(matches!(bad.next(), Some(Err(Error::InvalidParameter { .. }))));
        assert!(bad.next().is_none());

        let updates = registered.iter().map(|client| manager.update_client(client).token_lifespan(60));
        assert!(manager.update_clients(updates).call().unwrap().iter().all(Result::is_ok));
        let cancel = CancelHandle::new();
        let deletions = || registered.iter().map(|client| manager.delete_client(&client.id));
        cancel.cancel();
        let cancelled = manager.delete_clients(deletions()).cancellation(&cancel).call().unwrap();
        assert!(cancelled.iter().all(|outcome| matches!(outcome, Err(Error::Cancelled))));
        assert!(manager.delete_clients(deletions()).call().unwrap().iter().all(Result::is_ok));
    });
}

#[test]
fn threads_share_one_manager() {
    with_realm(|_, _, manager| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let manager = manager.clone();
                std::thread::spawn(move || {
                    manager.register_client(format!("svc-{number}")).call().unwrap().created
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

#[test]
fn in_async_code_it_is_an_error_and_the_manager_still_works_afterwards() {
    with_realm(|runtime, _, manager| {
        let refused = runtime.block_on(async { manager.register_client("svc").call().unwrap_err() });
        assert!(matches!(refused, Error::Blocking { .. }), "{refused}");
        assert!(manager.get_client("svc").call().unwrap_err().is_not_found(), "nothing was sent");
    });
}
