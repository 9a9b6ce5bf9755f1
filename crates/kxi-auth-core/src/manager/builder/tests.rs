use super::*;
use crate::error::Hint;

fn secret() -> SecretString {
    SecretString::from("hunter2")
}

#[test]
fn a_missing_parameter_is_named_with_its_variable() {
    let builder = ClientManager::builder().host("https://x").username("admin");
    let error = builder.clone().build().unwrap_err();
    assert_eq!(error.to_string(), "missing parameter `password`");
    let hint = error.hint().unwrap();
    assert!(matches!(hint, Hint::SetParameter { variable: "INSIGHTS_ADMIN_PASSWORD", .. }), "{hint}");
    assert!(builder.password(secret()).build().is_ok());
    let nothing = ClientManager::builder().username("a").password(secret()).build().unwrap_err();
    assert!(matches!(nothing, Error::MissingParameter { parameter: "host", .. }), "{nothing}");
}

#[test]
fn a_client_or_a_session_signs_in_instead_of_a_user() {
    let builder = || ClientManager::builder().host("https://x");
    assert!(builder().admin_client("svc", secret()).build().is_ok());
    assert!(builder().session(reqwest::Client::builder().build().unwrap()).build().is_ok());
}

#[test]
fn the_last_choice_of_sign_in_counts() {
    let client = || ClientManager::builder().host("https://x").admin_client("svc", secret());
    let session = || reqwest::Client::builder().build().unwrap();
    let signs_in = |builder: ClientManagerBuilder| {
        let shown = format!("{:?}", builder.build().unwrap().connection().credentials);
        shown.split([' ', '(']).next().unwrap().to_owned()
    };
    assert_eq!(signs_in(client()), "Client");
    assert_eq!(signs_in(client().username("admin").password(secret())), "Password");
    assert_eq!(signs_in(client().session(session())), "Session");
    assert_eq!(signs_in(client().session(session()).username("admin").password(secret())), "Password");
    assert_eq!(signs_in(client().username("admin").session(session())), "Session");
    assert_eq!(signs_in(client().session(session()).admin_client("svc", secret())), "Client");
    // A user name alone is not enough to sign in.
    let half = client().username("admin").build().unwrap_err();
    assert!(matches!(half, Error::MissingParameter { parameter: "password", .. }), "{half}");
}

#[test]
fn bad_certificates_and_proxies_are_rejected_without_quoting_their_content() {
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

#[test]
fn no_debug_shows_what_a_session_carries() {
    let bearer = reqwest::header::HeaderValue::from_static("Bearer hunter2");
    assert!(!bearer.is_sensitive());
    let session = reqwest::Client::builder()
        .default_headers([(reqwest::header::AUTHORIZATION, bearer)].into_iter().collect())
        .proxy(reqwest::Proxy::all("http://u:hunter3@p:1").unwrap())
        .build()
        .unwrap();
    assert!(format!("{session:?}").contains("hunter2"), "reqwest shows it");
    let builder = ClientManager::builder().host("https://x").session(session);
    let manager = builder.clone().build().unwrap();
    let (list, register) = (manager.list_clients(), manager.register_client("svc"));
    for shown in [
        format!("{builder:?} {manager:?} {list:?} {register:?}"),
        format!("{builder:#?} {manager:#?} {list:#?} {register:#?}"),
    ] {
        assert!(shown.contains("Session(") && !shown.contains("hunter"), "{shown}");
    }
    let own = ClientManager::builder().host("https://x").proxy(SecretString::from("http://u:hunter2@p"));
    let own = own.user_agent("hunter3").admin_client("svc", secret()).build().unwrap();
    assert!(
        !format!("{:?}", crate::transport::http::Http::new(own.connection()).unwrap()).contains("hunter")
    );
}
