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

/// Whatever it comes from: editors on Windows write a mark at the start, and most programs a line end.
#[tokio::test]
async fn a_byte_order_mark_and_a_line_end_are_no_part_of_a_secret_or_a_password() {
    let realm = realm().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let written = "\u{FEFF}from-windows\r\n";
    std::fs::write(path("secret"), written).unwrap();
    let password = format!("\u{FEFF}{}\n", realm.server().password());
    std::fs::write(path("password"), &password).unwrap();
    let of_file = ["client", "register", "svc-file", "--secret-file", &path("secret")];
    let mut by_variable = command(&realm, &of_file);
    by_variable.env("INSIGHTS_ADMIN_PASSWORD", &password);
    let mut by_file = command(&realm, &["client", "register", "svc-stdin", "--secret-stdin"]);
    by_file.env_remove("INSIGHTS_ADMIN_PASSWORD").args(["--admin-password-file", &path("password")]);
    let declared = json!([
        {"id": "svc-declared-file", "roles": "none", "secret": {"file": "secret"}},
        {"id": "svc-declared-env", "roles": "none", "secret": {"env": "PLANTED"}},
    ]);
    let declaration = format!("\u{FEFF}{}", json!({"owner": "feeds", "clients": declared}));
    std::fs::write(path("clients.yaml"), declaration).unwrap();
    let mut apply = command(&realm, &["apply", "-f", &path("clients.yaml")]);
    apply.env("PLANTED", written);
    for command in [by_variable, by_file, apply] {
        let ran = run(command, written).await.unwrap();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    for id in ["svc-file", "svc-stdin", "svc-declared-file", "svc-declared-env"] {
        assert_eq!(secret(&realm, id).await, "from-windows", "{id}");
    }
    let utf16: Vec<u8> = "s3cret".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(path("secret"), utf16).unwrap();
    let refused = ran(&realm, &of_file).await;
    assert!(refused.code == 2 && refused.stderr.contains("it is in UTF-16"), "{}", refused.stderr);
    realm.delete().await.unwrap();
}
