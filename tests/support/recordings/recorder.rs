//! A reverse proxy on loopback that writes down what passes.
//!
//! Requests that are sent at the same time are taken together, put into an order that does not
//! depend on chance, and passed on one after another; all of them are answered only when the last
//! one is. So a client that works in parallel is recorded alike each time.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::header::{HeaderMap, HeaderName};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::keycloak::realm::Server;
use crate::recordings::normalize::{Raw, RawRequest};
use crate::recordings::stand_in::{UUID, pattern};

/// Requests that arrive closer together than this were sent at the same time.
const TOGETHER: Duration = Duration::from_millis(25);

/// Headers that belong to one connection, and the length, which is computed again.
const OWN_HEADERS: [&str; 4] = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/// A recording proxy in front of a server.
pub struct Recorder {
    address: String,
    log: Log,
    tasks: [JoinHandle<()>; 2],
}

type Log = Arc<Mutex<Vec<Result<Raw>>>>;
type Answer = hyper::Response<Full<Bytes>>;

/// A request that waits for its answer.
struct Waiting {
    request: RawRequest,
    answer: oneshot::Sender<Answer>,
}

impl Recorder {
    /// Starts to listen on a free port of the loopback interface.
    pub async fn start(server: &Server) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let address = listener.local_addr()?.to_string();
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let log = Log::default();
        let (sender, receiver) = mpsc::unbounded_channel();
        let tasks = [
            tokio::spawn(accept(listener, sender)),
            tokio::spawn(pass_on(http, server.host(), receiver, Arc::clone(&log))),
        ];
        Ok(Self { address, log, tasks })
    }

    /// Host and port that it listens on.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Stops, and returns what passed.
    pub fn finish(self) -> Result<Vec<Raw>> {
        for task in &self.tasks {
            task.abort();
        }
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

async fn accept(listener: TcpListener, sender: mpsc::UnboundedSender<Waiting>) {
    while let Ok((stream, _)) = listener.accept().await {
        let sender = sender.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| receive(request, sender.clone()));
            // A client that hangs up is the scenario's affair: it shows in what it reports.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn receive(
    request: hyper::Request<Incoming>,
    sender: mpsc::UnboundedSender<Waiting>,
) -> Result<Answer, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Ok(failure("the request's body broke off")) };
    let request = RawRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body: body.to_bytes().to_vec(),
    };
    let (answer, answered) = oneshot::channel();
    let _ = sender.send(Waiting { request, answer });
    Ok(answered.await.unwrap_or_else(|_| failure("the recorder has stopped")))
}

async fn pass_on(
    http: reqwest::Client,
    host: String,
    mut receiver: mpsc::UnboundedReceiver<Waiting>,
    log: Log,
) {
    let mut seen = Vec::new();
    let mut groups = 0;
    while let Some(first) = receiver.recv().await {
        let mut together = vec![first];
        while let Ok(Some(next)) = tokio::time::timeout(TOGETHER, receiver.recv()).await {
            together.push(next);
        }
        together.sort_by_cached_key(|waiting| order(&waiting.request, &seen));
        let group = (together.len() > 1).then(|| {
            groups += 1;
            groups
        });
        let mut answers = Vec::new();
        for Waiting { request, answer } in together {
            let what = format!("{} {}", request.method, request.path);
            let raw = ask(&http, &host, request).await.map(|raw| Raw { together: group, ..raw });
            let raw = raw.with_context(|| what);
            let reply = raw.as_ref().map_or_else(|error| failure(&format!("{error:#}")), to_answer);
            if let Ok(raw) = &raw {
                remember(&mut seen, raw);
            }
            log.lock().unwrap_or_else(PoisonError::into_inner).push(raw);
            answers.push((answer, reply));
        }
        for (answer, reply) in answers {
            let _ = answer.send(reply);
        }
    }
}

async fn ask(http: &reqwest::Client, host: &str, request: RawRequest) -> Result<Raw> {
    let query = request.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
    let url = format!("{host}{}{query}", request.path);
    // The server is to see the host that the client named, as behind any proxy of this kind: it
    // makes its tokens and locations for that one.
    let response = http
        .request(request.method.parse()?, url)
        .headers(without_own(&request.headers))
        .body(request.body.clone())
        .send()
        .await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Raw { together: None, request, status, headers, body: response.bytes().await?.to_vec() })
}

fn to_answer(raw: &Raw) -> Answer {
    let mut answer = Answer::new(Full::from(raw.body.clone()));
    *answer.headers_mut() = without_own(&raw.headers);
    match hyper::StatusCode::from_u16(raw.status) {
        Ok(status) => *answer.status_mut() = status,
        Err(_) => return failure("the server sent no proper status"),
    }
    answer
}

fn failure(why: &str) -> Answer {
    let mut answer = Answer::new(Full::from(format!("recorder: {why}")));
    *answer.status_mut() = hyper::StatusCode::BAD_GATEWAY;
    answer
}

fn without_own(headers: &HeaderMap) -> HeaderMap {
    let own = |name: &HeaderName| OWN_HEADERS.contains(&name.as_str());
    headers.iter().filter(|(name, _)| !own(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// Where a request belongs among those sent with it: by what does not differ from run to run, and
/// ids by when they were first seen.
fn order(request: &RawRequest, seen: &[String]) -> [String; 3] {
    let random = pattern("[A-Za-z0-9_-]{32,}");
    let stable = |text: &str| {
        let text = UUID.replace_all(text, |found: &regex::Captures<'_>| {
            let place = seen.iter().position(|id| *id == found[0]);
            format!("<{:08}>", place.unwrap_or(seen.len()))
        });
        random.replace_all(&text, "<random>").into_owned()
    };
    let target = format!("{}?{}", request.path, request.query.as_deref().unwrap_or_default());
    let body = String::from_utf8_lossy(&request.body);
    [stable(&target), request.method.clone(), stable(&body)]
}

fn remember(seen: &mut Vec<String>, raw: &Raw) {
    let location = raw.headers.get("location").and_then(|value| value.to_str().ok());
    let texts = [
        raw.request.path.as_str(),
        &String::from_utf8_lossy(&raw.request.body),
        location.unwrap_or_default(),
        &String::from_utf8_lossy(&raw.body),
    ]
    .join("\n");
    for id in UUID.find_iter(&texts) {
        if !seen.iter().any(|known| known == id.as_str()) {
            seen.push(id.as_str().to_owned());
        }
    }
}
