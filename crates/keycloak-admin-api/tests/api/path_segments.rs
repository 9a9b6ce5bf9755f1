//! Any ID becomes one segment of the path, or no request is sent.

use crate::support::{client, only_request, realm, segment, server};
use keycloak_admin_api::PathSegment;
use percent_encoding::percent_decode_str;
use wiremock::ResponseTemplate;

#[test]
fn what_a_url_parser_resolves_is_rejected() {
    for text in ["", ".", ".."] {
        let error = PathSegment::new(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{text}` cannot be part of a URL path: it would name another resource")
        );
    }
}

#[tokio::test]
async fn every_other_text_arrives_as_one_segment() {
    let control: String = (0..=31).chain([127]).map(char::from).collect();
    let ascii: String = (32..127).map(char::from).collect();
    let texts = [
        "a/b",
        "/",
        "//",
        "..\\..",
        "\\",
        "a;b=c",
        ";",
        "%",
        "%2F",
        "%2e%2e",
        "%2E",
        ".%2e",
        "...",
        ".. ",
        " ..",
        "..\t",
        "a?b",
        "a#b",
        "a b",
        " a ",
        "+",
        "&=",
        "\"'<>`{}|^[]",
        "@:!$(),*~",
        "日本語",
        "ß ü é",
        "e\u{301}",
        "🦀",
        "\u{202e}abc",
        "\u{0}",
        &control,
        &ascii,
    ];
    for text in texts {
        let server = server(ResponseTemplate::new(204)).await;
        let sent = client(&server).client_delete(&realm(), &segment(text)).await;
        assert!(sent.is_ok(), "{text:?}");
        let path = only_request(&server).await.url.path().to_owned();
        let segments: Vec<&str> = path.split('/').collect();
        assert_eq!(segments[..5], ["", "admin", "realms", "insights", "clients"], "{text:?}");
        assert_eq!(segments.len(), 6, "{text:?} became {path}");
        let arrived = percent_decode_str(segments[5]).decode_utf8().unwrap();
        assert_eq!(arrived, text);
        assert!(!segments[5].contains(';'), "a Java server reads parameters after it");
    }
}
