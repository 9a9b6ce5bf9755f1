//! Responses without an end. Bodies without an end are in `memory.rs`.

use kxi_auth_tests::proxies::hostile::Behavior;

use super::{OK, fails_at_each_request};

fn endless(begin: &str, again: &str) -> Behavior {
    Behavior::Endless(begin.into(), again.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_an_end_is_an_error() {
    for (name, behavior) in [
        ("endless: headers", endless(OK, "x-a: b\r\n")),
        ("endless: header line", endless(&format!("{OK}x-a: "), "bbbbbbbb")),
        ("endless: status line", endless("HTTP/1.1 200 ", "OK")),
        ("endless: first line without HTTP", endless("", "xyz")),
    ] {
        fails_at_each_request(name, behavior, &[7]).await;
    }
}

/// They are no response, so the time limit of the attempt ends them.
#[tokio::test(flavor = "multi_thread")]
async fn interim_responses_without_an_end_are_an_error() {
    let behavior = endless("", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n");
    fails_at_each_request("endless: 1xx responses", behavior, &[7]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_without_an_end_are_an_error() {
    let begin = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    for (name, behavior) in [
        ("endless: chunks of one byte", endless(&begin, "1\r\n \r\n")),
        ("endless: chunk size", endless(&begin, "0")),
        ("endless: chunk extension", endless(&format!("{begin}1;"), "xxxxxxxx")),
        ("endless: trailers", endless(&format!("{begin}2\r\n[]\r\n0\r\n"), "x-a: b\r\n")),
    ] {
        fails_at_each_request(name, behavior, &[1, 7]).await;
    }
}
