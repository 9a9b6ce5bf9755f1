//! What befell each request of a run, and whether the retries of the command cover it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::proxies::faults::Met;
use crate::seeded::kind::{Body, End, Kind, RETRIES, RetryAfter};
use crate::seeded::schedule::Planned;

/// A request of a run, and what befell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) path: String,
    /// The same for each attempt of a request.
    request: u64,
    sets_secret: bool,
    /// The fault, if it had an effect.
    pub(super) fault: Option<Kind>,
    /// The status of the server's own response.
    pub(super) status: Option<u16>,
    time: Duration,
    /// Whether it took so long that it may have taken longer than the timeout for the command, on a busy machine.
    is_slow: bool,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Create,
    Update,
    Rotate,
    Delete,
    Roles,
    SignIn,
    Read,
}

/// What a fault, or a slow or failing server, means for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It succeeds.
    None,
    /// It fails, and the next one may succeed.
    Passes,
    /// It fails, and is repeated once.
    Once,
    /// Its token is not accepted, and is renewed.
    Token,
    /// It fails, and need not be repeated.
    Final,
}

impl Sent {
    pub(super) fn new(met: &Met, planned: &[Planned], timeout: Duration) -> Self {
        let fault = met.fault.and_then(|index| planned.get(index)).map(|planned| planned.kind);
        // To end the session changes nothing for a request without a token.
        let fault = fault.filter(|kind| *kind != Kind::SessionEnd || met.status == Some(401));
        Self {
            method: met.method.clone(),
            path: met.path.clone(),
            request: met.request,
            sets_secret: met.sets_secret,
            fault,
            status: met.status,
            time: met.time,
            is_slow: met.time > timeout * 7 / 10,
        }
    }

    pub(super) fn purpose(&self) -> Purpose {
        let (method, path) = (self.method.as_str(), self.path.as_str());
        match method {
            "POST" if path.ends_with("/token") => Purpose::SignIn,
            "POST" | "DELETE" if path.contains("/role-mappings/") => Purpose::Roles,
            "POST" => Purpose::Create,
            "PUT" if self.sets_secret => Purpose::Rotate,
            "PUT" => Purpose::Update,
            "DELETE" => Purpose::Delete,
            _ => Purpose::Read,
        }
    }

    /// Whether nothing befell it but a slow or failing server.
    pub(super) fn is_hindered(&self) -> bool {
        self.fault.is_none() && !matches!(self.effect(), Effect::None | Effect::Token)
    }

    /// Whether the server may have carried it out, as far as the command can know.
    pub(super) fn may_be_done(&self) -> bool {
        match self.fault {
            Some(Kind::OwnError(status)) => matches!(status, 502 | 504),
            None | Some(Kind::Slow | Kind::SessionEnd) => {
                self.status.is_none_or(|status| !(300..500).contains(&status))
            }
            Some(_) => true,
        }
    }

    fn is_search(&self) -> bool {
        self.method == "GET" && !self.path.contains("/admin/")
    }

    fn effect(&self) -> Effect {
        match self.fault {
            Some(
                Kind::Reset
                | Kind::Close
                | Kind::LostByReset
                | Kind::Lost
                | Kind::Cut(End::Length | End::Chunks)
                | Kind::LateRequest
                | Kind::LateResponse,
            ) => Effect::Passes,
            Some(Kind::Page(status, RetryAfter::None | RetryAfter::Soon, _) | Kind::OwnError(status)) => {
                self.of_status(status)
            }
            Some(Kind::Cut(End::Connection) | Kind::Page(..) | Kind::Strange(..) | Kind::Disguised(_)) => {
                Effect::Final
            }
            None | Some(Kind::Slow | Kind::SessionEnd) => match self.status {
                Some(401) if self.path.contains("/admin/") => Effect::Token,
                Some(status) if status >= 500 => self.of_status(status),
                // Two changes of the same role mappings met.
                Some(400) if self.purpose() == Purpose::Roles => Effect::Passes,
                Some(_) if !self.is_slow => Effect::None,
                _ => Effect::Passes,
            },
        }
    }

    fn of_status(&self, status: u16) -> Effect {
        match (status, self.purpose()) {
            (429 | 502..=504, _) | (_, Purpose::Roles) => Effect::Passes,
            (_, Purpose::Read | Purpose::SignIn) => Effect::Once,
            _ => Effect::Final,
        }
    }

    /// The kinds of error that it can cause.
    pub(super) fn errors(&self) -> Vec<&'static str> {
        let late = self.is_slow.then_some("timeout");
        self.errors_of_fault().iter().copied().chain(late).collect()
    }

    fn errors_of_fault(&self) -> &'static [&'static str] {
        const STRANGE: &[&str] = &["unexpected_answer", "not_keycloak", "keycloak_not_found"];
        match self.fault {
            Some(
                Kind::Reset
                | Kind::Close
                | Kind::LostByReset
                | Kind::Lost
                | Kind::Cut(End::Length | End::Chunks),
            ) => &["unreachable"],
            // Without a body, the head is cut.
            Some(Kind::Cut(End::Connection)) => {
                &["unreachable", "unexpected_answer", "not_keycloak", "keycloak_not_found"]
            }
            Some(Kind::Page(..) | Kind::OwnError(_)) => &["server_failed"],
            Some(Kind::Strange(Body::Html | Body::Empty | Body::Accepted, _) | Kind::Disguised(_)) => STRANGE,
            Some(Kind::LateRequest | Kind::LateResponse) => &["timeout"],
            Some(Kind::SessionEnd) => &["unauthorized"],
            None | Some(Kind::Slow) => match self.effect() {
                Effect::None => &[],
                Effect::Token => &["unauthorized"],
                _ if self.status.is_none() => &["unreachable"],
                _ if self.status.is_some_and(|status| status >= 400) => &["server_failed"],
                _ => &[],
            },
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, fault, status, time, .. } = self;
        let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        write!(formatter, "{method} {path}  {status}, {} ms", time.as_millis())?;
        fault.map_or(Ok(()), |kind| write!(formatter, "  <- {kind}"))
    }
}

/// Whether the retries cover all that befell these requests, so that the run has to succeed.
pub(super) fn are_covered(requests: &[Sent], one_at_a_time: bool) -> bool {
    let mut of_one: BTreeMap<(&str, u64), Vec<Effect>> = BTreeMap::new();
    for sent in requests {
        // The search for Keycloak asks at two addresses in each attempt.
        let key = if sent.is_search() { ("search", 0) } else { (sent.method.as_str(), sent.request) };
        of_one.entry(key).or_default().push(sent.effect());
    }
    let ended = requests.iter().filter(|sent| sent.fault == Some(Kind::SessionEnd)).count();
    if one_at_a_time {
        return of_one.iter().all(|((what, _), effects)| {
            if *what == "search" { is_covered_in_all(effects) } else { is_covered_in_order(effects) }
        });
    }
    // The attempts of equal requests of several clients are mixed: no request had more than all of them.
    ended <= 1 && of_one.values().all(|effects| is_covered_in_all(effects))
}

/// Whether each attempt of a request that failed was followed by one that could succeed. A success ends the request; an
/// equal one may come later.
fn is_covered_in_order(effects: &[Effect]) -> bool {
    let (mut failed, mut once, mut renewed) = (0, 0, false);
    for effect in effects {
        match effect {
            Effect::None => (failed, once) = (0, 0),
            Effect::Passes => failed += 1,
            Effect::Once => (failed, once) = (failed + 1, once + 1),
            Effect::Token if renewed => return false,
            Effect::Token => {}
            Effect::Final => return false,
        }
        renewed = *effect == Effect::Token;
        if failed > RETRIES || once > 1 {
            return false;
        }
    }
    true
}

fn is_covered_in_all(effects: &[Effect]) -> bool {
    let count = |wanted: Effect| effects.iter().filter(|effect| **effect == wanted).count();
    count(Effect::Final) == 0
        && count(Effect::Passes) + count(Effect::Once) <= RETRIES
        && count(Effect::Once) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::kind::CarriedOut;

    impl Sent {
        /// An attempt of a request, always the same one.
        pub(in crate::seeded) fn of_test(method: &str, fault: Option<Kind>) -> Self {
            let path = "/auth/admin/realms/x/clients".to_owned();
            let (method, time) = (method.to_owned(), Duration::ZERO);
            let status = Some(if fault == Some(Kind::SessionEnd) { 401 } else { 200 });
            let sets_secret = method == "PUT";
            Self { method, path, request: 1, sets_secret, fault, status, time, is_slow: false }
        }
    }

    fn covered(method: &str, faults: &[Option<Kind>], one_at_a_time: bool) -> bool {
        let requests: Vec<Sent> = faults.iter().map(|fault| Sent::of_test(method, *fault)).collect();
        are_covered(&requests, one_at_a_time)
    }

    #[test]
    fn as_many_faults_in_a_row_as_there_are_retries_are_covered() {
        let (reset, ok) = (Some(Kind::Reset), None);
        let busy = Some(Kind::Page(503, RetryAfter::Soon, CarriedOut::Yes));
        let broken = Some(Kind::OwnError(500));
        let late = Some(Kind::Page(503, RetryAfter::Late, CarriedOut::No));
        let ended = Some(Kind::SessionEnd);
        let cases: [(&str, &[Option<Kind>], bool, bool); 15] = [
            ("POST", &[Some(Kind::Slow), ok], true, true),
            ("POST", &[reset, busy, reset, ok], true, true),
            ("POST", &[reset, busy, reset, reset], false, false),
            ("GET", &[reset, reset, ok, reset, reset], true, false),
            ("GET", &[broken, ok], true, true),
            ("GET", &[broken, reset, broken, ok], false, false),
            ("GET", &[broken, ok, broken, ok], true, false),
            ("PUT", &[broken, ok], false, false),
            ("PUT", &[late, ok], false, false),
            ("PUT", &[ended, ok], true, true),
            ("PUT", &[ended, ended, ok], false, false),
            ("PUT", &[ended, reset, ended, ok], true, false),
            ("PUT", &[Some(Kind::Strange(Body::Html, CarriedOut::Yes))], false, false),
            ("PUT", &[Some(Kind::Disguised(Body::Empty))], false, false),
            ("PUT", &[Some(Kind::Cut(End::Connection))], false, false),
        ];
        for (method, faults, one_at_a_time, several) in cases {
            assert_eq!(covered(method, faults, true), one_at_a_time, "{method} {faults:?}");
            assert_eq!(covered(method, faults, false), several, "{method} {faults:?}");
        }
    }

    #[test]
    fn a_slow_or_failing_server_is_no_fault_of_the_run() {
        let with = |status, is_slow| Sent { status, is_slow, ..Sent::of_test("PUT", None) };
        assert!(!with(Some(204), false).is_hindered());
        for (sent, errors) in [
            (with(Some(204), true), &["timeout"][..]),
            (with(None, false), &["unreachable"]),
            (with(Some(500), true), &["server_failed", "timeout"]),
        ] {
            assert!(sent.is_hindered() && sent.errors() == errors, "{sent:?}");
        }
    }
}
