//! Retries: which failures are retried, how often, and after which pause.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::StatusCode;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::error::{self, Error, RequestLine};

/// The first pause. The pause doubles after each attempt, and a random part is added to it, so that clients
/// do not all retry at the same moment when a server is available again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A longer total makes no difference in practice, and the clock could not represent it.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// How often and for how long one request is retried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    /// Number of attempts after the first.
    pub(crate) retries: usize,
    /// Time limit for all attempts and pauses of one request.
    pub(crate) total: Duration,
}

/// A failure that knows whether a retry may help.
pub(crate) trait Retryable: From<Error> {
    /// `None` if a retry does not help.
    fn retry(&self) -> Option<Retry>;
    /// The status of the response, if there was one.
    fn status(&self) -> Option<u16>;
}

/// A retry may help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Retry {
    /// The shortest pause that the server asks for (`Retry-After`; RFC 9110, section 10.2.3).
    pub(crate) after: Option<Duration>,
    /// Nothing says that the failure passes, so it is retried only once.
    pub(crate) once: bool,
}

impl RetryPolicy {
    /// The pauses between attempts, one for each retry, each with a random part.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_jitter()
            .with_max_times(self.retries)
            .build()
    }

    /// The deadline of an operation that starts now.
    pub(crate) fn end(&self) -> Instant {
        Instant::now() + self.total.min(LONGEST)
    }

    /// Runs `attempt` until it succeeds, a retry does not help, or the policy allows no more attempts. Then
    /// the last failure is the outcome. Each attempt is a tracing span.
    pub(crate) async fn run<T, E, F, S>(&self, line: &RequestLine, mut attempt: F) -> Result<T, E>
    where
        E: Retryable,
        F: FnMut() -> S,
        S: Future<Output = Result<T, E>> + Send,
    {
        let end = self.end();
        let mut last = None;
        let mut retried_once = false;
        let mut pauses = self.pauses();
        let mut number = 1;
        loop {
            let Ok(outcome) = tokio::time::timeout_at(end, observed(line, number, attempt())).await else {
                // The failure of an earlier attempt says more than a timeout.
                return Err(last.unwrap_or_else(|| Error::timeout(line.clone(), self.total).into()));
            };
            let failure = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let retry = failure.retry().filter(|retry| !(retry.once && retried_once));
            let (Some(retry), Some(pause)) = (retry, pauses.next()) else { return Err(failure) };
            retried_once |= retry.once;
            let pause = pause.max(retry.after.unwrap_or_default());
            // Compared without a sum: the server can ask for a pause that the clock cannot represent.
            if pause >= end.saturating_duration_since(Instant::now()) {
                return Err(failure);
            }
            tracing::debug!(method = line.method, path = line.template, attempt = number, ?pause, "retrying");
            tokio::time::sleep(pause).await;
            last = Some(failure);
            number += 1;
        }
    }
}

/// Runs an attempt in a span with its method, path template, number and status, and logs its duration. Names
/// and IDs in the path, headers and bodies are not recorded.
async fn observed<T, E: Retryable>(
    line: &RequestLine,
    number: u32,
    attempt: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    let (method, path) = (line.method, line.template);
    let span =
        tracing::debug_span!("request", method, path, attempt = number, status = tracing::field::Empty);
    let begin = Instant::now();
    let outcome = attempt.instrument(span.clone()).await;
    if let Err(failure) = &outcome {
        span.record("status", failure.status());
    }
    let milliseconds = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::debug!(milliseconds, ok = outcome.is_ok(), "attempt finished"));
    outcome
}

/// The seconds of a `Retry-After` header. The header's other form, a date, is ignored: it needs the time of
/// the server's clock, which Keycloak does not return.
pub(crate) fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// See [`error::is_passing`].
pub(crate) fn is_passing(status: StatusCode) -> bool {
    error::is_passing(status.as_u16())
}

impl Retryable for Error {
    fn retry(&self) -> Option<Retry> {
        match self {
            Self::Connection { .. } | Self::Timeout { .. } => Some(Retry::default()),
            Self::Server { status, retry_after, .. } => {
                Some(Retry { after: *retry_after, once: !error::is_passing(*status) })
            }
            // Only the search for Keycloak and the sign-in get here with these: a gateway may have no route to
            // Keycloak for a moment.
            Self::EndpointNotFound { .. } | Self::NotKeycloak { .. } => {
                Some(Retry { once: true, ..Retry::default() })
            }
            _ => None,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Server { status, .. }
            | Self::Rejected { status, .. }
            | Self::NotKeycloak { status, .. } => Some(*status),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(retries: usize, total: u64) -> RetryPolicy {
        RetryPolicy { retries, total: Duration::from_secs(total) }
    }

    fn line() -> RequestLine {
        RequestLine::new("GET", "/x", &[])
    }

    fn busy(retry_after: Option<u64>) -> Error {
        let retry_after = retry_after.map(Duration::from_secs);
        Error::Server { request: line(), status: 503, message: "busy".to_owned(), retry_after }
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_after_the_retries_with_the_last_failure() {
        let mut attempts = 0;
        let outcome: Result<(), Error> = policy(5, 60)
            .run(&line(), || {
                attempts += 1;
                async { Err(busy(None)) }
            })
            .await;
        assert!(matches!(outcome, Err(Error::Server { status: 503, .. })));
        assert_eq!(attempts, 6);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_passing_is_not_repeated() {
        let mut attempts = 0;
        let outcome: Result<(), Error> = policy(5, 60)
            .run(&line(), || {
                attempts += 1;
                async { Err(Error::invalid("x", "y")) }
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(attempts, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_not_pass_is_repeated_once_among_what_passes() {
        let strange = || Error::NotKeycloak { request: line(), status: 403, answer: "x".to_owned() };
        for (failures, expected) in [("ss", 2), ("sps", 3), ("pspps", 5)] {
            let mut attempts = 0;
            let outcome: Result<(), Error> = policy(9, 60)
                .run(&line(), || {
                    let kind = failures.as_bytes()[attempts];
                    attempts += 1;
                    async move { Err(if kind == b's' { strange() } else { busy(None) }) }
                })
                .await;
            assert!(matches!(outcome, Err(Error::NotKeycloak { .. })), "{failures}: {outcome:?}");
            assert_eq!(attempts, expected, "{failures}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_servers_wish_is_honored_within_the_total() {
        let begin = Instant::now();
        let mut attempts = 0;
        let outcome = policy(5, 60)
            .run(&line(), || {
                attempts += 1;
                let first = attempts == 1;
                async move { if first { Err(busy(Some(7))) } else { Ok(()) } }
            })
            .await;
        assert!(outcome.is_ok());
        assert!(begin.elapsed() >= Duration::from_secs(7));

        for wish in [3600, u64::MAX] {
            let begin = Instant::now();
            let outcome: Result<(), Error> =
                policy(5, 60).run(&line(), || async { Err(busy(Some(wish))) }).await;
            assert!(outcome.is_err());
            assert!(begin.elapsed() < Duration::from_secs(1), "no wait starts that exceeds the total");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_total_without_end_is_none() {
        let forever = RetryPolicy { retries: 1, total: Duration::MAX };
        let outcome: Result<(), Error> = forever.run(&line(), || async { Err(busy(None)) }).await;
        assert!(matches!(outcome, Err(Error::Server { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn the_total_ends_an_attempt_that_hangs() {
        let begin = Instant::now();
        let outcome: Result<(), Error> = policy(5, 20).run(&line(), std::future::pending).await;
        assert!(matches!(outcome, Err(Error::Timeout { .. })));
        assert_eq!(begin.elapsed(), Duration::from_secs(20));
    }
}
