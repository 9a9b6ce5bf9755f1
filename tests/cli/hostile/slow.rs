//! Slow responses: the time limit of an attempt counts for the whole response, not for each read.

use std::time::Duration;

use kxi_auth_tests::proxies::hostile::{Behavior, HostileServer};

use super::{OK, ROLES, against, command, fails_at_each_request};

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_trickles_is_a_timeout() {
    let pause = Duration::from_millis(200);
    let body = format!("{OK}content-length: 1000\r\n\r\n");
    for (name, begin, rest) in [
        ("slow: headers, a byte at a time", "", format!("{OK}x-a: {}\r\n\r\n[]", "b".repeat(1000))),
        ("slow: body, a byte at a time", body.as_str(), " ".repeat(1000)),
        ("slow: silence after the headers", body.as_str(), String::new()),
    ] {
        // Without anything more to send, it waits longer than the command does.
        let pause = if rest.is_empty() { Duration::from_hours(1) } else { pause };
        let rest = if rest.is_empty() { " ".to_owned() } else { rest };
        fails_at_each_request(name, Behavior::Slow(begin.into(), rest.into(), pause), &[7]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_response_within_the_time_limit_is_read() {
    let body = r#"[{"id":"r-1","name":"reader"}]"#;
    let begin = format!("{OK}content-length: {}\r\n\r\n", body.len());
    let behavior = Behavior::Slow(begin.into(), body.into(), Duration::from_millis(10));
    let server = HostileServer::start("GET", "/roles", behavior).await.unwrap();
    let mut command = command(&server.host(), &ROLES);
    command.args(["--timeout", "60", "-o", "jsonl"]);
    let ran = against("slow: within the time limit", command).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("reader"), "{ran:?}");
}
