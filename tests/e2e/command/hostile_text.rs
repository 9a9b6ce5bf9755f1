//! Text from the server that a terminal would obey.

use kxi_auth_tests::programs::command::shown;
use serde_json::json;

use crate::command::run::{command, output, ran};
use crate::setup::realm;

#[tokio::test]
async fn hostile_names_are_escaped_in_each_format() {
    let realm = realm().await;
    let text = "safe\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}txt.exe\u{2066}\u{2028}";
    realm
        .post("/clients", &json!({"clientId": "odd", "description": text, "serviceAccountsEnabled": true}))
        .await
        .unwrap();
    realm.post("/roles", &json!({"name": "role-of-odd", "description": text})).await.unwrap();
    for (words, key) in [(["client", "get", "odd"].as_slice(), "/description"), (&["role", "list"], "")] {
        for format in ["table", "json", "yaml", "jsonl"] {
            let ran = ran(&realm, &[words, &["-o", format]].concat()).await;
            assert_eq!(ran.code, 0, "{ran:?}");
            let odd = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{2028}".contains(c);
            assert!(ran.stdout.contains("safe") && !ran.all().contains(odd), "{format}: {ran:?}");
            if format == "json" && !key.is_empty() {
                assert_eq!(
                    ran.json().unwrap().pointer(key),
                    Some(&json!(text)),
                    "the same text to who parses it"
                );
            }
        }
    }
    realm.delete().await.unwrap();
}

/// A name that would rewrite the line, clear the screen or turn the text around.
const HOSTILE: &str = "a\u{1b}[2K\u{9b}31m\u{202e}b\r\nok";

#[tokio::test]
async fn hostile_characters_from_the_server_do_not_reach_the_terminal() {
    let realm = realm().await;
    realm.post("/roles", &json!({"name": "odd", "description": HOSTILE})).await.unwrap();
    let client = json!({"clientId": "svc", "description": HOSTILE, "serviceAccountsEnabled": true});
    realm.post("/clients", &client).await.unwrap();
    for words in [&["role", "list"][..], &["client", "get", "svc"], &["export"]] {
        for format in ["table", "json", "yaml", "jsonl"] {
            let told = output(command(&realm, &[words, &["-o", format]].concat())).await;
            assert_eq!(told.status.code(), Some(0), "{}", shown(&told));
            let text = String::from_utf8(told.stdout).unwrap();
            let hostile = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
            assert_eq!(text.chars().find(hostile), None, "{words:?} {format}: {text:?}");
            if format == "json" {
                assert!(text.contains("\\u202e"), "{text}");
            }
        }
    }
    realm.delete().await.unwrap();
}
