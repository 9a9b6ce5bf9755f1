//! Results and errors as the command prints them, from answers that a real server gave.

use kxi_auth_tests::command::{kxi_auth, shown};
use kxi_auth_tests::replay::Replay;
use kxi_auth_tests::stand_in;

/// Any will do: a replay answers the sign-in as it was recorded.
const PASSWORD: &str = "the password";

/// Runs the command against a recorded scenario, which must ask for exactly what was recorded.
/// Returns what it showed, its uuids and the server's address replaced.
async fn run(scenario: &str, words: &[&str]) -> String {
    let replay = Replay::start(scenario).await.unwrap();
    let host = replay.host();
    let mut command = kxi_auth(&host, stand_in::REALM, stand_in::USERNAME, PASSWORD).unwrap();
    command.args(words);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    replay.finish().unwrap();
    let uuid = regex::Regex::new("[0-9a-f]{8}-[0-9a-f-]{27}").unwrap();
    uuid.replace_all(&shown(&output).replace(&host, "http://host"), "[uuid]").into_owned()
}

#[tokio::test]
async fn client_register() {
    insta::assert_snapshot!("register_table", run("register-new", &["client", "register", "svc"]).await);
    insta::assert_snapshot!(
        "register_json",
        run("register-new", &["client", "register", "svc", "-o", "json"]).await
    );
    let words = ["client", "register", "svc", "--roles", "insights.query.data"];
    insta::assert_snapshot!("register_named", run("register-named-roles", &words).await);
    insta::assert_snapshot!(
        "register_none",
        run("register-no-roles", &["client", "register", "svc", "--roles", "none"]).await
    );
}

#[tokio::test]
async fn a_taken_name_is_exit_code_6() {
    let said = run("register-taken-by-user", &["client", "register", "svc"]).await;
    insta::assert_snapshot!("register_taken", said);
}

#[tokio::test]
async fn client_list() {
    insta::assert_snapshot!("list_table", run("client-list", &["client", "list"]).await);
    insta::assert_snapshot!("list_json", run("client-list", &["client", "list", "-o", "json"]).await);
}

#[tokio::test]
async fn role_list() {
    insta::assert_snapshot!("roles_table", run("role-list", &["role", "list"]).await);
    insta::assert_snapshot!("roles_json", run("role-list", &["role", "list", "-o", "json"]).await);
}

#[tokio::test]
async fn a_wrong_password_is_exit_code_3() {
    insta::assert_snapshot!("wrong_password", run("wrong-password", &["client", "list"]).await);
}
