use super::*;

fn secret() -> SecretString {
    SecretString::from("hunter2")
}

#[test]
fn a_missing_parameter_is_named_with_its_variable() {
    let builder = ClientManager::builder().host("https://x").username("admin");
    let error = builder.clone().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "missing parameter `password` (in the environment: INSIGHTS_ADMIN_PASSWORD)"
    );
    assert!(builder.password(secret()).build().is_ok());
    let nothing = ClientManager::builder().username("a").password(secret()).build().unwrap_err();
    assert!(matches!(nothing, Error::MissingParameter { parameter: "host", .. }), "{nothing}");
}

#[test]
fn a_client_or_a_session_signs_in_instead_of_a_user() {
    let builder = || ClientManager::builder().host("https://x");
    assert!(builder().admin_client("svc", secret()).build().is_ok());
    assert!(builder().session(reqwest::Client::builder().build().unwrap()).build().is_ok());
    assert!(builder().admin_client("svc", secret()).username("admin").build().is_err());
}

#[test]
fn bad_certificates_and_proxies_are_refused_without_a_word_of_their_content() {
    let builder = || ClientManager::builder().host("https://x").username("a").password(secret());
    for pem in ["", "hunter2", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----"] {
        let error = builder().ca_certificate(pem).build().unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let error = builder().proxy(SecretString::from("ht tp://u:hunter2@p")).build().unwrap_err().to_string();
    assert!(error.contains("proxy") && !error.contains("hunter2"), "{error}");
}

#[test]
fn no_debug_shows_a_secret() {
    let builder = ClientManager::builder().host("https://x").proxy(SecretString::from("http://u:hunter2@p"));
    let user = builder.clone().username("admin").password(secret());
    let client = builder.admin_client("svc", secret());
    for builder in [user, client] {
        assert!(!format!("{builder:?}").contains("hunter2"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("hunter2"));
    }
}
