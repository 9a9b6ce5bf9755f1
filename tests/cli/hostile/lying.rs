//! Servers that say what is not true, in the words of Keycloak. What a server says of itself cannot be checked, but what
//! is not about the thing that was asked for is rejected, and nothing goes on forever.

use kxi_auth_tests::programs::measured::Measured;
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{against, command};

/// A server that responds as the rules say, the first that fits, and otherwise as Keycloak.
struct Liar(MockServer);

impl Liar {
    async fn telling(lies: Vec<(&str, &str, ResponseTemplate)>) -> Self {
        let server = MockServer::start().await;
        for (verb, path, response) in lies {
            let lie = Mock::given(method(verb)).and(path_regex(path)).respond_with(response);
            lie.with_priority(1).mount(&server).await;
        }
        let client = client("svc", "u-1");
        for (verb, path, status, body) in [
            ("POST", "/token$", 200, json!({"access_token": "the-token", "expires_in": 300})),
            ("GET", "/clients$", 200, json!([client])),
            ("GET", "/clients/u-1$", 200, client.clone()),
            ("GET", "/roles$", 200, json!([{"id": "r-1", "name": "reader"}])),
            ("GET", "/service-account-user$", 200, json!({"id": "user-1"})),
            ("GET", "/role-mappings/realm$", 200, json!([])),
            ("POST", "/clients$", 409, json!({"errorMessage": "Client svc already exists"})),
            ("PUT", "/clients/u-1$", 204, Value::Null),
            ("POST", "/role-mappings/realm$", 204, Value::Null),
            ("DELETE", "/clients/u-1$", 204, Value::Null),
        ] {
            let response = if body.is_null() { ResponseTemplate::new(status) } else { says(status, &body) };
            Mock::given(method(verb)).and(path_regex(path)).respond_with(response).mount(&server).await;
        }
        Self(server)
    }

    async fn runs(&self, name: &str, words: &[&str]) -> Measured {
        against(name, command(&self.0.uri(), words)).await
    }

    /// How many requests there were.
    async fn count(&self) -> usize {
        self.0.received_requests().await.unwrap().len()
    }

    /// The paths of the requests that change something.
    async fn writes(&self) -> Vec<String> {
        let requests = self.0.received_requests().await.unwrap();
        let writes =
            |request: &&Request| request.method.as_str() != "GET" && !request.url.path().ends_with("/token");
        requests
            .iter()
            .filter(writes)
            .map(|request| format!("{} {}", request.method, request.url.path()))
            .collect()
    }
}

fn says(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn client(id: &str, uuid: &str) -> Value {
    json!({"id": uuid, "clientId": id, "secret": "the-stored-secret", "serviceAccountsEnabled": true,
        "fullScopeAllowed": true, "attributes": {}})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_another_client_is_not_taken() {
    let other = says(200, &json!([client("other", "u-2")]));
    for words in [
        &["client", "get", "svc"][..],
        &["client", "update", "svc", "--token-lifespan", "60"],
        &["client", "rotate-secret", "svc"],
        &["client", "delete", "svc", "--yes"],
        &["client", "roles", "list", "svc"],
    ] {
        let liar = Liar::telling(vec![("GET", "/clients$", other.clone())]).await;
        let ran = liar.runs("lying: another client's data", words).await;
        assert!(matches!(ran.code, Some(4 | 5)), "{words:?}: {ran:?}");
        assert!(!ran.stdout.contains("other"), "{words:?}: {ran:?}");
        assert_eq!(liar.writes().await, [""; 0], "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_another_uuid_is_not_changed() {
    let other = says(200, &client("other", "u-2"));
    for words in
        [&["client", "update", "svc", "--token-lifespan", "60"][..], &["client", "rotate-secret", "svc"]]
    {
        let liar = Liar::telling(vec![("GET", "/clients/u-1$", other.clone())]).await;
        let ran = liar.runs("lying: another UUID than asked", words).await;
        assert_eq!(ran.code, Some(7), "{words:?}: {ran:?}");
        assert!(liar.writes().await.iter().all(|write| !write.contains("u-2")), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_effect_is_not_reported_as_done() {
    let liar = Liar::telling(vec![]).await;
    let ran = liar.runs("lying: a rotation without effect", &["client", "rotate-secret", "svc"]).await;
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stderr.contains("stores it as before"), "{ran:?}");
    let ran = liar
        .runs("lying: an update without effect", &["client", "update", "svc", "--token-lifespan", "60"])
        .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("warning: the server stored no value as `attributes.access.token.lifespan`"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_repeat_end() {
    let page: Vec<Value> =
        (0..64).map(|number| client(&format!("svc-{number}"), &format!("u-{number}"))).collect();
    let liar = Liar::telling(vec![("GET", "/clients$", says(200, &json!(page)))]).await;
    let ran = liar.runs("lying: a page that comes again forever", &["client", "list"]).await;
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert!(ran.stderr.contains("the list keeps changing"), "{ran:?}");
    let requests = liar.count().await;
    assert!((100..200).contains(&requests), "{requests}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_changes_ends_nothing() {
    let liar = Liar::telling(vec![]).await;
    let counts = std::sync::atomic::AtomicUsize::new(0);
    let count = move |_: &Request| {
        let number = counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        says(200, &json!(if number.is_multiple_of(2) { 0 } else { i32::MAX }))
    };
    Mock::given(method("GET")).and(path_regex("/users/count$")).respond_with(count).mount(&liar.0).await;
    let ran = liar.runs("lying: a total that changes", &["doctor"]).await;
    assert!(ran.code.is_some(), "{ran:?}");
    assert!(liar.count().await < 60, "{}", liar.count().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_for_ever_costs_a_few_requests() {
    let rejected = |status, body: Value| says(status, &body);
    let unauthorized = || rejected(401, json!({"error": "HTTP 401 Unauthorized"}));
    let taken = || rejected(409, json!({"errorMessage": "Client svc already exists"}));
    let busy = || ResponseTemplate::new(503).insert_header("retry-after", "99999999999999999999");
    // An admin who sees every client, and not this one.
    let others = || says(200, &json!([client("admin-cli", "u-9")]));
    let register = ["client", "register", "svc", "--roles", "reader"];
    for (name, lies, words, code) in [
        ("lying: 401 forever", vec![("GET", "/admin/", unauthorized())], &["role", "list"][..], 3),
        (
            "lying: 409 forever",
            vec![("GET", "/clients$", others()), ("POST", "/clients$", taken())],
            &register[..],
            6,
        ),
        (
            "lying: 409 to every change",
            vec![("PUT", "/clients/", taken())],
            &["client", "update", "svc", "--token-lifespan", "60"],
            6,
        ),
        ("lying: a Retry-After of years", vec![("GET", "/roles$", busy())], &["role", "list"], 7),
        (
            "lying: 404 forever",
            vec![("GET", "/admin/", rejected(404, json!({"error": "Could not find client"})))],
            &["client", "get", "svc"],
            7,
        ),
    ] {
        let liar = Liar::telling(lies).await;
        let ran = liar.runs(name, words).await;
        assert_eq!(ran.code, Some(code), "{name}: {ran:?}");
        let requests = liar.count().await;
        assert!(requests < 30, "{name}: {requests} requests");
    }
}

/// A token that expires at once is renewed before each request, and no oftener.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_expire_at_once_are_no_endless_loop() {
    for (name, lifetime, code) in [
        ("lying: expired tokens forever", 0, 7),
        ("lying: tokens that expire in the past", -99, 7),
        ("lying: tokens of one second", 1, 0),
        ("lying: tokens that live for years", i64::MAX, 0),
    ] {
        let token = json!({"access_token": "the-token", "expires_in": lifetime});
        let liar = Liar::telling(vec![("POST", "/token$", says(200, &token))]).await;
        let ran = liar.runs(name, &["client", "register", "svc", "--roles", "reader"]).await;
        assert_eq!(ran.code, Some(code), "{name}: {ran:?}");
        assert!(liar.count().await < 30, "{name}: {}", liar.count().await);
    }
}

/// Whose token it is, only the server knows: a token that names another client is a warning.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_another_client_is_shown_as_that() {
    // {"iss":"https://x/realms/insights","azp":"other","exp":301,"iat":1}
    let claims = "eyJpc3MiOiJodHRwczovL3gvcmVhbG1zL2luc2lnaHRzIiwiYXpwIjoib3RoZXIiLCJleHAiOjMwMSwiaWF0IjoxfQ";
    let token = json!({"access_token": format!("e30.{claims}.the-token"), "expires_in": 300});
    let liar = Liar::telling(vec![("POST", "/token$", says(200, &token))]).await;
    let ran = liar.runs("lying: a token of another client", &["client", "token", "svc"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("the token is that of the client `other` (`azp`), not of `svc`"), "{ran:?}");
}
