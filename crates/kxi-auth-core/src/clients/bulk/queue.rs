//! Runs tasks at the same time, a limited number of them. Tasks with the same key run one after another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, stream};

use crate::clients::bulk::cancel::CancelHandle;
use crate::clients::bulk::progress::{Callback, Progress};
use crate::error::Error;
use crate::manager::ClientManager;

/// The most tasks at the same time. More are not faster (observed on Keycloak 26.7.3: 8 are as fast as 64), and each
/// keeps what it has read.
const MOST: usize = 32;

/// After this many items in a row failed because the server is away, each after all its retries, no further item starts:
/// every one would take as long and fail too. One failed item is not enough, because a gateway can drop the response to
/// a single request again and again. An item that got a response from the server resets the count.
const AWAY_AFTER: usize = 3;

/// How tasks run, and where progress is reported.
pub(super) struct Run {
    total: usize,
    concurrency: usize,
    on_progress: Option<Callback>,
    cancel: CancelHandle,
    done: AtomicUsize,
    away: Mutex<Away>,
}

/// The items in a row that the server was away for.
#[derive(Default)]
struct Away {
    in_a_row: usize,
    /// The error that was the last straw.
    reason: String,
}

/// One item: its name in reports, the key that it shares with tasks that must not run at the same time, and its job, or
/// why it has none.
pub(super) struct Task<J> {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) job: Result<J, Error>,
}

/// Tasks that share a key, each with its index.
type Chain<J> = Vec<(usize, Task<J>)>;

impl Run {
    pub(super) fn new(
        total: usize,
        concurrency: usize,
        on_progress: Option<Callback>,
        cancel: CancelHandle,
    ) -> Self {
        Self { total, concurrency, on_progress, cancel, done: AtomicUsize::new(0), away: Mutex::default() }
    }

    /// Why no task may start, if that is so.
    pub(super) fn stopped(&self) -> Option<Error> {
        if self.concurrency == 0 {
            return Some(Error::invalid("concurrency", "it is 0, so nothing would ever run; use 1 or more"));
        }
        if self.cancel.is_cancelled() {
            return Some(Error::Cancelled);
        }
        let away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        (away.in_a_row >= AWAY_AFTER).then(|| Error::NotStarted { reason: away.reason.clone() })
    }

    /// Counts the items in a row that the server was away for.
    fn note<T>(&self, outcome: &Result<T, Error>) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.is_unavailable() && error.is_temporary() => {
                away.in_a_row += 1;
                if away.in_a_row == AWAY_AFTER {
                    away.reason = error.to_string();
                }
            }
            // Nothing was sent, so nothing is known about the server.
            Err(error) if error.is_usage() => {}
            _ => away.in_a_row = 0,
        }
    }

    /// The results in the order of the tasks. Everything runs within this future; nothing continues after it is dropped.
    pub(super) async fn all<J, T, F, S>(self, tasks: Vec<Task<J>>, start: F) -> Vec<Result<T, Error>>
    where
        F: Fn(J) -> S,
        S: Future<Output = Result<T, Error>>,
    {
        let (this, start) = (Arc::new(self), Arc::new(start));
        let chains = stream::iter(chains(tasks)).map(|chain| {
            let (this, start) = (Arc::clone(&this), Arc::clone(&start));
            async move { this.chain(chain, &*start).await }
        });
        let mut outcomes: Vec<(usize, Result<T, Error>)> =
            chains.buffer_unordered(this.concurrency.clamp(1, MOST)).concat().await;
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn chain<J, T, F, S>(&self, chain: Chain<J>, start: &F) -> Vec<(usize, Result<T, Error>)>
    where
        F: Fn(J) -> S,
        S: Future<Output = Result<T, Error>>,
    {
        let mut outcomes = Vec::with_capacity(chain.len());
        for (index, Task { id, job, .. }) in chain {
            let outcome = match (job, self.stopped()) {
                // The fault of an item says more than that the item did not start.
                (Err(error), _) | (Ok(_), Some(error)) => Err(error),
                (Ok(job), None) => {
                    let outcome = start(job).await;
                    self.note(&outcome);
                    outcome
                }
            };
            self.report(index, id, outcome.is_ok());
            outcomes.push((index, outcome));
        }
        outcomes
    }

    fn report(&self, index: usize, id: String, ok: bool) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(call) = &self.on_progress {
            call(Progress { done, total: self.total, index, id, ok });
        }
    }
}

/// The tasks grouped by key, in the order in which each key first appears.
fn chains<J>(tasks: Vec<Task<J>>) -> Vec<Chain<J>> {
    let (mut places, mut chains) = (HashMap::new(), Vec::<Chain<J>>::new());
    for (index, task) in tasks.into_iter().enumerate() {
        let place = *places.entry(task.key.clone()).or_insert(chains.len());
        match chains.get_mut(place) {
            Some(chain) => chain.push((index, task)),
            None => chains.push(vec![(index, task)]),
        }
    }
    chains
}

/// Rejects an item of another manager, whose realm can be another one.
pub(super) fn same_manager(one: &ClientManager, other: &ClientManager) -> Result<(), Error> {
    if std::ptr::eq(one.api(), other.api()) {
        return Ok(());
    }
    Err(Error::invalid("item", "another manager created it; create it with this manager or a clone of it"))
}
