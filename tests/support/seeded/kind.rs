//! The kinds of faults.

use std::fmt;
use std::time::Duration;

use crate::proxies::faults::{Fault, Framing, Hook};

/// How often a request is tried again in a run with faults.
pub(super) const RETRIES: usize = 3;
/// The statuses of errors that pass, or may.
const STATUSES: [u16; 4] = [500, 502, 503, 429];

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reset,
    Close,
    LostByReset,
    Lost,
    Cut(End),
    /// A gateway's error page.
    Page(u16, RetryAfter, CarriedOut),
    /// An error in Keycloak's own words, in JSON. Keycloak undoes a request that it responds to with one.
    OwnError(u16),
    /// A success that is not Keycloak's.
    Strange(Body, CarriedOut),
    /// The status of Keycloak's response with another body, and without its headers.
    Disguised(Body),
    Slow,
    LateRequest,
    LateResponse,
    SessionEnd,
}

/// How the end of a body that is cut was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Length,
    Chunks,
    Connection,
}

/// The header of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RetryAfter {
    None,
    Soon,
    /// Later than the command waits.
    Late,
}

/// What comes in place of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    Html,
    Empty,
    /// Nothing, and the status 202.
    Accepted,
}

/// Whether the server has carried out the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CarriedOut {
    Yes,
    No,
}

/// A group of kinds, for the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    NotSent,
    Lost,
    Cut,
    Page,
    RetryAfter,
    OwnError,
    Strange,
    Delay,
    SessionEnd,
}

/// Each kind once.
pub(super) fn all() -> Vec<Kind> {
    const BOTH: [CarriedOut; 2] = [CarriedOut::Yes, CarriedOut::No];
    let mut kinds = vec![
        Kind::Reset,
        Kind::Close,
        Kind::LostByReset,
        Kind::Lost,
        Kind::Cut(End::Length),
        Kind::Cut(End::Chunks),
        Kind::Cut(End::Connection),
        Kind::Disguised(Body::Html),
        Kind::Disguised(Body::Empty),
        Kind::Slow,
        Kind::LateRequest,
        Kind::LateResponse,
        Kind::SessionEnd,
    ];
    kinds.extend(STATUSES.map(Kind::OwnError));
    for carried_out in BOTH {
        for status in STATUSES {
            let page = |after| Kind::Page(status, after, carried_out);
            kinds.extend([RetryAfter::None, RetryAfter::Soon, RetryAfter::Late].map(page));
        }
        kinds.extend([Body::Html, Body::Empty, Body::Accepted].map(|body| Kind::Strange(body, carried_out)));
    }
    kinds
}

/// The kinds that pass if the request is sent again.
pub(super) fn passing() -> Vec<Kind> {
    let passes = |kind: &Kind| match kind {
        Kind::Cut(End::Connection) | Kind::Strange(..) | Kind::Disguised(_) => false,
        Kind::Page(status, after, _) => *status != 500 && *after != RetryAfter::Late,
        Kind::OwnError(status) => *status != 500,
        _ => true,
    };
    all().into_iter().filter(passes).collect()
}

impl Kind {
    pub(super) fn family(self) -> Family {
        match self {
            Self::Reset | Self::Close => Family::NotSent,
            Self::LostByReset | Self::Lost => Family::Lost,
            Self::Cut(_) => Family::Cut,
            Self::Page(_, RetryAfter::None, _) => Family::Page,
            Self::Page(..) => Family::RetryAfter,
            Self::OwnError(_) => Family::OwnError,
            Self::Strange(..) | Self::Disguised(_) => Family::Strange,
            Self::Slow | Self::LateRequest | Self::LateResponse => Family::Delay,
            Self::SessionEnd => Family::SessionEnd,
        }
    }

    /// What the proxy does. `end_session` ends the admin's session on the server; `timeout` is how long one attempt of a
    /// request may take.
    pub(super) fn fault(self, end_session: &Hook, timeout: Duration) -> Fault {
        const HTML: &str = "<html><head><title>Gateway</title></head><body>one moment</body></html>";
        const OWN: &str = r#"{"error":"unknown_error","error_description":"For more on this error consult the server log."}"#;
        let answer = |carried_out, status, kind, body| match carried_out {
            CarriedOut::Yes => Fault::in_place(status, kind, body),
            CarriedOut::No => Fault::answer(status, kind, body),
        };
        match self {
            Self::Reset => Fault::Reset,
            Self::Close => Fault::Close,
            Self::LostByReset => Fault::LoseByReset,
            Self::Lost => Fault::Lose,
            Self::Cut(End::Length) => Fault::Cut(Framing::Length),
            Self::Cut(End::Chunks) => Fault::Cut(Framing::Chunked),
            Self::Cut(End::Connection) => Fault::Cut(Framing::Connection),
            Self::Page(status, after, carried_out) => {
                let page = answer(carried_out, status, "text/html", HTML);
                match after {
                    RetryAfter::None => page,
                    RetryAfter::Soon => page.with_header("retry-after", "1"),
                    RetryAfter::Late => page.with_header("retry-after", "3600"),
                }
            }
            Self::OwnError(status) => Fault::answer(status, "application/json", OWN),
            Self::Strange(Body::Html, carried_out) => answer(carried_out, 200, "text/html", HTML),
            Self::Strange(Body::Empty, carried_out) => answer(carried_out, 200, "application/json", ""),
            Self::Strange(Body::Accepted, carried_out) => answer(carried_out, 202, "application/json", ""),
            Self::Disguised(Body::Html) => Fault::Replace("text/html", HTML),
            Self::Disguised(_) => Fault::Replace("application/json", ""),
            Self::Slow => Fault::Delay(timeout / 5),
            Self::LateRequest => Fault::Delay(timeout * 8 / 5),
            Self::LateResponse => Fault::Late(timeout * 8 / 5),
            Self::SessionEnd => Fault::After(end_session.clone()),
        }
    }
}

impl fmt::Display for CarriedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Yes => "carried out",
            Self::No => "not carried out",
        })
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "",
            Self::Soon => " with `Retry-After: 1`",
            Self::Late => " with `Retry-After: 3600`",
        })
    }
}

impl fmt::Display for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Html => "HTML",
            Self::Empty => "an empty body",
            Self::Accepted => "202",
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
            Self::Cut(End::Length) => formatter.write_str("body cut, length announced"),
            Self::Cut(End::Chunks) => formatter.write_str("body cut, in chunks"),
            Self::Cut(End::Connection) => formatter.write_str("body cut, up to the connection's end"),
            Self::Page(status, after, carried_out) => {
                write!(formatter, "{status} page of a gateway{after}, {carried_out}")
            }
            Self::OwnError(status) => write!(formatter, "{status} in Keycloak's words, not carried out"),
            Self::Strange(Body::Accepted, carried_out) => write!(formatter, "202, {carried_out}"),
            Self::Strange(body, carried_out) => write!(formatter, "200 with {body}, {carried_out}"),
            Self::Disguised(body) => write!(formatter, "Keycloak's status with {body}"),
            Self::Slow => formatter.write_str("delay within the timeout"),
            Self::LateRequest => formatter.write_str("request delayed beyond the timeout"),
            Self::LateResponse => formatter.write_str("response delayed beyond the timeout"),
            Self::SessionEnd => formatter.write_str("admin's session ended (401)"),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotSent => "connection ended before the server saw the request",
            Self::Lost => "connection ended after the server carried it out",
            Self::Cut => "response cut",
            Self::Page => "500, 502, 503 or 429 of a gateway",
            Self::RetryAfter => "the same with `Retry-After`",
            Self::OwnError => "500, 502, 503 or 429 in Keycloak's words",
            Self::Strange => "HTML, an empty body or 202 in place of the response",
            Self::Delay => "delay, also beyond the timeout",
            Self::SessionEnd => "session ended (401)",
        })
    }
}
