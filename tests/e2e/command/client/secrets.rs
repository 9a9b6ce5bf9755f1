//! Secrets in files and on the terminal: only where they are asked for.

use kxi_auth_tests::programs::command::run;
use kxi_auth_tests::proxies::tap::Tap;
use serde_json::json;

use super::secret;
use crate::command::run::{command, in_json, ran};
use crate::setup::realm;

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_secret_file_holds_the_stored_secret() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let path = out.to_str().unwrap();
    for (words, holds) in [
        (["client", "register", "svc"].as_slice(), "the new client's"),
        (&["client", "register", "svc"], "the old client's"),
        (&["client", "get", "svc"], "the same"),
        (&["client", "rotate-secret", "svc"], "the new one"),
        (&["client", "create", "svc-2"], "that of another"),
    ] {
        std::fs::write(&out, "old").unwrap();
        let ran = ran(&realm, &[words, &["--secret-out", path, "-vv"]].concat()).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let expected = secret(&realm, words[2]).await;
        assert_eq!(std::fs::read_to_string(&out).unwrap(), expected, "{holds}");
        assert_eq!(mode(&out), 0o600);
        assert!(!ran.all().contains(&expected), "{holds}");
    }
    // What the file holds signs in.
    std::fs::write(&out, secret(&realm, "svc").await + "\n").unwrap();
    assert_eq!(ran(&realm, &["client", "token", "svc", "--secret-file", path]).await.code, 0);
    // A public client has none.
    realm.post("/clients", &json!({"clientId": "web-app", "publicClient": true})).await.unwrap();
    std::fs::write(&out, "old").unwrap();
    let (code, _, said) = in_json(&realm, &["client", "get", "web-app", "--secret-out", path]).await;
    assert_eq!((code, std::fs::read_to_string(&out).unwrap().as_str()), (6, "old"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let (code, _, said) = in_json(&realm, &["client", "token", "web-app"]).await;
    assert_eq!((code, said.contains("public")), (6, true), "{said}");
    realm.delete().await.unwrap();
}

#[tokio::test]
async fn a_secret_comes_from_a_file_and_is_shown_only_when_asked_for() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from the file\n").unwrap();
    let file = file.to_str().unwrap();
    let (_, shown, _) =
        in_json(&realm, &["client", "register", "svc", "--secret-file", file, "--show-secret"]).await;
    assert_eq!(shown["secret"], json!("from the file"));
    let (code, token, _) =
        in_json(&realm, &["client", "token", "svc", "--secret-file", file, "--show-token"]).await;
    assert_eq!(code, 0);
    assert!(token["token"].as_str().unwrap().starts_with("eyJ"));

    std::fs::write(file, "not-this-one").unwrap();
    let (code, _, said) = in_json(&realm, &["client", "token", "svc", "--secret-file", file]).await;
    assert_eq!(code, 3, "{said}");
    assert!(!said.contains("not-this-one"), "{said}");
    realm.delete().await.unwrap();
}

/// All secrets and tokens that passed between command and server are looked for in all that it wrote.
#[tokio::test]
async fn nothing_that_passed_is_said() {
    let realm = realm().await;
    let server = realm.server();
    let tap = Tap::start(server).await.unwrap();
    let host = format!("http://{}", tap.address());
    for words in [
        ["client", "register", "svc"].as_slice(),
        &["client", "register", "svc", "--roles", "none", "--exact-roles"],
        &["client", "update", "svc", "--description", "x"],
        &["client", "rotate-secret", "svc"],
        &["client", "get", "svc"],
        &["client", "list"],
        &["client", "token", "svc"],
        &["client", "roles", "list", "svc"],
        &["client", "get", "no-such"],
        &["client", "delete", "svc", "--yes"],
    ] {
        for format in ["table", "jsonl"] {
            let mut command = command(&realm, words);
            command.env("INSIGHTS_URL", &host).args(["-vv", "-o", format]);
            let ran = run(command, "").await.unwrap();
            let all = ran.all();
            assert!(!ran.stderr.is_empty());
            let secrets = tap.secrets();
            assert!(secrets.len() > 1 && secrets.contains(server.password()));
            let printed = secrets
                .iter()
                .find(|secret| all.contains(secret.as_str()) && !"client_secret".contains(secret.as_str()));
            assert!(printed.is_none(), "{words:?} printed a secret or a token");
        }
    }
    realm.delete().await.unwrap();
}
