//! What can become of a request.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use reqwest::header::{HeaderMap, HeaderValue};

use crate::proxies::answer::Answer;

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Answered by the proxy; the server does not see it.
    Answer(Canned),
    /// The connection is closed in order, without an answer; the server does not see it.
    Close,
    /// The connection is reset; the server does not see it.
    Reset,
    /// Not answered, as long as the client waits; the server does not see it.
    Hang,
    /// Passed on after this time.
    Delay(Duration),
    /// The server carries it out at once, and its answer comes after this time.
    Late(Duration),
    /// The server carries it out, and its answer is lost: the connection is closed in order.
    Lose,
    /// The server carries it out, and the connection is reset.
    LoseByReset,
    /// The server carries it out, and an answer of the proxy's own comes in place of the server's.
    LoseAs(Canned),
    /// The server carries it out, and its status comes with a body of this type and text, without its own body and headers.
    Replace(&'static str, &'static str),
    /// The server carries it out, and its answer ends in the middle of the body, or of the head if it has no body.
    Cut(Framing),
    /// This is done first, and then the request is passed on.
    After(Hook),
    /// Answered by the proxy with this status, and with JSON that repeats this text without end; the server does not see
    /// it.
    Endless(u16, &'static str),
    /// The server's answer comes whole, with this header added.
    Header(&'static str, &'static str),
}

/// What is done before a request is passed on, such as a change on the server behind the client's back.
#[derive(Clone)]
pub struct Hook(Arc<dyn Fn() -> BoxFuture<Result<()>> + Send + Sync>);

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An answer of the proxy's own.
#[derive(Debug, Clone)]
pub struct Canned {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// How a body's end is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By `Content-Length`.
    Length,
    /// By a last chunk.
    Chunked,
    /// By the end of the connection, so that nothing shows that it came too early.
    Connection,
}

impl Hook {
    /// Runs `work` for each request that it is done before.
    pub fn new<F, W>(work: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(work())))
    }

    pub(super) async fn run(&self) -> Result<()> {
        self.0().await
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}

impl Fault {
    /// A gateway's page of this status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::answer(status, "text/html", &format!("<html><body><h1>{status}</h1></body></html>"))
    }

    /// A gateway's page of this status that says when to come again.
    #[must_use]
    pub fn retry_after(status: u16, when: &str) -> Self {
        Self::status(status).with_header("retry-after", when)
    }

    /// A redirect to another address.
    #[must_use]
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).with_header("location", to)
    }

    /// Any answer.
    #[must_use]
    pub fn answer(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self::Answer(Canned { status, headers, body: body.to_owned() })
    }

    /// The server carries it out, and this answer comes in place of its own.
    #[must_use]
    pub fn in_place(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self::LoseAs(Canned { status, headers, body: body.to_owned() })
    }

    /// An answer of the proxy's own with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer(canned) | Self::LoseAs(canned) = &mut self {
            canned.headers.push((name, value.to_owned()));
        }
        self
    }
}

impl Canned {
    pub(super) fn into_answer(self) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            headers.insert(name, HeaderValue::from_str(&value)?);
        }
        Ok(Answer { status: self.status, headers, body: self.body.into_bytes() })
    }
}
