//! An admin with fine-grained permissions for some clients only: the server leaves the others out of its lists.

use kxi_auth_core::{Error, Roles, SecretString};

use crate::setup::{connect, manager, realm};

const PASSWORD: &str = "the realm admin's password";

#[tokio::test]
async fn a_client_that_fine_grained_permissions_hide_is_not_called_absent() {
    let realm = realm().await;
    let everyone = manager(&realm);
    let mut uuids = Vec::new();
    for id in ["one", "two", "hidden"] {
        uuids.push(everyone.register_client(id).roles(Roles::None).await.unwrap().uuid.to_string());
    }
    let sees_some = crate::setup::delegate(&realm, PASSWORD, &uuids[..2]).await;
    let delegate = connect(&realm).admin_realm(realm.name()).username("delegate");
    let delegate = delegate.password(SecretString::from(PASSWORD)).build().unwrap();
    let seen = delegate.list_clients().await;
    if sees_some {
        let ids = seen.unwrap().into_iter().map(|client| client.id);
        assert_eq!(ids.collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(delegate.get_client("one").await.unwrap().uuid.as_str(), uuids[0]);
    } else {
        for error in [seen.map(drop).unwrap_err(), delegate.get_client("one").await.map(drop).unwrap_err()] {
            assert!(error.is_forbidden(), "{error:?}");
        }
    }
    let items = ["one", "hidden", "none"].map(|id| delegate.register_client(id).roles(Roles::None));
    let mut plans = delegate.plan_clients(items).await.into_iter();
    assert_eq!(plans.next().unwrap().is_ok(), sees_some);
    for plan in plans {
        let error = plan.map(drop).unwrap_err();
        // Who sees no client at all lacks a permission, whatever the client.
        assert!(error.is_forbidden(), "{error:?}");
        assert_eq!(matches!(error, Error::NotVisible { .. }), sees_some, "{error:?}");
    }
    for error in [
        delegate.get_client("hidden").await.map(drop).unwrap_err(),
        delegate.get_client("none").await.map(drop).unwrap_err(),
        delegate.delete_client("hidden").await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::NotVisible { .. }) && error.is_forbidden(), "{error:?}");
    }
    // An admin who sees every client learns which one does not exist.
    assert!(everyone.get_client("none").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}
