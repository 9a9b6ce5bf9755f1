//! Runs operations against the responses that an input consists of.
//!
//! A response is the status, headers of a line each, an empty line, and the body. A line `====` separates responses. If
//! nothing follows the last one of these lines, the response before it comes again and again. Without a content type it
//! is JSON.

use std::cell::LazyCell;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::error::Error;
use crate::fuzz::checks::MARKER;
use crate::manager::ClientManager;
use crate::manager::builder::ClientManagerBuilder;
use crate::transport::scripted::{self, Scripted};

const SEPARATOR: &[u8] = b"\n====\n";
/// More responses make a run longer and show nothing more.
const MOST: usize = 40;
/// The time that one request may take with its retries.
const TOTAL: Duration = Duration::from_secs(20);
/// What is read with a secret behind it.
const SECRETS: [&[u8]; 4] =
    [br#""secret":""#, br#""access_token":""#, br#""refresh_token":""#, br#""registrationAccessToken":""#];

/// The responses of an input.
pub(super) struct Script {
    pub(super) responses: Vec<Scripted>,
    repeats: bool,
}

/// What came of a run.
pub(super) struct Ran<T> {
    pub(super) outcome: T,
    /// The method and the path of each request.
    pub(super) requests: Vec<(Method, String)>,
}

thread_local! {
    /// Its clock stands still, and jumps where everything waits.
    static RUNTIME: LazyCell<Option<Runtime>> = const { LazyCell::new(|| {
        Builder::new_current_thread().enable_time().start_paused(true).build().ok()
    }) };
}

impl Script {
    /// The responses of the input, with the marker in each secret. `None` if the input has the marker in another place,
    /// or too many responses.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        if find(data, MARKER.as_bytes()).is_some() {
            return None;
        }
        let mut parts = split(data, SEPARATOR);
        let repeats = parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty());
        if repeats {
            parts.pop();
        }
        let responses = || parts.into_iter().map(response).collect();
        (data.len() < MOST * 4096)
            .then(responses)
            .filter(|responses: &Vec<_>| responses.len() <= MOST)
            .map(|responses| Self { responses, repeats })
    }

    /// Runs an operation of a manager that is signed in against these responses.
    pub(super) fn run<F: Future>(&self, work: impl FnOnce(ClientManager) -> F) -> Option<Ran<F::Output>> {
        self.run_with(|| session().base_path("/"), work)
    }

    /// The same, of the manager that `build` builds. It ends within the time limits of its requests.
    pub(super) fn run_with<F: Future>(
        &self,
        build: impl FnOnce() -> ClientManagerBuilder,
        work: impl FnOnce(ClientManager) -> F,
    ) -> Option<Ran<F::Output>> {
        scripted::begin(self.responses.clone(), self.repeats);
        let builder = build().host("https://x.example.com").retries(2).total_timeout(TOTAL);
        let manager = builder.build().ok()?;
        let (outcome, took) = RUNTIME.with(|runtime| {
            let timed = async {
                let begin = Instant::now();
                (work(manager).await, begin.elapsed())
            };
            runtime.as_ref().map(|runtime| runtime.block_on(timed))
        })?;
        let requests = scripted::end();
        let most = TOTAL * u32::try_from(requests.len() + 1).unwrap_or(u32::MAX);
        assert!(took <= most, "{took:?} for {} requests", requests.len());
        Some(Ran { outcome, requests })
    }
}

impl<T> Ran<T> {
    /// How many requests there were.
    pub(super) fn count(&self) -> usize {
        self.requests.len()
    }

    /// The paths of the requests that change something.
    pub(super) fn writes(&self) -> impl Iterator<Item = (&Method, &str)> {
        let writes = |(method, path): &&(Method, String)| method != Method::GET && !path.ends_with("/token");
        self.requests.iter().filter(writes).map(|(method, path)| (method, path.as_str()))
    }
}

/// An HTTP client that signs in by itself.
pub(super) fn session() -> ClientManagerBuilder {
    let builder = ClientManager::builder();
    match scripted::client() {
        Some(client) => builder.session(client),
        None => builder,
    }
}

/// A secret that must never be shown.
pub(super) fn secret() -> SecretString {
    SecretString::from(MARKER)
}

/// Whether a thing that exists is said not to.
pub(super) fn is_not_found(outcome: &Result<impl Sized, Error>) -> bool {
    outcome.as_ref().err().is_some_and(Error::is_not_found)
}

fn response(text: &[u8]) -> Scripted {
    let (head, body) = match find(text, b"\n\n") {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.trim().parse::<u16>().ok());
    // An HTTP library passes on no other.
    let status = status.filter(|status| (200..1000).contains(status)).unwrap_or(200);
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = find(line, b":") else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    let status = StatusCode::from_u16(status).unwrap_or_default();
    Scripted { status, headers, body: planted(body) }
}

/// The body with the marker at the beginning of each secret. A page with a title is left alone: its title is shown.
fn planted(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    if find(&body.to_ascii_lowercase(), b"<title").is_some() {
        return body;
    }
    for secret in SECRETS {
        let parts: Vec<&[u8]> = split(&body, secret);
        let with_marker = [secret, MARKER.as_bytes()].concat();
        body = parts.join(&with_marker[..]);
    }
    body
}

fn split<'a>(text: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(at) = find(rest, separator) {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
