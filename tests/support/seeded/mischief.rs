//! The faults of a run: which ones, and which requests they befall.

use std::fmt;
use std::time::Duration;

use crate::proxies::faults::{Fault, FaultProxy, Framing, Hook};
use crate::seeded::draw::Draw;

/// How long one attempt of a request may take in a run with faults.
pub(super) const TIMEOUT: &str = "1";
/// A delay within that.
const SHORT: Duration = Duration::from_millis(200);
/// A delay beyond it.
const LONG: Duration = Duration::from_millis(1600);

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reset,
    Close,
    LostByReset,
    Lost,
    Cut(Way),
    /// A gateway's error page.
    Page(u16, Passed),
    /// The same with `Retry-After`: soon, or later than the command waits.
    RetryAfter(u16, &'static str),
    /// Keycloak's own words, in JSON.
    OwnError(u16),
    Html(Passed),
    Empty(Passed),
    Accepted(Passed),
    Slow,
    LateRequest,
    LateResponse,
    SessionEnd,
}

/// How the end of a body that is cut was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Length,
    Chunked,
    Connection,
}

/// Whether the server has carried out the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Passed {
    Yes,
    No,
}

/// Which requests a fault befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Any,
    Of(Requests),
}

/// A fault of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) kind: Kind,
    target: Target,
    first: usize,
    /// Without it, all from the first on.
    last: Option<usize>,
}

const KINDS: [Kind; 34] = [
    Kind::Reset,
    Kind::Close,
    Kind::LostByReset,
    Kind::LostByReset,
    Kind::Lost,
    Kind::Lost,
    Kind::Lost,
    Kind::Cut(Way::Length),
    Kind::Cut(Way::Chunked),
    Kind::Cut(Way::Connection),
    Kind::Page(500, Passed::No),
    Kind::Page(500, Passed::Yes),
    Kind::Page(502, Passed::No),
    Kind::Page(502, Passed::Yes),
    Kind::Page(503, Passed::No),
    Kind::Page(503, Passed::Yes),
    Kind::Page(429, Passed::No),
    Kind::RetryAfter(429, "1"),
    Kind::RetryAfter(503, "0"),
    Kind::RetryAfter(503, "3600"),
    Kind::OwnError(500),
    Kind::OwnError(503),
    Kind::Html(Passed::No),
    Kind::Html(Passed::Yes),
    Kind::Empty(Passed::No),
    Kind::Empty(Passed::Yes),
    Kind::Accepted(Passed::No),
    Kind::Accepted(Passed::Yes),
    Kind::Slow,
    Kind::LateRequest,
    Kind::LateResponse,
    Kind::LateResponse,
    Kind::SessionEnd,
    Kind::SessionEnd,
];

/// Requests that most runs send beside their writes.
const READS: [Requests; 3] = [("GET", "/clients"), ("GET", ""), ("POST", "/token")];

/// Requests of one kind: the method, and a part of the path.
pub(super) type Requests = (&'static str, &'static str);

/// Some faults, each for one request, for a few in a row, or for all from one on. `writes` are the requests by which
/// the run changes something.
pub(super) fn draw(draw: &mut Draw, writes: &[Requests]) -> Vec<Planned> {
    (0..draw.number(1..=6))
        .map(|_| {
            let kind = draw.one_of(&KINDS);
            let (target, first) = match draw.number(1..=10) {
                1..=5 if !writes.is_empty() => {
                    (Target::Of(draw.one_of(writes)), draw.one_of(&[1, 1, 1, 2, 2, 3]))
                }
                6..=7 => (Target::Of(draw.one_of(&READS)), draw.number(1..=6)),
                _ => (Target::Any, draw.number(1..=14)),
            };
            let last = match draw.number(1..=10) {
                1..=4 => Some(first),
                5..=8 => Some(first + draw.number(1..=3)),
                _ => None,
            };
            Planned { kind, target, first, last }
        })
        .collect()
}

impl Planned {
    /// Lets the proxy do it. `end_session` ends the admin's session on the server.
    pub(super) fn inject(&self, proxy: &FaultProxy, end_session: &Hook) {
        let fault = self.kind.fault(end_session);
        let which = self.first..=self.last.unwrap_or(usize::MAX);
        match self.target {
            Target::Any => proxy.inject_any(which, fault),
            Target::Of((method, part)) => proxy.inject(method, part, which, fault),
        }
    }
}

impl Kind {
    fn fault(self, end_session: &Hook) -> Fault {
        let html = "<html><head><title>Gateway</title></head><body>one moment</body></html>";
        let answer = |passed, status, kind, body| match passed {
            Passed::Yes => Fault::in_place(status, kind, body),
            Passed::No => Fault::answer(status, kind, body),
        };
        match self {
            Self::Reset => Fault::Reset,
            Self::Close => Fault::Close,
            Self::LostByReset => Fault::LoseByReset,
            Self::Lost => Fault::Lose,
            Self::Cut(Way::Length) => Fault::Cut(Framing::Length),
            Self::Cut(Way::Chunked) => Fault::Cut(Framing::Chunked),
            Self::Cut(Way::Connection) => Fault::Cut(Framing::Connection),
            Self::Page(status, passed) => answer(passed, status, "text/html", html),
            Self::RetryAfter(status, when) => Fault::retry_after(status, when),
            Self::OwnError(status) => answer(
                Passed::No,
                status,
                "application/json",
                r#"{"error":"unknown_error","error_description":"For more on this error consult the server log."}"#,
            ),
            Self::Html(passed) => answer(passed, 200, "text/html", html),
            Self::Empty(passed) => answer(passed, 200, "application/json", ""),
            Self::Accepted(passed) => answer(passed, 202, "application/json", ""),
            Self::Slow => Fault::Delay(SHORT),
            Self::LateRequest => Fault::Delay(LONG),
            Self::LateResponse => Fault::Late(LONG),
            Self::SessionEnd => Fault::After(end_session.clone()),
        }
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Yes => "carried out",
            Self::No => "not carried out",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => formatter.write_str("connection reset, not carried out"),
            Self::Close => formatter.write_str("connection closed, not carried out"),
            Self::LostByReset => formatter.write_str("connection reset, carried out"),
            Self::Lost => formatter.write_str("connection closed, carried out"),
            Self::Cut(Way::Length) => formatter.write_str("body cut, length announced"),
            Self::Cut(Way::Chunked) => formatter.write_str("body cut, in chunks"),
            Self::Cut(Way::Connection) => formatter.write_str("body cut, up to the connection's end"),
            Self::Page(status, passed) => write!(formatter, "{status} page of a gateway, {passed}"),
            Self::RetryAfter(status, when) => write!(formatter, "{status} with `Retry-After: {when}`"),
            Self::OwnError(status) => write!(formatter, "{status} in Keycloak's words"),
            Self::Html(passed) => write!(formatter, "200 with HTML, {passed}"),
            Self::Empty(passed) => write!(formatter, "200 with an empty body, {passed}"),
            Self::Accepted(passed) => write!(formatter, "202, {passed}"),
            Self::Slow => formatter.write_str("delay within the timeout"),
            Self::LateRequest => formatter.write_str("request delayed beyond the timeout"),
            Self::LateResponse => formatter.write_str("response delayed beyond the timeout"),
            Self::SessionEnd => formatter.write_str("admin's session ended (401)"),
        }
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, target, first, last } = self;
        write!(formatter, "{kind}: ")?;
        match target {
            Target::Any => write!(formatter, "any request, ")?,
            Target::Of((method, part)) => write!(formatter, "{method} …{part}…, ")?,
        }
        match last {
            Some(last) if last == first => write!(formatter, "number {first}"),
            Some(last) => write!(formatter, "numbers {first} to {last}"),
            None => write!(formatter, "from number {first} on"),
        }
    }
}
