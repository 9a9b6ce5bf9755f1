//! No secret and no token is in what is traced, at any level, by any crate: one test runs all others at
//! `TRACE`, in a process of its own whose every request passes a proxy that keeps the secrets and tokens in
//! it; then what was traced is searched for each of them. `cargo xtask test` runs the suite by this test alone.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Command;
use std::sync::{Mutex, Once};
use std::time::Duration;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::proxies::tap::Tap;
use regex::bytes::Regex;
use tokio::time::Instant;
use url::form_urlencoded;

/// Names the file that [`start`] has everything written to.
const FILE: &str = "KXI_TEST_TRACE_FILE";
/// Run afterwards, and not at `TRACE`: each lists, creates or deletes by the hundred what others do by the
/// dozen with the same calls, and would trace the same lines for minutes.
const MANY: [&str; 9] = [
    "library::blocking::many_are_registered_iterated_over_and_deleted",
    "library::bulk::two_hundred_are_registered_updated_and_deleted_in_order",
    "library::faults::a_cut_page_never_makes_a_shorter_list",
    "library::faults::a_reader_slower_than_the_timeouts_gets_every_client",
    "library::list::clients_that_vanish_and_appear_while_a_stream_is_read_hide_none",
    "library::list::list_clients_gives_each_of_250_once_in_order_with_few_requests",
    "library::list::listings_beside_deletions_and_creations_are_complete",
    "seeded::an_apply_that_is_killed_and_two_at_once_lose_nothing",
    "seeded::fifty_runs_with_faults_lose_nothing",
];
/// How long the suite may take; it takes some minutes.
const LIMIT: Duration = Duration::from_mins(30);
/// Shorter ones, such as `admin`, are part of innocent words: they are searched for next to a name.
const SHORT: usize = 8;
/// The beginning of a signature is as good as all of it.
const SIGNATURE: usize = 24;

/// Traces to the file that the environment names, if it names one; `log` records as well.
pub(crate) fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        use tracing_subscriber::filter::LevelFilter;
        use tracing_subscriber::fmt::format::FmtSpan;
        use tracing_subscriber::util::SubscriberInitExt as _;

        let Some(path) = std::env::var_os(FILE) else { return };
        let file = Mutex::new(File::create(path).unwrap());
        let traces = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE);
        traces.with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(file).finish().init();
    });
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs every other test: `cargo xtask test` does that"]
async fn no_secret_and_no_token_of_the_whole_suite_is_traced() {
    let server = Server::from_env().unwrap();
    let tap = Tap::start(&server).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    let mut suite = Command::new(std::env::current_exe().unwrap());
    suite
        .args(["--skip", "trace::"])
        .args(MANY.iter().flat_map(|name| ["--skip", name]))
        .env("KXI_TEST_KEYCLOAK_URL", format!("http://{}{}", tap.address(), server.base_path()))
        .env(FILE, &file);
    let mut many = Command::new(std::env::current_exe().unwrap());
    many.arg("--exact").args(MANY);
    // Each says which of its tests fail.
    let passed = tokio::task::spawn_blocking(move || [suite, many].map(run)).await.unwrap();
    assert_eq!(passed, [true, true], "some tests fail");

    let traced = std::fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&traced);
    // Otherwise the search would prove nothing: these are this crate's spans, and the records of a
    // crate that writes to `log`.
    for sign in [
        "register_client{client_id=\"svc\"}:request{method=\"POST\" path=\"/admin/realms/{realm}/clients\"",
        "client_token{client_id=\"svc\"}",
        "update_client{uuid=",
        "rotate_secret{client_id=",
        "list_clients",
        "TRACE",
        "reqwest::connect",
    ] {
        assert!(text.contains(sign), "{sign} is not traced in {} bytes", traced.len());
    }
    let secrets = tap.secrets();
    let tokens = secrets.iter().filter(|secret| secret.starts_with("eyJ")).count();
    assert!(tokens > 100 && secrets.len() - tokens > 100, "{tokens} tokens of {}", secrets.len());
    assert_eq!(leaks(&traced, &secrets), [""; 0]);
}

/// Runs a part of the suite, and returns whether it passes before its time is over.
fn run(mut suite: Command) -> bool {
    let mut suite = suite.spawn().unwrap();
    let begin = Instant::now();
    loop {
        if let Some(status) = suite.try_wait().unwrap() {
            return status.success();
        }
        if begin.elapsed() > LIMIT {
            suite.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A test program ends well if it has no test of a name.
#[test]
fn what_is_run_afterwards_is_there() {
    let list = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    for name in MANY {
        assert!(list.lines().any(|line| line == format!("{name}: test")), "{name}");
    }
}

#[test]
fn what_would_leak_is_found() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWc";
    let secrets = ["admin", "grün & \"blau\"", token].map(str::to_owned).into();
    for innocent in ["GET /admin/realms", "username=\"admin\"", "secret=true", "eyJ"] {
        assert_eq!(leaks(innocent.as_bytes(), &secrets), [""; 0]);
    }
    let basic = STANDARD.encode("svc:grün & \"blau\"");
    for leak in [
        "password=admin&x",
        "password: \"admin\"",
        r#"{"password":"admin"}"#,
        "the secret is grün & \"blau\"",
        r#"secret: "grün & \"blau\"""#,
        "client_secret=gr%C3%BCn+%26+%22blau%22",
        r#"b"gr\xc3\xbcn & \"blau\"""#,
        &format!("Basic {basic}"),
        token,
        "c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWc",
        "eyJleHAiOjE3MDAwMDAwMDB9",
    ] {
        let found = leaks(format!("a line\n{leak} in a line\n").as_bytes(), &secrets);
        assert!(!found.is_empty() && found.iter().all(|found| found.starts_with("line 2: ")), "{leak}");
    }
}

/// Where a secret stands in what was traced: the line's number and its beginning up to the secret.
fn leaks(traced: &[u8], secrets: &BTreeSet<String>) -> Vec<String> {
    let forms: BTreeSet<Vec<u8>> = secrets.iter().flat_map(|secret| written_forms(secret)).collect();
    let known = AhoCorasick::new(&forms).unwrap();
    // A part of any token, also of one that did not pass the proxy.
    let token = Regex::new("eyJ[A-Za-z0-9_-]{16,}").unwrap();
    let mut places: Vec<usize> = known.find_iter(traced).map(|found| found.start()).collect();
    places.extend(token.find_iter(traced).map(|found| found.start()));
    places.sort_unstable();
    let place = |at: usize| {
        let before = &traced[..at];
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let line = before.split(|byte| *byte == b'\n').count();
        format!("line {line}: {}…", String::from_utf8_lossy(&before[begin..]))
    };
    places.into_iter().take(20).map(place).collect()
}

/// How a secret may stand in a log: as it is, in a form, in JSON, in Rust's `Debug` as text and as
/// bytes, in base64 wherever it begins.
fn written_forms(secret: &str) -> Vec<Vec<u8>> {
    if let [_, _, signature] = secret.split('.').collect::<Vec<_>>()[..]
        && secret.starts_with("eyJ")
    {
        return vec![signature.as_bytes()[..SIGNATURE.min(signature.len())].to_vec()];
    }
    let json = serde_json::Value::from(secret).to_string();
    let plain = [
        secret.to_owned(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        json[1..json.len() - 1].to_owned(),
        secret.escape_debug().to_string(),
        secret.as_bytes().escape_ascii().to_string(),
    ];
    if secret.len() >= SHORT {
        return plain.into_iter().chain(in_base64(secret)).map(String::into_bytes).collect();
    }
    let mut forms = Vec::new();
    for name in ["secret", "password", "client_secret", "token"] {
        for text in plain.iter().filter(|text| !text.is_empty()) {
            forms.push(format!("{name}={text}&"));
            for link in ["=", ": ", "\":", "\": ", "\\\":\\"] {
                forms.push(format!("{name}{link}\"{text}"));
            }
        }
    }
    forms.into_iter().map(String::into_bytes).collect()
}

/// The part of the base64 that depends on the secret alone, at each of the three places in which it can
/// begin within a longer text.
fn in_base64(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let padded = [vec![0; before], secret.as_bytes().to_vec()].concat();
        let (begin, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for alphabet in [&STANDARD, &URL_SAFE] {
            forms.push(alphabet.encode(&padded)[begin..end].to_owned());
        }
    }
    forms
}
