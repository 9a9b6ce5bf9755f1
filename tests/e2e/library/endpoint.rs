//! Where Keycloak is found, and what is said when it is not.

use kxi_auth_core::{Error, SecretString};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use crate::setup::{connect, connect_as_admin_with, manager, realm};

#[tokio::test]
async fn the_base_path_is_found_with_or_without_it_in_the_host() {
    let realm = realm().await;
    let server = realm.server();
    let whole = format!("{}{}/", server.host(), server.base_path());
    for host in [server.host(), whole] {
        let manager = connect(&realm).host(host.clone()).build().unwrap();
        assert!(!manager.all_roles().await.unwrap().is_empty(), "{host}");
    }
    let known =
        connect(&realm).base_path(if server.base_path().is_empty() { "/" } else { server.base_path() });
    assert!(!known.build().unwrap().all_roles().await.unwrap().is_empty());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_realm_is_told_from_a_missing_keycloak() {
    let realm = realm().await;
    let unknown = connect(&realm).realm("no-such-realm").build().unwrap();
    let error = unknown.all_roles().await.unwrap_err();
    assert!(matches!(error, Error::RealmNotFound { .. }), "{error}");

    // A path below which there is no Keycloak: the server answers in HTML.
    let elsewhere = connect(&realm).host(format!("{}/elsewhere", realm.server().host())).build().unwrap();
    let error = elsewhere.all_roles().await.unwrap_err();
    assert!(matches!(error, Error::EndpointNotFound { .. }), "{error}");
    realm.delete().await.unwrap();
}

/// As behind a reverse proxy that keeps the Admin API off the public address, and Keycloak's `hostname-admin`.
#[tokio::test]
async fn the_admin_api_may_have_an_address_of_its_own() {
    let realm = realm().await;
    let server = realm.server();
    let public = FaultProxy::start_renaming(&server.host()).await.unwrap();
    let admin = FaultProxy::start_renaming(&server.host()).await.unwrap();
    let off = r#"{"error":"Unable to find matching target resource method"}"#;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        public.inject(method, "/admin/", .., Fault::answer(404, "application/json", off));
    }
    let without = connect(&realm).host(public.host()).build().unwrap();
    for error in [
        without.register_client("svc").await.map(drop).unwrap_err(),
        without.delete_client("svc").await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::AdminApiNotFound { .. }), "{error}");
    }

    let asked = public.count("GET", "/admin/") + public.count("POST", "/admin/");
    let url = format!("{}{}", admin.host(), server.base_path());
    let with = connect(&realm).host(public.host()).admin_url(url).build().unwrap();
    let client = with.register_client("svc").await.unwrap();
    assert!(client.created);
    with.client_token("svc", client.secret.as_ref().unwrap()).await.unwrap();
    with.update_client(&client).token_lifespan(60).await.unwrap();
    with.delete_client("svc").await.unwrap();
    assert!(with.get_client("svc").await.unwrap_err().is_not_found());
    assert_eq!(public.count("GET", "/admin/") + public.count("POST", "/admin/"), asked);
    assert_eq!(admin.count("POST", "/token"), 0);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_shown() {
    let realm = realm().await;
    let manager = connect(&realm).username("nobody").password(SecretString::from("hunter2")).build().unwrap();
    let error = manager.all_roles().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_missing_permission_names_the_role() {
    let realm = realm().await;
    let viewer = connect_as_admin_with(&realm, &["view-clients"]).await.build().unwrap();
    let client = manager(&realm).register_client("svc").await.unwrap();
    assert_eq!(viewer.get_client("svc").await.unwrap().uuid, client.uuid);
    let error = viewer.delete_client("svc").await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert!(error.to_string().contains("`manage-clients` of the client `realm-management`"), "{error}");
    realm.delete().await.unwrap();
}
