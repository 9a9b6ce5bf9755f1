//! `update_client` and `register_new_client` of the Python class, `rotate_secret`, and what is guarded.

use kxi_auth_core::{ClientConfig, Error, ExposeSecret as _, Roles, SecretString, Warning};
use serde_json::json;

use crate::setup::{connect, manager, realm, stored_client};

#[tokio::test]
async fn update_client_changes_what_is_named_and_never_sends_the_secret_it_holds() {
    let realm = realm().await;
    let manager = manager(&realm);
    let stale = manager.register_client("svc").secret(SecretString::from("old")).await.unwrap().client;
    manager.update_client(&stale).secret(SecretString::from("live")).await.unwrap();
    let updated = manager.update_client(&stale).token_lifespan(99).await.unwrap();
    assert_eq!(updated.client.secret.unwrap().expose_secret(), "live");
    let stored = stored_client(&realm, stale.uuid.as_str()).await;
    assert_eq!(
        (&stored["secret"], &stored["attributes"]["access.token.lifespan"]),
        (&json!("live"), &json!("99"))
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn update_client_refuses_before_anything_is_sent() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap().client;
    let before = stored_client(&realm, client.uuid.as_str()).await;
    let refused = [
        manager.update_client(&client).secret(SecretString::from("")).await,
        manager.update_client(&client).secret(SecretString::from("x".repeat(256))).await,
        manager.update_client(&client).token_lifespan(0).await,
        manager.update_client(&client).token_lifespan(-1).await,
        manager.update_client(&client).token_lifespan(2_147_483_648).await,
        manager.update_client(&client).config(ClientConfig::new().set("redirectUri", json!(["x"]))).await,
        manager.update_client(&client).config(ClientConfig::new().set("secret", "x")).await,
        manager.update_client(&client).config(ClientConfig::new().set("id", "x")).await,
    ];
    for error in refused.map(Result::unwrap_err) {
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
    }
    assert_eq!(stored_client(&realm, client.uuid.as_str()).await, before);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn register_new_client_never_adopts() {
    let realm = realm().await;
    let manager = manager(&realm);
    let config = ClientConfig::new().description("A service").redirect_uris(["https://a.example.com/*"]);
    let client = manager.register_new_client("svc").token_lifespan(300).config(config).await.unwrap();
    let stored = stored_client(&realm, client.uuid.as_str()).await;
    assert_eq!(stored["description"], json!("A service"));
    assert!(manager.client_token("svc", client.secret.as_ref().unwrap()).await.is_ok());
    assert_eq!(manager.service_account_roles(&client).await.unwrap().len(), 1, "none but the default roles");

    let error = manager.register_new_client("svc").secret(SecretString::from("mine")).await.unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("exists already"), "{error}");
    assert_eq!(stored_client(&realm, client.uuid.as_str()).await, stored);
    for bad in ["", " ", "a\tb", &"x".repeat(240)] {
        let error = manager.register_new_client(bad).await.unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn rotate_secret_voids_the_old_one() {
    let realm = realm().await;
    let manager = manager(&realm);
    let old = manager.register_client("svc").await.unwrap().client;
    let new = manager.rotate_secret(&old).await.unwrap();
    assert_ne!(new.secret.as_ref().unwrap().expose_secret(), old.secret.as_ref().unwrap().expose_secret());
    assert!(manager.client_token("svc", new.secret.as_ref().unwrap()).await.is_ok());
    assert!(manager.client_token("svc", old.secret.as_ref().unwrap()).await.unwrap_err().is_unauthorized());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn built_in_clients_are_left_alone_unless_allowed() {
    let realm = realm().await;
    let manager = connect(&realm).builtin_clients(["platform-gui"]).build().unwrap();
    realm.post("/clients", &json!({"clientId": "platform-gui"})).await.unwrap();
    for id in ["account", "realm-management", "platform-gui"] {
        let client = manager.get_client(id).await.unwrap();
        let refused = [
            manager.register_client(id).await.map(drop),
            manager.update_client(&client).token_lifespan(60).await.map(drop),
            manager.rotate_secret(&client).await.map(drop),
            manager.delete_client(id).await.map(drop),
            manager.delete_client_by_uuid(&client.uuid).await,
        ];
        for error in refused.map(Result::unwrap_err) {
            assert!(matches!(error, Error::Builtin { .. }), "{id}: {error}");
        }
        assert_eq!(manager.get_client(id).await.unwrap().uuid, client.uuid);
    }
    manager.delete_client("platform-gui").allow_builtin(true).await.unwrap();
    assert!(manager.get_client("platform-gui").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_client_of_another_kind_is_left_as_it_is_and_converted_only_on_demand() {
    let realm = realm().await;
    let manager = manager(&realm);
    for (id, field, value) in [
        ("public", "publicClient", json!(true)),
        ("bearer", "bearerOnly", json!(true)),
        ("disabled", "enabled", json!(false)),
        ("saml", "protocol", json!("saml")),
        ("jwt", "clientAuthenticatorType", json!("client-jwt")),
    ] {
        let mut client = json!({"clientId": id});
        client[field] = value;
        let uuid = realm.post("/clients", &client).await.unwrap();
        let before = stored_client(&realm, &uuid).await;
        let error = manager.register_client(id).secret(SecretString::from("x")).await.unwrap_err();
        assert!(matches!(error, Error::NotAServiceAccount { .. }), "{error}");
        assert!(error.to_string().contains(field), "{error}");
        assert_eq!(stored_client(&realm, &uuid).await, before);
        let done = manager.register_client(id).convert(true).await.unwrap();
        assert_eq!((done.uuid.as_str(), done.created), (uuid.as_str(), false));
        let secret = done.secret.as_ref().unwrap();
        assert!(manager.client_token(id, secret).await.is_ok(), "{id} signs in");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_empty_secret_is_replaced() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = json!({"clientId": "svc", "secret": "", "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await.unwrap();
    let done = manager.register_client("svc").roles(Roles::None).await.unwrap();
    assert!(manager.client_token("svc", done.secret.as_ref().unwrap()).await.is_ok());
    assert!(!done.secret.as_ref().unwrap().expose_secret().is_empty());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn what_may_not_be_meant_is_a_warning() {
    let realm = realm().await;
    let manager = manager(&realm);
    let narrow = json!({"clientId": "narrow", "serviceAccountsEnabled": true, "fullScopeAllowed": false});
    realm.post("/clients", &narrow).await.unwrap();
    let done = manager.register_client("narrow").await.unwrap();
    assert!(
        matches!(&done.warnings[..], [Warning::NoFullScope { client_id, .. }] if client_id == "narrow"),
        "{:?}",
        done.warnings
    );

    // A role that holds another that holds the right to do everything in the realm.
    for name in ["inner", "outer"] {
        realm.post("/roles", &json!({"name": name})).await.unwrap();
    }
    let management = realm.get("/clients?clientId=realm-management").await.unwrap()[0]["id"].clone();
    let path = format!("/clients/{}/roles/realm-admin", management.as_str().unwrap());
    let admin = realm.get(&path).await.unwrap();
    realm.post("/roles/inner/composites", &json!([admin])).await.unwrap();
    let inner = realm.get("/roles/inner").await.unwrap();
    realm.post("/roles/outer/composites", &json!([inner])).await.unwrap();
    let done = manager.register_client("svc").roles(Roles::named(["outer"])).await.unwrap();
    let [Warning::GrantsRealmManagement { role, grants, .. }] = done.warnings.as_slice() else {
        panic!("{:?}", done.warnings)
    };
    assert_eq!(role, "outer");
    assert!(
        grants.contains(&"realm-admin".to_owned()) && grants.contains(&"manage-users".to_owned()),
        "{grants:?}"
    );
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn all_roles_of_master_are_refused() {
    let realm = realm().await;
    let master = connect(&realm).realm("master").build().unwrap();
    let id = format!("{}-probe", realm.name());
    let error = master.register_client(&id).await.unwrap_err();
    assert!(matches!(error, Error::MasterRoles { .. }), "{error}");
    assert!(master.get_client(&id).await.unwrap_err().is_not_found(), "nothing was created");
    realm.delete().await.unwrap();
}
