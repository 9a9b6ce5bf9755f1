//! A server that answers with a fixture, and with nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use serde_json::Value;
use url::form_urlencoded;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use crate::recordings::fixture::{Body, Exchange, Fixture};
use crate::recordings::json_rules::{is_unordered, sorted_by_name, timeless};
use crate::recordings::stand_in::Bindings;

/// A replay server: each recorded exchange is served once, to the request that it was recorded
/// with. Any other request is answered 500 and makes [`Replay::finish`] fail, and so does a request
/// that comes before one that had to be answered first.
pub struct Replay {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

/// What a scenario sent to a replay server.
#[derive(Debug)]
pub struct Received {
    /// The requests in the order of the fixture, with stand-ins, for a snapshot.
    pub requests: Vec<Sent>,
    bindings: Bindings,
}

/// A request as a snapshot shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The body: JSON as such, a form as its pairs, anything else as text.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

struct State {
    exchanges: Vec<(Exchange, Option<Sent>)>,
    bindings: Bindings,
    unexpected: Vec<String>,
    /// Places of exchanges that came early, and of those that had to come first.
    early: Vec<(usize, usize)>,
}

struct Responder(Arc<Mutex<State>>);

impl Replay {
    /// Serves the fixture of the scenario of this name.
    pub async fn start(scenario: &str) -> Result<Self> {
        Ok(Self::serve(Fixture::read(scenario)?).await)
    }

    /// Serves a fixture.
    pub async fn serve(fixture: Fixture) -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State {
            exchanges: fixture.exchanges.into_iter().map(|exchange| (exchange, None)).collect(),
            bindings: Bindings::new(&server.address().to_string()),
            unexpected: Vec::new(),
            early: Vec::new(),
        }));
        Mock::given(any()).respond_with(Responder(Arc::clone(&state))).mount(&server).await;
        Self { server, state }
    }

    /// The address without a base path: what a user gives as host.
    #[must_use]
    pub fn host(&self) -> String {
        self.server.uri()
    }

    /// What was received, if it is all that was recorded and nothing else.
    pub fn finish(self) -> Result<Received> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let exchanges = &state.exchanges;
        let came = |at: usize| exchanges[at].1.is_some();
        let unused: Vec<_> =
            exchanges.iter().filter(|(_, sent)| sent.is_none()).map(|(exchange, _)| name(exchange)).collect();
        // What never came is told as such.
        let early: Vec<_> = (state.early.iter())
            .filter(|(_, due)| came(*due))
            .map(|(early, due)| {
                format!("{}, before {}", name(&exchanges[*early].0), name(&exchanges[*due].0))
            })
            .collect();
        ensure!(
            state.unexpected.is_empty() && unused.is_empty() && early.is_empty(),
            "not what was recorded (did the core change on purpose? then `cargo xtask record`)\n\
             sent, but not recorded:\n  {}\nrecorded, but not sent:\n  {}\nsent too early:\n  {}",
            state.unexpected.join("\n  "),
            unused.join("\n  "),
            early.join("\n  "),
        );
        Ok(Received {
            requests: state.exchanges.iter().filter_map(|(_, sent)| sent.clone()).collect(),
            bindings: state.bindings.clone(),
        })
    }
}

impl Received {
    /// What the core returned, with stand-ins.
    pub fn redact(&self, outcome: &Value) -> Result<Value> {
        Ok(serde_json::from_str(&self.bindings.redact(&outcome.to_string()))?)
    }

    /// The requests of the admin interface: not the probe, not the token.
    #[must_use]
    pub fn admin_requests(&self) -> usize {
        self.requests.iter().filter(|sent| sent.path.contains("/admin/realms/")).count()
    }
}

impl Respond for Responder {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        for place in 0..state.exchanges.len() {
            let (exchange, sent) = &state.exchanges[place];
            let mut bindings = state.bindings.clone();
            if sent.is_none() && is_expected(exchange, request, &mut bindings) {
                let template = answer(exchange, &mut bindings);
                state.early.extend(due_before(&state.exchanges, place).map(|other| (place, other)));
                state.exchanges[place].1 = Some(show(request, &bindings));
                state.bindings = bindings;
                return template;
            }
        }
        let Sent { method, path, body } = show(request, &state.bindings);
        let what = format!("{method} {path}");
        let body = if body.is_null() { String::new() } else { format!(" {body}") };
        state.unexpected.push(format!("{what}{body}"));
        ResponseTemplate::new(500).set_body_string(format!("no recorded exchange for {what}"))
    }
}

/// The place of an exchange that is still to come, though its answer was there before the request
/// at `place` was recorded.
///
/// Of requests that were under way together one has to have come: what follows may follow from
/// any of their answers, and another may have been held up on its way.
fn due_before(exchanges: &[(Exchange, Option<Sent>)], place: usize) -> Option<usize> {
    let group = |at: usize| exchanges[at].0.together;
    let came = |at: usize| exchanges[at].1.is_some();
    (0..place).find(|&at| match group(at) {
        None => !came(at),
        own if own == group(place) => false,
        other => !(0..place).any(|at| group(at) == other && came(at)),
    })
}

fn name(exchange: &Exchange) -> String {
    format!("{} {}", exchange.request.method, exchange.request.path)
}

fn is_expected(exchange: &Exchange, actual: &wiremock::Request, bindings: &mut Bindings) -> bool {
    let recorded = &exchange.request;
    let query = match (&recorded.query, actual.url.query()) {
        (None, None) => true,
        (Some(recorded), Some(actual)) => bindings.matches(recorded, actual),
        _ => false,
    };
    query
        && recorded.method == actual.method.as_str()
        && bindings.matches(&recorded.path, actual.url.path())
        && has_headers(exchange, actual)
        && has_body(exchange, actual, bindings)
}

fn has_headers(exchange: &Exchange, actual: &wiremock::Request) -> bool {
    ["content-type", "authorization"].iter().all(|name| {
        let sent = actual.headers.get(*name).and_then(|value| value.to_str().ok());
        match (exchange.request.headers.get(*name), sent) {
            (None, None) => true,
            // A fixture names the token by its signature alone.
            (Some(recorded), Some(sent)) if *name == "authorization" => {
                let (scheme, token) = recorded.split_once(' ').unwrap_or((recorded, ""));
                sent.starts_with(&format!("{scheme} ")) && sent.ends_with(&format!(".{token}"))
            }
            (Some(recorded), Some(sent)) => recorded == sent,
            _ => false,
        }
    })
}

fn has_body(exchange: &Exchange, actual: &wiremock::Request, bindings: &mut Bindings) -> bool {
    let recorded = match &exchange.request.body {
        None => return actual.body.is_empty(),
        Some(Body::Binary { .. }) => {
            return Body::from_bytes(&actual.body)
                == exchange.request.body.clone().unwrap_or(Body::Text(String::new()));
        }
        Some(Body::Text(text)) => text,
    };
    let Ok(sent) = std::str::from_utf8(&actual.body) else { return false };
    match exchange.request.headers.get("content-type").map(String::as_str) {
        Some("application/json") => {
            let (Ok(recorded), Ok(mut sent)) = (serde_json::from_str(recorded), serde_json::from_str(sent))
            else {
                return false;
            };
            if is_unordered(&exchange.request.path, exchange.request.query.as_deref()) {
                sent = sorted_by_name(sent);
            }
            same_json(&recorded, &timeless(sent), bindings)
        }
        Some("application/x-www-form-urlencoded") => {
            let (recorded, sent) = (pairs(recorded), pairs(sent));
            recorded.len() == sent.len()
                && recorded.iter().zip(&sent).all(|((name, value), (sent_name, sent_value))| {
                    name == sent_name && bindings.matches(value, sent_value)
                })
        }
        _ => bindings.matches(recorded, sent),
    }
}

fn same_json(recorded: &Value, sent: &Value, bindings: &mut Bindings) -> bool {
    match (recorded, sent) {
        (Value::String(recorded), Value::String(sent)) => bindings.matches(recorded, sent),
        (Value::Array(recorded), Value::Array(sent)) => {
            recorded.len() == sent.len()
                && recorded.iter().zip(sent).all(|(one, other)| same_json(one, other, bindings))
        }
        (Value::Object(recorded), Value::Object(sent)) => {
            recorded.len() == sent.len()
                && recorded
                    .iter()
                    .all(|(name, value)| sent.get(name).is_some_and(|sent| same_json(value, sent, bindings)))
        }
        _ => recorded == sent,
    }
}

fn answer(exchange: &Exchange, bindings: &mut Bindings) -> ResponseTemplate {
    let response = &exchange.response;
    let mut template = ResponseTemplate::new(response.status);
    for (name, value) in &response.headers {
        template = template.insert_header(name.as_str(), bindings.fill(value, false).as_str());
    }
    let is_json =
        response.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    match &response.body {
        None => template,
        Some(Body::Text(text)) => template.set_body_bytes(bindings.fill(text, is_json)),
        Some(binary @ Body::Binary { .. }) => match binary.to_bytes() {
            Ok(bytes) => template.set_body_bytes(bytes),
            Err(error) => ResponseTemplate::new(500).set_body_string(error.to_string()),
        },
    }
}

fn show(request: &wiremock::Request, bindings: &Bindings) -> Sent {
    let query = request.url.query().map_or(String::new(), |query| format!("?{query}"));
    let text = String::from_utf8_lossy(&request.body);
    let kind = request.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    let body = match kind {
        _ if text.is_empty() => Value::Null,
        Some("application/x-www-form-urlencoded") => pairs(&text)
            .into_iter()
            .map(|(name, value)| (name, Value::String(bindings.redact(&value))))
            .collect(),
        _ => serde_json::from_str(&bindings.redact(&text))
            .map_or_else(|_| Value::String(bindings.redact(&text)), timeless),
    };
    let path = bindings.redact(&format!("{}{query}", request.url.path()));
    Sent { method: request.method.to_string(), path, body }
}

fn pairs(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}
