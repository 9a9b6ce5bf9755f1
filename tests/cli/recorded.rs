//! Results as the command prints them, in each format, from answers that a real server gave.

use kxi_auth_tests::programs::command::{Ran, kxi_auth, run};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in;

use crate::{PASSWORD, at, part};

const FORMATS: [&str; 4] = ["table", "json", "yaml", "jsonl"];

/// What a run showed, its uuids and the server's address replaced.
fn shown(ran: &Ran, host: &str) -> String {
    let Ran { code, stdout, stderr } = ran;
    let shown = format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
    let uuid = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}").unwrap();
    uuid.replace_all(&shown.replace(host, "http://host"), "[uuid]").into_owned()
}

/// Runs the command against a replay, which must be asked for exactly what was recorded.
async fn against(replay: Replay, words: &[&str]) -> String {
    let host = replay.host();
    let ran = at(&host, words).await;
    crate::finish(replay, &ran);
    shown(&ran, &host)
}

async fn recorded(scenario: &str, words: &[&str]) -> String {
    against(Replay::start(scenario).await.unwrap(), words).await
}

/// A snapshot for each format.
macro_rules! in_each_format {
    ($name:literal, $replay:expr, $words:expr) => {
        for format in FORMATS {
            let words = [$words.as_slice(), &["-o", format]].concat();
            insta::assert_snapshot!(format!("{}_{format}", $name), against($replay, &words).await);
        }
    };
}

#[tokio::test]
async fn client_register() {
    let new = || async { Replay::start("register-new").await.unwrap() };
    in_each_format!("register", new().await, ["client", "register", "svc"]);
    let words = ["client", "register", "svc", "--roles", "insights.query.data"];
    insta::assert_snapshot!("register_named", recorded("register-named-roles", &words).await);
    let literal = ["client", "register", "svc", "--role", "insights.query.data"];
    assert_eq!(
        recorded("register-named-roles", &words).await,
        recorded("register-named-roles", &literal).await
    );
    insta::assert_snapshot!(
        "register_none",
        recorded("register-no-roles", &["client", "register", "svc", "--roles", "none"]).await
    );
}

#[tokio::test]
async fn warnings_are_on_standard_error_unless_it_is_to_be_quiet() {
    let words = ["client", "register", "svc", "--role", "boss"];
    let loud = recorded("register-composite-role", &words).await;
    insta::assert_snapshot!("register_warning", loud);
    let quiet = recorded("register-composite-role", &[words.as_slice(), &["--quiet"]].concat()).await;
    let (stdout, stderr) = loud.split_once("----- stderr -----\n").unwrap();
    assert!(stderr.starts_with("warning: "), "{stderr}");
    assert_eq!(quiet, format!("{stdout}----- stderr -----\n"));
    let json = [words.as_slice(), &["--quiet", "-o", "json"]].concat();
    insta::assert_snapshot!("register_warning_json", recorded("register-composite-role", &json).await);
}

/// The first of two creations.
async fn creation() -> Replay {
    part("register-new-client", |place, _| place < 6).await
}

#[tokio::test]
async fn client_create() {
    in_each_format!("create", creation().await, ["client", "create", "svc", "--token-lifespan", "600"]);
    // The second of them finds a client.
    let taken = part("register-new-client", |place, _| !(3..6).contains(&place)).await;
    insta::assert_snapshot!("create_taken", against(taken, &["client", "create", "svc"]).await);
}

#[tokio::test]
async fn client_update() {
    let lifespan = ["client", "update", "svc", "--token-lifespan", "600"];
    in_each_format!("update", Replay::start("update-lifespan").await.unwrap(), lifespan);
    let fields = [
        "client",
        "update",
        "svc",
        "--description",
        "writes trades",
        "--attribute",
        "desk=rates",
        "--attribute",
        "owner=",
    ];
    let by_flags = recorded("update-config", &fields).await;
    assert!(by_flags.starts_with("exit code: 0\n"), "{by_flags}");
    // The same from a file, in YAML and in JSON, and field by field.
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for text in [
        "description: writes trades\nattributes:\n  desk: rates\n  owner: ''\n",
        r#"{"description": "writes trades", "attributes": {"desk": "rates", "owner": ""}}"#,
    ] {
        std::fs::write(path, text).unwrap();
        assert_eq!(recorded("update-config", &["client", "update", "svc", "--config", path]).await, by_flags);
    }
    let set = ["client", "update", "svc", "--set", "description=\"writes trades\"", "--config", path];
    std::fs::write(path, "description: another\nattributes: {desk: rates, owner: ''}\n").unwrap();
    assert_eq!(recorded("update-config", &set).await, by_flags, "a flag wins over the file");
}

#[tokio::test]
async fn client_get() {
    let details = || async { Replay::start("client-details").await.unwrap() };
    in_each_format!("get", details().await, ["client", "get", "svc"]);
    let off = ["client", "get", "svc"];
    let without_service_account = part("client-roles-service-account-off", |place, _| place < 4).await;
    insta::assert_snapshot!("get_without_service_account", against(without_service_account, &off).await);
    insta::assert_snapshot!("get_missing", recorded("client-get-missing", &["client", "get", "svc-3"]).await);
}

#[tokio::test]
async fn client_list() {
    let list = || async { Replay::start("client-list").await.unwrap() };
    in_each_format!("list", list().await, ["client", "list"]);
    in_each_format!("list_secrets", list().await, ["client", "list", "--show-secret"]);
}

#[tokio::test]
async fn client_delete() {
    let first = || async { part("client-delete", |place, _| place < 5).await };
    in_each_format!("delete", first().await, ["client", "delete", "svc-1", "--yes"]);
}

#[tokio::test]
async fn client_rotate_secret() {
    let rotation = || async { Replay::start("rotate-secret").await.unwrap() };
    in_each_format!("rotate", rotation().await, ["client", "rotate-secret", "svc"]);
}

#[tokio::test]
async fn client_token() {
    let words = ["client", "token", "automation"];
    in_each_format!("token", Replay::start("client-token-stored").await.unwrap(), words);
    // The same sign-in, without an admin before it: neither a user nor a password is there.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "the secret\n").unwrap();
    let replay = part("client-token-stored", |place, _| place != 2 && place != 3).await;
    let host = replay.host();
    let mut command = kxi_auth(&host, stand_in::REALM, "", "").unwrap();
    command.args(words).arg("--secret-file").arg(file.path());
    let ran = run(command, "").await.unwrap();
    replay.finish().unwrap();
    assert_eq!(shown(&ran, &host), recorded("client-token-stored", &words).await);
}

#[tokio::test]
async fn client_roles() {
    let roles = || async { Replay::start("client-roles").await.unwrap() };
    in_each_format!("client_roles", roles().await, ["client", "roles", "list", "svc"]);
    let assign = ["client", "roles", "assign", "svc", "--roles", "insights.role.viewer"];
    in_each_format!("assign", Replay::start("assign-roles").await.unwrap(), assign);
    let revoke =
        ["client", "roles", "revoke", "svc", "--roles", "default-roles-insights,insights.role.viewer"];
    in_each_format!("revoke", Replay::start("revoke-roles").await.unwrap(), revoke);
}

#[tokio::test]
async fn role_list() {
    let roles = || async { Replay::start("role-list").await.unwrap() };
    in_each_format!("roles", roles().await, ["role", "list"]);
}

/// What is typed from habit does and shows what the new words do and show.
#[tokio::test]
async fn old_words() {
    for user in [[].as_slice(), &["user"]] {
        let old = |words: &[&'static str]| [user, words].concat();
        assert_eq!(
            against(creation().await, &old(&["create-client", "svc", "--token-lifespan", "600"])).await,
            against(creation().await, &["client", "create", "svc", "--token-lifespan", "600"]).await
        );
        let new = recorded(
            "assign-roles",
            &["client", "roles", "assign", "svc", "--roles", "insights.role.viewer"],
        )
        .await;
        for name in ["service-account-svc", "svc"] {
            let words = old(&["assign-roles", name, "--roles", "insights.role.viewer"]);
            assert_eq!(recorded("assign-roles", &words).await, new);
        }
        assert_eq!(
            recorded("role-list", &old(&["get-available-roles"])).await,
            recorded("role-list", &["role", "list"]).await
        );
        assert_eq!(
            recorded("client-details", &old(&["get-client-secret", "svc"])).await,
            recorded("client-details", &["client", "get", "svc"]).await
        );
    }
    let shown = recorded("client-details", &["get-client-secret", "svc", "--show-secret"]).await;
    assert!(shown.contains("stand-in-secret-"), "{shown}");
}

/// With the password on standard input or in a file, the same requests are sent.
#[tokio::test]
async fn the_password_of_the_admin() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), PASSWORD).unwrap();
    let path = file.path().to_str().unwrap();
    for (words, stdin) in [
        (["--admin-password-stdin"].as_slice(), "from stdin\n"),
        (&["--admin-password-file", path], ""),
        (&["--admin-password-file", "-"], "from stdin"),
    ] {
        let replay = Replay::start("role-list").await.unwrap();
        let mut command = kxi_auth(&replay.host(), stand_in::REALM, stand_in::USERNAME, "").unwrap();
        command.args(words).args(["role", "list"]);
        let ran = run(command, stdin).await.unwrap();
        assert_eq!(ran.code, 0, "{ran:?}");
        replay.finish().unwrap();
    }
}
