//! `register_client`, `get_client`, `list_clients`, `delete_client_by_uuid` and `all_roles` of the Python class
//! `ClientManager`.

use futures_util::{StreamExt as _, stream};
use kxi_auth_core::{AuthClient, ClientConfig, ClientManager, ExposeSecret as _, Roles, SecretString};
use serde_json::json;

use crate::setup::{lives, manager, realm, sorted, stored_client};

/// The realm roles in a token that the client gets with its own secret.
async fn token_roles(manager: &ClientManager, client: &AuthClient) -> Vec<String> {
    let token = manager.client_token(&client.id, client.secret.as_ref().unwrap()).await.unwrap();
    sorted(token.claims.unwrap().realm_roles())
}

async fn role_names(manager: &ClientManager) -> Vec<String> {
    sorted(manager.all_roles().await.unwrap().into_iter().map(|role| role.name))
}

#[tokio::test]
async fn a_registration_and_its_token_work() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").token_lifespan(77).await.unwrap();
    let stored = stored_client(&realm, client.uuid.as_str()).await;
    assert_eq!(stored["id"], json!(client.uuid.as_str()), "the server honors the uuid that is sent");
    let secret = client.secret.as_ref().unwrap();
    assert_eq!(stored["secret"], json!(secret.expose_secret()));
    let token = manager.client_token("svc", secret).await.unwrap();
    assert!(lives(&token, 77), "{token:?}");
    let roles = manager.all_roles().await.unwrap().into_iter().map(|role| role.name);
    assert_eq!(sorted(token.claims.unwrap().realm_roles()), sorted(roles));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn register_client_twice_gives_one_client_with_every_role() {
    let realm = realm().await;
    let manager = manager(&realm);

    let first = manager.register_client("svc").await.unwrap();
    assert!(first.created);
    assert_eq!(token_roles(&manager, &first).await, role_names(&manager).await);

    let second = manager.register_client("svc").await.unwrap();
    assert!(!second.created);
    assert_eq!(second.uuid, first.uuid);
    assert_eq!(second.roles_added.realm, [""; 0]);
    let secret = |client: &AuthClient| client.secret.clone().unwrap().expose_secret().to_owned();
    assert_eq!(secret(&second), secret(&first), "without a secret given, the existing one is kept");

    let listed = manager.list_clients().await.unwrap();
    assert_eq!(listed.iter().filter(|client| client.id == "svc").count(), 1);
    assert_eq!(manager.get_client("svc").await.unwrap().uuid, first.uuid);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_new_client_is_confidential_with_the_service_account_alone() {
    let realm = realm().await;
    let client = manager(&realm).register_client("svc").roles(Roles::None).await.unwrap();
    let stored = stored_client(&realm, client.uuid.as_str()).await;
    for (field, value) in [
        ("publicClient", false),
        ("bearerOnly", false),
        ("enabled", true),
        ("serviceAccountsEnabled", true),
        ("standardFlowEnabled", false),
        ("implicitFlowEnabled", false),
        ("directAccessGrantsEnabled", false),
    ] {
        assert_eq!(stored[field], json!(value), "{field}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn register_client_sets_a_given_secret_and_adds_named_roles() {
    let realm = realm().await;
    let manager = manager(&realm);
    let secret = SecretString::from("ünï-\u{1F511} +&=%");

    let named = Roles::named(["all", "a,b"]);
    let client = manager.register_client("svc").secret(secret.clone()).roles(named).await.unwrap();
    let default = format!("default-roles-{}", realm.name());
    // The service account's user has the realm's default roles, whatever is mapped beside.
    let mine = sorted(["all", "a,b", &default, "offline_access", "uma_authorization"]);
    assert_eq!(token_roles(&manager, &client).await, mine);

    // Another registration adds its role, takes none away and changes the secret that it names.
    let next = SecretString::from("another secret");
    let again =
        manager.register_client("svc").secret(next).roles(Roles::named(["none", "all"])).await.unwrap();
    assert_eq!(again.roles_added.realm, ["none"]);
    let mut more = mine;
    more.push("none".to_owned());
    assert_eq!(token_roles(&manager, &again).await, sorted(more));
    let refused = manager.client_token("svc", &secret).await.unwrap_err();
    assert!(refused.is_unauthorized(), "the old secret is void: {refused}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_existing_client_gets_a_service_account_and_loses_nothing() {
    let realm = realm().await;
    let before = json!({
        "clientId": "app", "secret": "s3", "serviceAccountsEnabled": false, "standardFlowEnabled": true,
        "redirectUris": ["https://app.example.com/*"], "attributes": {"owner": "me"},
    });
    let uuid = realm.post("/clients", &before).await.unwrap();
    let manager = manager(&realm);

    let client = manager.register_client("app").await.unwrap();
    assert_eq!((client.uuid.as_str(), client.created), (uuid.as_str(), false));
    assert_eq!(token_roles(&manager, &client).await, role_names(&manager).await);
    let stored = stored_client(&realm, &uuid).await;
    assert_eq!(stored["redirectUris"], before["redirectUris"]);
    assert_eq!(stored["standardFlowEnabled"], json!(true));
    assert_eq!(stored["attributes"]["owner"], json!("me"));
    assert_eq!(stored["secret"], json!("s3"));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_unknown_role_leaves_nothing_behind() {
    let realm = realm().await;
    let manager = manager(&realm);
    let roles = Roles::named(["insights.query.dat", "insights.role.viewer", "zz"]);
    let error = manager.register_client("svc").roles(roles).await.unwrap_err();
    let expected = format!(
        "unknown roles in the realm `{}`: `insights.query.dat` (did you mean `insights.query.data`?), `zz`",
        realm.name()
    );
    assert_eq!(error.to_string(), expected);
    assert!(manager.get_client("svc").await.unwrap_err().is_not_found());
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_taken_name_is_told_from_an_existing_client() {
    let realm = realm().await;
    let manager = manager(&realm);
    manager.register_client("Case-Svc").roles(Roles::None).await.unwrap();
    realm.post("/users", &json!({"username": "service-account-person"})).await.unwrap();
    for (id, by) in [("case-svc", "the client `Case-Svc`"), ("person", "a user, or")] {
        let error = manager.register_client(id).await.unwrap_err();
        assert!(error.is_conflict() && error.to_string().contains(&format!("is taken by {by}")), "{error}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn an_id_of_a_mapper_that_another_client_has_is_named() {
    let realm = realm().await;
    let manager = manager(&realm);
    let config = |id: &str| {
        let mapper = json!({
            "id": id, "name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": "feeds"},
        });
        ClientConfig::new().set("protocolMappers", json!([mapper]))
    };
    // Such an ID is unique on the whole server.
    let id = format!("mapper of {}", realm.name());
    let register = |client: &str| manager.register_client(client).roles(Roles::None);
    register("one").config(config(&id)).await.unwrap();
    let created = register("two").config(config(&id)).await.unwrap_err();
    let two = register("two").await.unwrap();
    let updated = manager.update_client(&two).config(config(&id)).await.unwrap_err();
    for error in [created, updated] {
        let text = error.to_string();
        assert!(error.is_conflict() && text.starts_with("conflict over the client `two`: "), "{text}");
        assert!(text.contains("leave `id` out") && !text.contains("is taken"), "{text}");
        assert!(error.hint().is_none(), "{text}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_500_names_the_field_whose_value_the_server_does_not_check() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").roles(Roles::None).await.unwrap();
    let config = ClientConfig::new()
        .set("authenticationFlowBindingOverrides", json!({"browser": "no-such-flow"}))
        .attribute("team", "feeds");
    let created = manager.register_new_client("new").config(config.clone()).await.unwrap_err();
    let updated = manager.update_client(&client).config(config).await.unwrap_err();
    for error in [created, updated] {
        let text = error.to_string();
        let names =
            "the likely cause is the value of `authenticationFlowBindingOverrides` or `attributes.team`";
        assert!(text.ends_with(names) && !text.contains("no-such-flow"), "{text}");
        assert!(!error.is_temporary(), "{text}");
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn any_client_id_comes_back_as_it_was() {
    let realm = realm().await;
    let manager = manager(&realm);
    for id in ["a/b", "%2e%2e", "..", "a+b&c?d#e", "\"quoted' \\ <x>", " spaced ", "Grüße \u{1F511}"] {
        let client = manager.register_client(id).roles(Roles::None).await.unwrap();
        let found = manager.get_client(id).await.unwrap();
        assert_eq!((found.id.as_str(), &found.uuid), (id, &client.uuid));
        assert!(manager.client_token(id, client.secret.as_ref().unwrap()).await.is_ok(), "{id}");
        manager.delete_client(id).await.unwrap();
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn delete_client_by_uuid_deletes_the_client_and_its_user() {
    let realm = realm().await;
    let manager = manager(&realm);
    let client = manager.register_client("svc").await.unwrap();
    manager.delete_client_by_uuid(&client.uuid).await.unwrap();
    assert!(manager.get_client("svc").await.unwrap_err().is_not_found());
    assert!(manager.delete_client_by_uuid(&client.uuid).await.unwrap_err().is_not_found());
    assert_eq!(realm.get("/users?username=service-account-svc&exact=true").await.unwrap(), json!([]));
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn list_clients_reads_every_page_once() {
    let realm = realm().await;
    let manager = manager(&realm);
    let new = |number: usize| {
        let realm = &realm;
        async move {
            realm.post("/clients", &json!({"clientId": format!("svc-{number:03}")})).await.unwrap();
        }
    };
    stream::iter(0..101).map(new).buffer_unordered(8).collect::<()>().await;
    let mut ids: Vec<String> =
        manager.list_clients().await.unwrap().into_iter().map(|client| client.id).collect();
    ids.retain(|id| id.starts_with("svc-"));
    let expected: Vec<String> = (0..101).map(|number| format!("svc-{number:03}")).collect();
    assert_eq!(ids, expected);
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn get_client_finds_the_exact_id_with_and_without_its_secret() {
    let realm = realm().await;
    let manager = manager(&realm);
    let made = manager.register_client("svc").secret(SecretString::from("s3")).await.unwrap();
    let found = manager.get_client("svc").await.unwrap();
    assert_eq!((&found.id, &found.uuid, &found.host), (&made.id, &made.uuid, &made.host));
    assert_eq!(found.secret.unwrap().expose_secret(), "s3");
    assert!(manager.get_client("svc").with_secret(false).await.unwrap().secret.is_none());
    for other in ["SVC", "sv", "svc%"] {
        let error = manager.get_client(other).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.request().map(|request| request.method), Some("GET"));
    }
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn all_roles_are_those_of_the_realm_keycloaks_own_among_them() {
    let realm = realm().await;
    let default = format!("default-roles-{}", realm.name());
    let mut expected = sorted(crate::setup::ROLES);
    expected.extend(["offline_access".to_owned(), "uma_authorization".to_owned(), default.clone()]);
    let roles = manager(&realm).all_roles().await.unwrap();
    assert_eq!(sorted(roles.iter().map(|role| role.name.clone())), sorted(expected));
    let composites = roles.iter().filter(|role| role.composite).map(|role| role.name.clone());
    assert_eq!(sorted(composites), [default]);
    realm.delete().await.unwrap();
}
