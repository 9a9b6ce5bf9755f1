use super::*;

fn refusal(status: u16, message: &str) -> Fault {
    let line = RequestLine::new("GET", "/admin/realms/{realm}/clients", &["insights"]);
    let operation = Operation { line, needs: "view-clients", about: ("client", "svc".to_owned()) };
    let status = StatusCode::from_u16(status).unwrap();
    Fault::Refused(Box::new(Refusal {
        operation,
        status,
        message: message.to_owned(),
        by_keycloak: true,
        retry: None,
        repeated: false,
    }))
}

#[test]
fn a_403_names_the_role_where_the_admin_has_it() {
    let master = Asker { host: "https://x", realm: "insights", admin_realm: "master" }
        .explain(refusal(403, "HTTP 403 Forbidden"));
    assert_eq!(
        master.to_string(),
        "GET /admin/realms/insights/clients: permission denied; the signed-in user needs the role `view-clients` \
         of the client `insights-realm` in the realm `master`"
    );
    let own = Asker { host: "https://x", realm: "insights", admin_realm: "insights" }
        .explain(refusal(403, "HTTP 403 Forbidden"));
    assert!(own.to_string().ends_with("of the client `realm-management` in the realm `insights`"), "{own}");
    let masters = Asker { host: "https://x", realm: "master", admin_realm: "master" }
        .explain(refusal(403, "HTTP 403 Forbidden"));
    assert!(masters.to_string().ends_with("of the client `master-realm` in the realm `master`"), "{masters}");
}

#[test]
fn a_404_tells_a_missing_realm_from_a_missing_client() {
    let asker = Asker { host: "https://x", realm: "insights", admin_realm: "master" };
    let realm = asker.explain(refusal(404, "Realm not found."));
    assert!(matches!(realm, Error::RealmNotFound { .. }), "{realm}");
    let client = asker.explain(refusal(404, "Could not find client"));
    assert_eq!(client.to_string(), "client `svc` does not exist in the realm `insights`");
}

#[test]
fn the_servers_words_come_from_any_of_its_error_forms() {
    for (body, words) in [
        (r#"{"errorMessage":"Client x already exists"}"#, Some("Client x already exists")),
        (r#"{"error":"invalid_grant","error_description":"why"}"#, Some("why")),
        (r#"{"error":"HTTP 401 Unauthorized"}"#, Some("HTTP 401 Unauthorized")),
        (
            r#"{"error":"Realm not found.","error_description":"For more on this error consult the server log at the debug level."}"#,
            Some(UNKNOWN_REALM),
        ),
        ("<html>", None),
    ] {
        assert_eq!(server_words(body.as_bytes()).as_deref(), words);
    }
}

#[test]
fn the_servers_words_are_safe_for_a_terminal() {
    let words = server_words(b"{\"error\":\"a\\u001b[31m\\nb\"}").unwrap();
    assert_eq!(words, "a\\u{1b}[31m\\u{a}b");
    let long = format!("{{\"error\":\"{}\"}}", "x".repeat(9000));
    assert_eq!(server_words(long.as_bytes()).unwrap().len(), 500);
}

#[test]
fn a_mapping_that_met_another_is_a_race_and_nothing_else_is() {
    let mapping = RequestLine::new("POST", "/admin/realms/{realm}/users/{user-id}/role-mappings/realm", &[]);
    let client = RequestLine::new("POST", "/admin/realms/{realm}/clients", &[]);
    assert!(is_race(&mapping, StatusCode::BAD_REQUEST, MAPPING_RACE));
    assert!(is_race(&mapping, StatusCode::INTERNAL_SERVER_ERROR, "unknown_error"));
    assert!(!is_race(&mapping, StatusCode::BAD_REQUEST, "another"));
    assert!(!is_race(&client, StatusCode::INTERNAL_SERVER_ERROR, "unknown_error"));
}
