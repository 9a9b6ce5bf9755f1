//! Responses from memory in place of the network, for the fuzz targets. Everything behind the connection is the real
//! code: limits, decoding, retries, errors.

use std::cell::RefCell;
use std::sync::LazyLock;

use reqwest::header::HeaderMap;
use reqwest::{Body, Client, Method, Request, Response, ResponseBuilderExt as _, StatusCode};

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What a thread's requests get.
#[derive(Debug)]
struct Script {
    /// The responses in order.
    responses: Vec<Scripted>,
    /// Whether the last response comes again and again. Otherwise nothing more is found or changed: an empty list, or
    /// no content.
    repeats: bool,
    /// The method and the path of each request.
    requests: Vec<(Method, String)>,
}

thread_local! {
    static SCRIPT: RefCell<Option<Script>> = const { RefCell::new(None) };
}

/// Sets what the requests of this thread get until [`end`].
pub(crate) fn begin(responses: Vec<Scripted>, repeats: bool) {
    let script = Script { responses, repeats, requests: Vec::new() };
    SCRIPT.set(Some(script));
}

/// Ends the script, and returns the requests.
pub(crate) fn end() -> Vec<(Method, String)> {
    SCRIPT.take().map(|script| script.requests).unwrap_or_default()
}

/// The HTTP client of a script, which sends nothing. One is made for all, because that takes long.
pub(crate) fn client() -> Option<Client> {
    static CLIENT: LazyLock<Option<Client>> = LazyLock::new(|| {
        Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().ok()
    });
    SCRIPT.with_borrow(Option::is_some).then(|| CLIENT.clone()).flatten()
}

/// The next response of this thread's script. `None` if there is no script.
pub(super) fn respond(request: &Request) -> Option<Response> {
    let Scripted { status, headers, body } = SCRIPT.with_borrow_mut(|script| {
        let script = script.as_mut()?;
        let number = script.requests.len();
        script.requests.push((request.method().clone(), request.url().path().to_owned()));
        let last = if script.repeats { script.responses.last() } else { None };
        let scripted = script.responses.get(number).or(last).cloned();
        Some(scripted.unwrap_or_else(|| nothing_more(request.method())))
    })?;
    let builder = http::Response::builder().status(status).url(request.url().clone());
    let mut response = builder.body(Body::from(body)).ok()?;
    *response.headers_mut() = headers;
    Some(response.into())
}

fn nothing_more(method: &Method) -> Scripted {
    if method == Method::GET {
        let kind = reqwest::header::HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, kind)]);
        return Scripted { status: StatusCode::OK, headers, body: b"[]".to_vec() };
    }
    Scripted { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Vec::new() }
}
