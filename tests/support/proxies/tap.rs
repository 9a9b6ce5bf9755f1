//! A reverse proxy on loopback that passes everything on as it comes, and keeps every secret and token
//! that it sees: what no log may hold.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::form_urlencoded;

use crate::keycloak::realm::Server;

/// Headers that belong to one connection, and the length, which is computed again.
const OWN_HEADERS: [&str; 4] = ["connection", "keep-alive", "transfer-encoding", "content-length"];
/// Fields of JSON and of forms that hold a secret or a token.
const SECRET_FIELDS: [&str; 8] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "id_token",
    "password",
    "refresh_token",
    "registrationAccessToken",
    "secret",
];

/// A proxy in front of a server, until it is dropped.
pub struct Tap {
    address: String,
    seen: Seen,
    task: JoinHandle<()>,
}

type Seen = Arc<Mutex<BTreeSet<String>>>;
type Answer = hyper::Response<Full<Bytes>>;

impl Tap {
    /// Starts to listen on a free port of the loopback interface.
    pub async fn start(server: &Server) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let address = listener.local_addr()?.to_string();
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().http1_only().redirect(none).build()?;
        let seen = Seen::default();
        let task = tokio::spawn(accept(listener, http, server.host(), Arc::clone(&seen)));
        Ok(Self { address, seen, task })
    }

    /// Host and port that it listens on.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// All secrets and tokens that have passed so far.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, http: reqwest::Client, host: String, seen: Seen) {
    while let Ok((stream, _)) = listener.accept().await {
        let (http, host, seen) = (http.clone(), host.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (http, host, seen) = (http.clone(), host.clone(), Arc::clone(&seen));
                async move {
                    let answer = pass_on(&http, &host, &seen, request).await;
                    Ok::<_, Infallible>(answer.unwrap_or_else(|error| failure(&error)))
                }
            });
            // A client that hangs up is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass_on(
    http: &reqwest::Client,
    host: &str,
    seen: &Seen,
    request: hyper::Request<Incoming>,
) -> Result<Answer> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.context("the request's body broke off")?.to_bytes();
    collect(seen, &parts.headers, &body);
    let url = format!("{host}{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    // The server is to see the host that the client named: it makes its tokens for that one.
    let request = http.request(parts.method, url).headers(without_own(&parts.headers)).body(body);
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await?;
    collect(seen, &headers, &body);
    let mut answer = Answer::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = without_own(&headers);
    Ok(answer)
}

fn failure(error: &anyhow::Error) -> Answer {
    let mut answer = Answer::new(Full::from(format!("tap: {error:#}")));
    *answer.status_mut() = hyper::StatusCode::BAD_GATEWAY;
    answer
}

fn without_own(headers: &HeaderMap) -> HeaderMap {
    let own = |name: &HeaderName| OWN_HEADERS.contains(&name.as_str());
    headers.iter().filter(|(name, _)| !own(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

fn collect(seen: &Seen, headers: &HeaderMap, body: &[u8]) {
    let mut found = Vec::new();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some((_, credential)) = text("authorization").split_once(' ') {
        found.push(credential.to_owned());
    }
    if text("content-type").starts_with("application/x-www-form-urlencoded") {
        let fields = form_urlencoded::parse(body).filter(|(name, _)| SECRET_FIELDS.contains(&&**name));
        found.extend(fields.map(|(_, value)| value.into_owned()));
    } else if let Ok(json) = serde_json::from_slice(body) {
        in_json(&json, &mut found);
    }
    seen.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
}

fn in_json(json: &Value, found: &mut Vec<String>) {
    match json {
        Value::Array(elements) => elements.iter().for_each(|element| in_json(element, found)),
        Value::Object(fields) => {
            let credential = fields.get("type").is_some_and(|kind| kind == "secret" || kind == "password");
            for (name, value) in fields {
                match value {
                    Value::String(text)
                        if SECRET_FIELDS.contains(&name.as_str()) || (credential && name == "value") =>
                    {
                        found.push(text.clone());
                    }
                    other => in_json(other, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(kind: &str, body: &str) -> Vec<String> {
        let seen = Seen::default();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        headers.insert("authorization", "Bearer the-token".parse().unwrap());
        collect(&seen, &headers, body.as_bytes());
        seen.lock().unwrap().iter().cloned().collect()
    }

    #[test]
    fn every_secret_and_token_is_kept_and_nothing_else() {
        let form = "grant_type=password&password=a%20%26&client_id=x&client_secret=s";
        assert_eq!(collected("application/x-www-form-urlencoded", form), ["a &", "s", "the-token"]);
        let json = r#"[{"clientId":"c","secret":"s1"},{"credentials":[{"type":"password","value":"s2"}]},
                       {"type":"secret","value":"s3"},{"value":"none"},{"access_token":"t","expires_in":1}]"#;
        assert_eq!(collected("application/json", json), ["s1", "s2", "s3", "t", "the-token"]);
    }
}
