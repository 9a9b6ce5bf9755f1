//! Responses that are no HTTP, no JSON, or not the JSON that was asked for.

use kxi_auth_tests::proxies::hostile::{Behavior, HostileServer, ok};

use super::{OK, ROLES, against, command, fails_at_each_request};

/// Anything that is no HTTP is a failed connection.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_place_of_http_is_an_error() {
    for (name, bytes) in [
        ("wrong: no HTTP at all", b"\x00\xff\xfe SSH-2.0-x\r\n\r\n".to_vec()),
        ("wrong: HTTP/0.9", b"<html>hello</html>".to_vec()),
        ("wrong: a status that is no number", b"HTTP/1.1 abc OK\r\n\r\n".to_vec()),
        ("wrong: a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n".to_vec()),
        ("wrong: a header with NUL", b"HTTP/1.1 200 OK\r\nx-a: \0\r\ncontent-length: 2\r\n\r\n[]".to_vec()),
        (
            "wrong: a header name with a blank",
            b"HTTP/1.1 200 OK\r\nx a: b\r\ncontent-length: 2\r\n\r\n[]".to_vec(),
        ),
        ("wrong: a negative length", format!("{OK}content-length: -1\r\n\r\n[]").into_bytes()),
        (
            "wrong: a length beyond 64 bits",
            format!("{OK}content-length: 99999999999999999999\r\n\r\n[]").into_bytes(),
        ),
        ("wrong: two lengths", format!("{OK}content-length: 2\r\ncontent-length: 9\r\n\r\n[]").into_bytes()),
        ("wrong: a body shorter than its length", format!("{OK}content-length: 99\r\n\r\n[]").into_bytes()),
        (
            "wrong: a chunk size that is no number",
            format!("{OK}transfer-encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        ),
        (
            "wrong: a chunk of 2^64 bytes",
            format!("{OK}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n[]").into_bytes(),
        ),
        ("wrong: no response", Vec::new()),
    ] {
        fails_at_each_request(name, Behavior::Bytes(bytes), &[7]).await;
    }
}

/// A length that is larger than any limit is rejected before anything is read or reserved.
#[tokio::test(flavor = "multi_thread")]
async fn an_announced_length_reserves_no_memory() {
    let head = format!("{OK}content-length: 1000000000000\r\n\r\n[");
    fails_at_each_request("wrong: a length of 1 TB", Behavior::Bytes(head.into()), &[1]).await;
}

/// What the JSON of a list of roles is not.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("wrong: an object in place of a list", text(r#"{"access_token":[],"realm":1}"#)),
        ("wrong: a number in place of a text", text(r#"[{"id":1,"name":2}]"#)),
        ("wrong: a null in the list", text("[null]")),
        ("wrong: arrays nested 100,000 deep", "[".repeat(100_000).into_bytes()),
        ("wrong: objects nested 100,000 deep", r#"{"a":"#.repeat(100_000).into_bytes()),
        ("wrong: duplicate keys", text(r#"[{"id":"a","id":"b","name":"c"}]"#)),
        ("wrong: invalid UTF-8", b"[{\"id\":\"\xff\xfe\",\"name\":\"a\"}]".to_vec()),
        ("wrong: a lone surrogate", text(r#"[{"id":"\ud800","name":"a"}]"#)),
        ("wrong: UTF-16", b"\xff\xfe[\0]\0".to_vec()),
        ("wrong: a number of 100,000 digits", format!("[{}]", "9".repeat(100_000)).into_bytes()),
        ("wrong: a number beyond all floats", text("[1e999999999]")),
        ("wrong: two documents", text("[] []")),
        ("wrong: JSON that is cut", text(r#"[{"id":"r-1","name":"rea"#)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_another_form_is_an_error() {
    for (name, body) in bodies() {
        let mut response = format!("{OK}content-length: {}\r\n\r\n", body.len()).into_bytes();
        response.extend(body);
        // 1 if the content is too large.
        fails_at_each_request(name, Behavior::Bytes(response), &[1, 7]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_type_is_an_error() {
    for kind in ["text/html", "text/plain", "application/octet-stream", "application/xml", ""] {
        let response = ok(kind, r#"[{"id":"r-1","name":"reader"}]"#);
        let shown = if kind.is_empty() { "no type" } else { kind };
        let name = format!("wrong: JSON as {shown}");
        let server = HostileServer::start("GET", "/roles", Behavior::Bytes(response)).await.unwrap();
        let ran = against(&name, command(&server.host(), &ROLES)).await;
        assert_eq!(ran.code, Some(7), "{ran:?}");
        assert!(ran.stderr.contains("is not what Keycloak sends"), "{ran:?}");
    }
}

/// No compression is asked for, so none is decoded: a small body cannot become a large one.
#[tokio::test(flavor = "multi_thread")]
async fn compressed_content_is_not_decoded() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x8b\x8e\x05\x00\x29\xbb\x4c\x0d\x02\x00\x00\x00";
    let mut response =
        format!("{OK}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", gzip.len()).into_bytes();
    response.extend(gzip);
    fails_at_each_request("wrong: gzip that was not asked for", Behavior::Bytes(response), &[7]).await;
}
