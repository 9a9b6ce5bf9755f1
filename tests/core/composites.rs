//! Composite roles that include each other: each is read once, whatever includes it.

use std::collections::BTreeMap;

use kxi_auth_core::{Roles, Warning};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, Request, ResponseTemplate};

use crate::unrecorded::{answers, signed_in};

/// How many composite roles are nested: each includes the next, and the last one a right to administer the realm.
const DEPTH: usize = 60;

fn role(number: usize) -> Value {
    json!({"id": format!("r-{number}"), "name": format!("role-{number:02}"), "composite": true})
}

fn parts(request: &Request) -> ResponseTemplate {
    let mut path = request.url.path().rsplit('/').skip(1);
    let number: usize = path.next().and_then(|id| id.strip_prefix("r-")?.parse().ok()).unwrap_or_default();
    let last = json!({"id": "m", "name": "manage-users", "clientRole": true, "containerId": "c-1"});
    let part = if number + 1 == DEPTH { last } else { role(number + 1) };
    ResponseTemplate::new(200).set_body_json(json!([part]))
}

#[tokio::test]
async fn each_composite_role_is_read_once_for_a_run() {
    let (server, manager) = signed_in().await.unwrap();
    let all: Vec<Value> = (0..DEPTH).map(role).collect();
    answers(&server, "GET", "/roles$", 200, json!(all)).await;
    answers(&server, "GET", "/realms/insights$", 200, json!({"realm": "insights"})).await;
    answers(&server, "GET", "/clients/c-1$", 200, json!({"id": "c-1", "clientId": "realm-management"})).await;
    let clients = ["svc-1", "svc-2"]
        .map(|id| json!({"id": id, "clientId": id, "secret": "s", "serviceAccountsEnabled": true}));
    answers(&server, "GET", "/clients$", 200, json!(clients)).await;
    answers(&server, "GET", "/service-account-user$", 200, json!({"id": "user"})).await;
    answers(&server, "GET", "/role-mappings/realm$", 200, json!(all)).await;
    let composites = Mock::given(method("GET")).and(path_regex("/roles-by-id/r-[0-9]+/composites$"));
    composites.respond_with(parts).mount(&server).await;

    let items = ["svc-1", "svc-2"].map(|id| manager.register_client(id).roles(Roles::All));
    for outcome in manager.register_clients(items).await {
        let registration = outcome.unwrap();
        assert!(!registration.updated && registration.roles_added.is_empty());
        assert_eq!(registration.warnings.len(), DEPTH);
        for warning in registration.warnings {
            let Warning::GrantsRealmManagement { grants, .. } = &warning else { panic!("{warning}") };
            assert_eq!(grants, &["manage-users"], "{warning}");
        }
    }
    let mut counts = BTreeMap::new();
    for request in server.received_requests().await.unwrap() {
        let last = request.url.path().rsplit('/').next().unwrap().to_owned();
        *counts.entry(last).or_insert(0) += 1;
    }
    let expected = [
        ("c-1", 1),
        ("clients", 1),
        ("composites", DEPTH),
        ("insights", 1),
        ("realm", 2),
        ("roles", 1),
        ("service-account-user", 2),
        ("token", 1),
    ];
    assert_eq!(counts, expected.map(|(part, count)| (part.to_owned(), count)).into());
}
