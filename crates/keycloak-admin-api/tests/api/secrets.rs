//! Fields that contain a secret do not print it, but send the real text.

use std::fmt::Debug;

use keycloak_admin_api::{Secret, types};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

const SECRET: &str = "s3cret-Ωß\"\\-1";

#[track_caller]
fn hides<T: DeserializeOwned + Serialize + Debug>(fields: &[&str]) {
    let json: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), Value::from(SECRET))).collect();
    let value: T = serde_json::from_value(Value::Object(json.clone())).unwrap();
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!printed.contains("s3cret"), "{printed}");
        assert_eq!(printed.matches("REDACTED").count(), fields.len(), "{printed}");
    }
    assert_eq!(serde_json::to_value(&value).unwrap(), Value::Object(json));
}

#[test]
fn no_debug_prints_a_secret_and_serde_keeps_it() {
    hides::<types::ApplicationRepresentation>(&["registrationAccessToken", "secret"]);
    hides::<types::CertificateRepresentation>(&["privateKey"]);
    hides::<types::ClientInitialAccessPresentation>(&["token"]);
    hides::<types::ClientRepresentation>(&["registrationAccessToken", "secret"]);
    hides::<types::CredentialRepresentation>(&["secretData", "value"]);
    hides::<types::KeyStoreConfig>(&["keyPassword", "storePassword"]);
    hides::<types::OAuthClientRepresentation>(&["registrationAccessToken", "secret"]);
    hides::<types::RealmRepresentation>(&["codeSecret", "privateKey"]);
}

#[test]
fn a_secret_comes_from_and_goes_to_secrecys_own_type() {
    let secret = Secret::from(SecretString::from(SECRET));
    assert_eq!(secret.expose(), SECRET);
    assert_eq!(SecretString::from(secret).expose_secret(), SECRET);
}

#[test]
fn a_value_that_is_not_text_is_rejected_without_being_quoted() {
    let error = serde_json::from_str::<Secret>("[\"s3cret\"]").unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
}
