//! What a person at a terminal sees of work on a real Keycloak, and what interrupting it leaves behind.

use std::path::Path;
use std::process::Command;

use kxi_auth_core::{ExposeSecret as _, Roles};
use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::installed::are_there;
use kxi_auth_tests::programs::processes::watch;
use kxi_auth_tests::programs::pty::{Ended, Key, Session, Terminal};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use serde_json::json;

use crate::setup::{manager, met, realm, sorted};

const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const RED: &str = "\u{1b}[31m";

/// What a person does at a question.
type Answer = fn(&Session);

fn command(realm: &TestRealm, host: &str, words: &[&str]) -> Command {
    let server = realm.server();
    let mut command = kxi_auth(host, realm.name(), server.username(), server.password()).unwrap();
    command.env("TERM", "xterm").args(words);
    command
}

/// Wide enough that no question is broken.
fn start(command: Command) -> Session {
    Terminal::new().size(24, 160).start(command).unwrap()
}

fn declare(folder: &Path, text: &str) -> String {
    let file = folder.join("clients.yaml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The ids that begin like this, read past the command.
async fn ids(realm: &TestRealm, begin: &str) -> Vec<String> {
    let clients = realm.get("/clients").await.unwrap();
    let ids = clients.as_array().unwrap().iter().map(|client| client["clientId"].as_str().unwrap());
    sorted(ids.filter(|id| id.starts_with(begin)))
}

async fn roles(realm: &TestRealm, id: &str) -> Vec<String> {
    let manager = manager(realm);
    let client = manager.get_client(id).await.unwrap();
    let roles = manager.service_account_roles(&client).await.unwrap();
    sorted(roles.into_iter().map(|role| role.name).filter(|name| !name.starts_with("default-roles-")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_and_its_answer_decides() {
    let realm = realm().await;
    let password = "the realm admin's password";
    realm.add_admin("lena", password, &["view-realm"]).await.unwrap();
    for (typed, code) in [(password, 0), ("not the password", 3)] {
        let mut command =
            command(&realm, &realm.server().host(), &["role", "list", "--admin-username", "lena"]);
        command.env_remove("INSIGHTS_ADMIN_PASSWORD").env("INSIGHTS_ADMIN_REALM", realm.name());
        let mut session = start(command);
        session.expect("Password of lena: ").unwrap();
        session.send_line(typed).unwrap();
        let ended = session.finish().unwrap();
        assert_eq!(ended.code, code, "{}", ended.shown);
        assert!(ended.shown.starts_with("Password of lena: \r\n"), "{:?}", ended.shown);
        assert!(!ended.shown.contains(typed), "{:?}", ended.shown);
    }
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_an_admin_client_is_asked_for() {
    let realm = realm().await;
    let automation = manager(&realm).register_client("automation").roles(Roles::None).await.unwrap().client;
    let secret = automation.secret.unwrap();
    // Signed in it is, but without permission.
    for (typed, code) in [(secret.expose_secret(), 4), ("not the secret", 3)] {
        let mut command = command(&realm, &realm.server().host(), &["role", "list"]);
        for variable in ["INSIGHTS_ADMIN_USERNAME", "INSIGHTS_ADMIN_PASSWORD"] {
            command.env_remove(variable);
        }
        command.env("INSIGHTS_ADMIN_REALM", realm.name()).args(["--admin-client-id", "automation"]);
        let mut session = start(command);
        session.expect("Secret of the client automation: ").unwrap();
        session.send_line(typed).unwrap();
        let ended = session.finish().unwrap();
        assert_eq!(ended.code, code, "{}", ended.shown);
        assert!(!ended.shown.contains(typed), "{:?}", ended.shown);
    }
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_is_asked_about_below_a_colored_plan() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let host = realm.server().host();
    let clients = |text: &str| declare(folder.path(), &format!("owner: desk\nclients:\n{text}"));
    let file = clients("- {id: svc-1, roles: none}\n- {id: svc-2, roles: none}\n");
    let ended = start(command(&realm, &host, &["apply", "-f", &file])).finish().unwrap();
    assert_eq!(ended.code, 0, "{}", ended.shown);
    assert!(ended.shown.contains(&format!("{GREEN}+ svc-1\u{1b}[0m  create\r\n")), "{:?}", ended.shown);

    clients("- {id: svc-2, roles: none, token_lifespan: 90}\n");
    let question = format!("Delete 1 client of owner desk from realm {}: svc-1? [y/N] ", realm.name());
    let asked = |answer: Answer| {
        let mut session = start(command(&realm, &host, &["apply", "-f", &file, "--prune"]));
        session.expect(&question).unwrap();
        answer(&session);
        session.finish().unwrap()
    };
    let answers: [(Answer, i32); 4] = [
        (|session| session.send_line("n").unwrap(), 1),
        (|session| session.send_line("").unwrap(), 1),
        (|session| session.press(Key::CtrlD).unwrap(), 1),
        (|session| session.press(Key::CtrlC).unwrap(), 130),
    ];
    for (answer, code) in answers {
        let Ended { shown, code: got } = asked(answer);
        assert_eq!(got, code, "{shown:?}");
        assert!(shown.contains(&format!("{YELLOW}~ svc-2\u{1b}[0m  update\r\n")), "{shown:?}");
        assert!(shown.contains(&format!("{RED}- svc-1\u{1b}[0m  delete\r\n")), "{shown:?}");
        // On a line of its own, however the question was answered.
        assert!(shown.contains("\r\n\u{1b}[1m\u{1b}[31merror:"), "{shown:?}");
        assert!(shown.contains("nothing was changed"), "{shown:?}");
        assert_eq!(ids(&realm, "svc-").await, ["svc-1", "svc-2"]);
    }
    let ended = asked(|session| session.send_line("y").unwrap());
    assert_eq!(ended.code, 0, "{}", ended.shown);
    assert_eq!(ids(&realm, "svc-").await, ["svc-2"]);
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_many_shows_a_counted_bar_on_a_terminal_alone() {
    let realm = realm().await;
    let proxy = FaultProxy::start(&realm.server().host()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let declared = |begin: &str| {
        let lines = (1..=12).map(|n| format!("- {{id: {begin}{n}, roles: none}}\n"));
        declare(folder.path(), &format!("owner: desk\nclients:\n{}", lines.collect::<String>()))
    };
    for (begin, words, shown) in [("a", &[][..], true), ("b", &["--quiet"][..], false), ("c", &["-v"], false)]
    {
        let file = declared(begin);
        // The last of them waits, with eleven done.
        proxy.heal();
        proxy.inject("POST", "/clients", 12..=12, Fault::retry_after(503, "3"));
        let session = start(command(&realm, &proxy.host(), &[&["apply", "-f", &file], words].concat()));
        let ended = session.finish().unwrap();
        assert_eq!(ended.code, 0, "{}", ended.shown);
        assert_eq!(ended.shown.contains("11/12"), shown, "{words:?}: {:?}", ended.shown);
        let cleared = ended.shown.rfind("/12").is_none_or(|bar| ended.shown[bar..].contains("\u{1b}[2K"));
        assert!(cleared, "{:?}", ended.shown);
    }
    let file = declared("d");
    proxy.heal();
    proxy.inject("POST", "/clients", 12..=12, Fault::retry_after(503, "3"));
    let mut piped = command(&realm, &proxy.host(), &["apply", "-f", &file]);
    let output = tokio::task::spawn_blocking(move || piped.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains("11/12") && !said.contains('\u{1b}'), "{said:?}");
    realm.delete().await.unwrap();
}

const MAPPINGS: &str = "/role-mappings/realm";

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_registration_is_finished() {
    let realm = realm().await;
    let host = realm.server().host();
    for (id, terminate) in [("svc-1", false), ("svc-2", true)] {
        let proxy = FaultProxy::start(&host).await.unwrap();
        // The client is there, and has none of its roles.
        proxy.inject("POST", MAPPINGS, 1..=1, Fault::retry_after(503, "2"));
        let words = ["client", "register", id, "--role", "all", "--role", "a,b"];
        let mut session = start(command(&realm, &proxy.host(), &words));
        met(&proxy, "POST", MAPPINGS).await;
        if terminate {
            let kill = format!("kill -TERM {}", session.id());
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        } else {
            session.press(Key::CtrlC).unwrap();
        }
        session.expect("interrupted: finishing the current change").unwrap();
        let ended = session.finish().unwrap();
        assert_eq!(ended.code, 130, "{}", ended.shown);
        assert_eq!(roles(&realm, id).await, ["a,b", "all"]);
    }
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_apply_leaves_nothing_half_done_and_is_completed_by_another() {
    let realm = realm().await;
    let proxy = FaultProxy::start(&realm.server().host()).await.unwrap();
    proxy.inject("POST", MAPPINGS, 1..=1, Fault::retry_after(503, "2"));
    let folder = tempfile::tempdir().unwrap();
    let lines = (1..=9).map(|n| format!("- {{id: svc-{n}, roles: [all]}}\n"));
    let file = declare(folder.path(), &format!("owner: desk\nclients:\n{}", lines.collect::<String>()));
    let words = ["apply", "-f", &file, "--concurrency", "2"];
    let session = start(command(&realm, &proxy.host(), &words));
    met(&proxy, "POST", MAPPINGS).await;
    session.press(Key::CtrlC).unwrap();
    let ended = session.finish().unwrap();
    assert_eq!(ended.code, 130, "{}", ended.shown);
    let done = ids(&realm, "svc-").await;
    assert!((1..9).contains(&done.len()), "{done:?}");
    for id in &done {
        assert_eq!(roles(&realm, id).await, ["all"], "{id}");
    }
    let ended = start(command(&realm, &proxy.host(), &words)).finish().unwrap();
    assert_eq!((ended.code, ids(&realm, "svc-").await.len()), (0, 9), "{}", ended.shown);
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_declaration_is_seen_by_others() {
    if !are_there(&["ps"]).unwrap() {
        return;
    }
    let realm = realm().await;
    let proxy = FaultProxy::start(&realm.server().host()).await.unwrap();
    proxy.inject("POST", "/clients", 1..=1, Fault::retry_after(503, "1"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "secret-of-a-file\n").unwrap();
    let clients = json!([
        {"id": "svc-1", "roles": "none", "secret": {"env": "SVC_SECRET"}},
        {"id": "svc-2", "roles": "none", "secret": {"file": "secret"}},
    ]);
    let file = declare(folder.path(), &json!({"owner": "desk", "clients": clients}).to_string());
    let mut command = command(&realm, &proxy.host(), &["apply", "-f", &file]);
    command.env("SVC_SECRET", "secret-of-a-variable");
    let (output, seen) = watch(&mut command).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let stored = realm.get("/clients?clientId=svc-2").await.unwrap();
    assert_eq!(stored[0]["secret"], json!("secret-of-a-file"));
    for secret in ["secret-of-a-file", "secret-of-a-variable"] {
        seen.hides(secret).unwrap();
        assert!(!said.contains(secret), "{said}");
    }
    assert!(seen.shows("apply -f"));
    realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_never_cut() {
    let realm = realm().await;
    let secret = "s".repeat(120);
    let client = json!({"clientId": "svc", "secret": secret, "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await.unwrap();
    let words = ["client", "get", "svc", "--show-secret"];
    let command = command(&realm, &realm.server().host(), &words);
    let ended = Terminal::new().size(24, 80).start(command).unwrap().finish().unwrap();
    assert_eq!(ended.code, 0, "{}", ended.shown);
    assert!(ended.shown.contains(&secret), "{}", ended.shown);
    realm.delete().await.unwrap();
}
