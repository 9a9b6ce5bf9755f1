//! Errors: their form in each format, and an exit code for each kind of cause.

use kxi_auth_tests::programs::command::{Ran, bare, kxi_auth, run};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

use crate::{NOWHERE, PASSWORD, at, part};

/// Runs the words and returns the exit code with the error in JSON, after a look at its form.
async fn failed(replay: Replay, words: &[&str]) -> (i32, String, String) {
    let ran = at(&replay.host(), &[words, &["-o", "json"]].concat()).await;
    crate::finish(replay, &ran);
    failed_with(&ran)
}

/// Exit code, kind and message.
fn failed_with(ran: &Ran) -> (i32, String, String) {
    assert_eq!(ran.stdout, "", "{ran:?}");
    let error = ran.error().unwrap();
    let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["kind", "message", "hint"], "{ran:?}");
    assert!(error["hint"].is_string() || error["hint"].is_null(), "{ran:?}");
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    (ran.code, text("kind"), text("message"))
}

fn is(failure: &(i32, String, String), code: i32, kind: &str) {
    assert_eq!((failure.0, failure.1.as_str()), (code, kind), "{failure:?}");
}

async fn all(scenario: &str) -> Replay {
    Replay::start(scenario).await.unwrap()
}

#[tokio::test]
async fn each_exit_code_has_its_cause() {
    // 1: the server does not want the values.
    let field = "redirectUris=[\"https://*.example.com/ /\"]";
    let words = ["client", "register", "svc", "--roles", "none", "--set", field];
    is(&failed(all("register-invalid-redirect").await, &words).await, 1, "rejected");
    // 2: see also what is refused unasked.
    let words = ["client", "get", " "];
    is(
        &failed_with(&at(NOWHERE, &[words.as_slice(), &["-o", "json"]].concat()).await),
        2,
        "invalid_parameter",
    );
    // 3
    is(&failed(all("wrong-password").await, &["client", "list"]).await, 3, "sign_in_refused");
    // 4: the write is refused.
    let forbidden = || async {
        part("client-write-without-permission", |place, _| place < 4 || place == 6 || place == 7).await
    };
    let mut command = kxi_auth(NOWHERE, REALM, "limited", PASSWORD).unwrap();
    let replay = forbidden().await;
    command.env("INSIGHTS_URL", replay.host()).env("INSIGHTS_ADMIN_REALM", REALM);
    command.args(["client", "rotate-secret", "svc", "-o", "json"]);
    let ran = run(command, "").await.unwrap();
    replay.finish().unwrap();
    is(&failed_with(&ran), 4, "forbidden");
    // 5: client, role and realm.
    is(&failed(all("client-get-missing").await, &["client", "get", "svc-3"]).await, 5, "not_found");
    let missing = part("unknown-realm", |place, _| place < 4).await;
    is(&failed(missing, &["role", "list", "--realm", "no-such-realm"]).await, 5, "realm_not_found");
    let words = ["client", "register", "svc", "--roles", "insights.query.data,insights.query.date,zz"];
    is(&failed(all("register-unknown-role").await, &words).await, 5, "unknown_roles");
    // 6: the name is taken, or its client is of another kind.
    is(&failed(all("register-taken-by-user").await, &["client", "register", "svc"]).await, 6, "conflict");
    let public = failed(all("register-public-client").await, &["client", "register", "web-app"]).await;
    is(&public, 6, "not_a_service_account");
    // 7: a server that does not respond, and one that fails.
    let words = ["role", "list", "--retries", "0", "-o", "json"];
    is(&failed_with(&at(NOWHERE, &words).await), 7, "unreachable");
    let proxy = FaultProxy::start(NOWHERE).await.unwrap();
    proxy.inject("GET", "/", .., Fault::status(503));
    let failing = failed_with(&at(&proxy.host(), &words).await);
    assert_eq!(failing.0, 7, "{failing:?}");
}

/// Scripts take 5 for "already gone".
#[tokio::test]
async fn a_missing_admin_api_is_no_missing_client() {
    let off = r#"{"error":"Unable to find matching target resource method"}"#;
    for words in
        [&["client", "register", "svc"][..], &["client", "get", "svc"], &["client", "delete", "svc", "--yes"]]
    {
        let replay = all("role-list").await;
        let proxy = FaultProxy::start(&replay.host()).await.unwrap();
        for method in ["GET", "POST"] {
            proxy.inject(method, "/admin/", .., Fault::answer(404, "application/json", off));
        }
        let ran = at(&proxy.host(), &[words, &["--keycloak-path", "/auth", "-o", "json"]].concat()).await;
        is(&failed_with(&ran), 7, "admin_api_not_found");
        assert!(ran.error().unwrap()["hint"].as_str().unwrap().contains("--admin-url"), "{ran:?}");
    }
    let replay = all("role-list").await;
    let url = format!("{}/auth", replay.host());
    let ran = at(&replay.host(), &["role", "list", "--keycloak-path", "/auth", "--admin-url", &url]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// A Kubernetes Job tries again after 7, and gives up for good after 3.
#[tokio::test]
async fn a_gateway_that_blocks_the_sign_in_is_no_wrong_password() {
    let replay = all("role-list").await;
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    let page = "<html><head><title>Access denied</title></head></html>";
    for (status, kind) in [(400, "not_keycloak"), (403, "not_keycloak"), (429, "server_failed")] {
        proxy.inject("POST", "/token", .., Fault::answer(status, "text/html", page));
        let words = ["role", "list", "--keycloak-path", "/auth", "--retries", "0", "-o", "json"];
        let failure = failed_with(&at(&proxy.host(), &words).await);
        is(&failure, 7, kind);
        assert!(failure.2.contains("title `Access denied`"), "{failure:?}");
        proxy.heal();
    }
}

/// The library's hints name methods; the command's name commands, and its messages hold no advice.
#[tokio::test]
async fn advice_names_commands() {
    let advice = |ran: &Ran| ran.error().unwrap()["hint"].as_str().unwrap().to_owned();
    let taken = part("register-new-client", |place, _| !(3..6).contains(&place)).await;
    let ran = at(&taken.host(), &["client", "create", "svc", "-o", "json"]).await;
    crate::finish(taken, &ran);
    let (_, _, message) = failed_with(&ran);
    assert!(message.ends_with("it exists already"), "{message}");
    let hint = advice(&ran);
    assert!(hint.contains("`kxi-auth client register`") && !hint.contains("_client"), "{hint}");
    let words = ["client", "register", "svc", "--roles", "none", "--set", "enabled=false", "-o", "json"];
    let ran = at(NOWHERE, &words).await;
    assert!(ran.code == 2 && advice(&ran).contains("`kxi-auth client disable`"), "{ran:?}");
}

/// The same error in each format that programs read.
#[tokio::test]
async fn an_error_is_an_object_in_the_format_of_the_results() {
    let mut seen = Vec::new();
    for format in ["json", "jsonl", "yaml"] {
        let replay = all("client-get-missing").await;
        let ran = at(&replay.host(), &["client", "get", "svc-3", "-o", format]).await;
        replay.finish().unwrap();
        assert_eq!((ran.code, ran.stdout.as_str()), (5, ""));
        insta::assert_snapshot!(format!("error_{format}"), ran.stderr);
        if format != "yaml" {
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
            seen.push(ran.error().unwrap());
        }
    }
    assert_eq!(seen[0], seen[1]);
}

/// What the parser of the command line has to say, too.
#[tokio::test]
async fn usage_errors_are_objects() {
    for (words, message) in [
        (["clint"].as_slice(), "unrecognized subcommand 'clint'"),
        (&["client", "get"], "the following required arguments were not provided: <ID>"),
        (&["client", "get", "svc", "--shw-secret"], "unexpected argument '--shw-secret' found"),
        (&["client"], "no command given"),
    ] {
        for format in ["json", "jsonl"] {
            let mut command = bare().unwrap();
            command.args([&["-o", format], words].concat());
            let ran = run(command, "").await.unwrap();
            assert_eq!(failed_with(&ran), (2, "usage".to_owned(), message.to_owned()));
            assert!(ran.error().unwrap()["hint"].is_string(), "{ran:?}");
        }
    }
    let mut command = bare().unwrap();
    command.args(["client", "get", "svc", "--shw-secret", "-o", "yaml"]);
    insta::assert_snapshot!("usage_error_yaml", run(command, "").await.unwrap().stderr);
}

/// For people it is lines; what is escaped there is in JSON's own means here.
#[tokio::test]
async fn what_was_typed_cannot_move_the_cursor() {
    let id = "a\u{1b}[31m\u{202e}b";
    let words = ["client", "create", id, "--secret-out", "/no/such", "--secret-format", "kubernetes"];
    for format in ["table", "json", "jsonl", "yaml"] {
        let ran = at(NOWHERE, &[words.as_slice(), &["-o", format]].concat()).await;
        assert!(
            ran.code == 2 && ran.stderr.contains("is not a valid name of a Kubernetes Secret"),
            "{ran:?}"
        );
        let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ran.all().contains(odd), "{ran:?}");
    }
    let ran = at(NOWHERE, &[words.as_slice(), &["-o", "json"]].concat()).await;
    assert!(ran.error().unwrap()["message"].as_str().unwrap().contains(id), "the same text to who parses it");
}

/// With one attempt, one request is sent, and there is no pause after it.
#[tokio::test]
async fn without_retries_one_attempt_is_made() {
    let proxy = FaultProxy::start(NOWHERE).await.unwrap();
    proxy.inject("GET", "/", .., Fault::Reset);
    let begin = tokio::time::Instant::now();
    let words = ["--retries", "0", "--keycloak-path", "/auth", "role", "list", "-o", "json"];
    let ran = at(&proxy.host(), &words).await;
    let took = begin.elapsed();
    assert!(ran.code == 7 && took < std::time::Duration::from_secs(5), "{took:?}: {ran:?}");
    assert_eq!(proxy.count("POST", "/token") + proxy.count("GET", "/"), 1, "{ran:?}");
    let again = FaultProxy::start(NOWHERE).await.unwrap();
    again.inject("GET", "/", .., Fault::Reset);
    again.inject("POST", "/", .., Fault::Reset);
    let words = ["--retries", "2", "--keycloak-path", "/auth", "role", "list"];
    at(&again.host(), &words).await;
    assert_eq!(again.count("POST", "/token") + again.count("GET", "/"), 3);
}

#[tokio::test]
async fn a_user_is_named_in_the_error_and_a_password_never() {
    let replay = all("wrong-password").await;
    let mut command = kxi_auth(&replay.host(), REALM, USERNAME, "hunter2").unwrap();
    command.args(["client", "list", "-vv"]);
    let ran = run(command, "").await.unwrap();
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains(USERNAME) && !ran.all().contains("hunter2"), "{ran:?}");
}
