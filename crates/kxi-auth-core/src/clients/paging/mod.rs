//! Reads a list in pages while others change it. It returns no entry twice, and misses no entry that exists from the
//! beginning to the end.
//!
//! The server knows only offsets. If an entry is deleted, all entries behind it move forward, and a page that starts
//! where the last one ended would skip one. So the pages overlap: a page counts only if its first entry was returned
//! already. The rest of the page follows that entry without a gap, so no entry that stayed can be missed in between.
//! If the first entry is new, entries were deleted (or one was inserted just there), and reading continues from an
//! earlier page.
//!
//! This also holds for pages that are requested at the same time, in any order in which the server reads them. It
//! needs a stable order of the list: an entry that is renamed in the meantime counts as another entry.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;

use crate::error::{Error, RequestLine};

/// Clients per request. The server's work for a page grows with the square of its size: 5,000 clients took half a
/// minute in one request, and less than a second in pages of 50 (observed on Keycloak 26.7.3).
const PAGE: usize = 50;
/// The distance from the start of one page to the start of the next. They share an entry.
const STEP: usize = PAGE - 1;
/// The size of a page that alone decides whether the list has ended. The server selects the IDs first and omits
/// entries that are deleted before it reads them, so a page of 50 can have 46 entries in the middle of a list of 230
/// (observed on Keycloak 26.7.3 while clients were deleted, 3 at a time). Fewer than [`PAGE`] entries of this many mean
/// the end, unless 15 entries are deleted within one request.
const DECIDING: usize = 64;
/// Requests in flight. More were not faster (observed on Keycloak 26.7.3).
const CONCURRENCY: usize = 4;
/// Requests without progress after which reading gives up, in addition to the requests that it takes to come back to
/// the same place.
const PATIENCE: usize = 100;
/// The memory for the keys of the entries that were returned, in bytes: enough for more than 200,000 clients, which no
/// realm has. A list that goes on is one without an end.
const KEYS: usize = 32 * 1024 * 1024;
/// The memory of a key besides its text.
const KEY: usize = 64;

type Page<T> = Pin<Box<dyn Future<Output = Result<Vec<T>, Error>> + Send>>;
type Read<T> = Pin<Box<dyn Future<Output = (usize, Result<Vec<T>, Error>)> + Send>>;

/// A list that is read page by page. It requests nothing before the first poll, and nothing after it is dropped.
pub(crate) struct Pages<T> {
    source: Box<dyn Fn(usize, usize) -> Page<T> + Send>,
    key: fn(&T) -> &str,
    line: RequestLine,
    given: HashSet<String>,
    /// The memory that is left for these keys.
    room: usize,
    in_flight: FuturesOrdered<Read<T>>,
    /// The window that is taken next. Window `k` starts at the entry `k * STEP`.
    cursor: usize,
    /// The window that is requested next.
    next: usize,
    /// How many windows may be requested from the cursor on. With 1, the request alone decides about the end.
    ahead: usize,
    /// How many windows the next step back goes.
    back: usize,
    /// The windows up to the last one with a new entry: 0 to `reached - 1`.
    reached: usize,
    /// Requests since `reached` last grew.
    wasted: usize,
    ended: bool,
}

impl<T: Send + 'static> Pages<T> {
    /// Reads a list through `source`, which gets the offset of the first entry and the page size. `key` identifies an
    /// entry; `line` names the request in an error.
    pub(crate) fn new<S, F>(source: S, key: fn(&T) -> &str, line: RequestLine) -> Self
    where
        S: Fn(usize, usize) -> F + Send + 'static,
        F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
    {
        Self {
            source: Box::new(move |first, max| Box::pin(source(first, max))),
            key,
            line,
            given: HashSet::new(),
            room: KEYS,
            in_flight: FuturesOrdered::new(),
            cursor: 0,
            next: 0,
            ahead: 1,
            back: 1,
            reached: 0,
            wasted: 0,
            ended: false,
        }
    }

    /// The next new entries, at least one. `None` at the end and after an error.
    pub(crate) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Vec<T>, Error>>> {
        while !self.ended {
            self.ask();
            let Some((window, page)) = ready!(self.in_flight.poll_next_unpin(context)) else { break };
            if window != self.cursor {
                // It was requested before a step back, and will be read again.
                continue;
            }
            match page.and_then(|page| self.take(page)) {
                Ok(news) if news.is_empty() => {}
                Ok(news) => return Poll::Ready(Some(Ok(news))),
                Err(error) => {
                    self.end();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }

    /// Whether the last entries were returned, so that nothing more will be requested.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    fn ask(&mut self) {
        let max = if self.ahead == 1 { DECIDING } else { PAGE };
        while self.next < self.cursor + self.ahead {
            let window = self.next;
            let page = (self.source)(window * STEP, max);
            self.in_flight.push_back(Box::pin(async move { (window, page.await) }));
            self.next += 1;
        }
    }

    /// The new entries in the cursor's page. Moves the cursor.
    fn take(&mut self, page: Vec<T>) -> Result<Vec<T>, Error> {
        let known = |entry: &T| self.given.contains((self.key)(entry));
        let fits = self.cursor == 0 || page.first().is_some_and(known);
        if !fits {
            self.waste()?;
            self.read_from(self.cursor.saturating_sub(self.back));
            self.back *= 2;
            return Ok(Vec::new());
        }
        self.back = 1;
        let (short, deciding) = (page.len() < PAGE, self.ahead == 1);
        let mut news = page;
        news.retain(|entry| self.given.insert((self.key)(entry).to_owned()));
        self.count(&news)?;
        match (short, deciding) {
            (true, true) => self.end(),
            (true, false) => self.read_from(self.cursor),
            (false, _) => self.advance(news.is_empty())?,
        }
        Ok(news)
    }

    /// Ends the reading of a list that goes on for ever.
    fn count(&mut self, news: &[T]) -> Result<(), Error> {
        let size: usize = news.iter().map(|entry| (self.key)(entry).len() + KEY).sum();
        self.room = self.room.checked_sub(size).ok_or_else(|| Error::Protocol {
            request: self.line.clone(),
            reason: format!("the list does not seem to end: {} entries were read", self.given.len()),
        })?;
        Ok(())
    }

    fn advance(&mut self, nothing_new: bool) -> Result<(), Error> {
        self.cursor += 1;
        self.ahead = CONCURRENCY;
        if nothing_new || self.cursor <= self.reached {
            return self.waste();
        }
        self.reached = self.cursor;
        self.wasted = 0;
        Ok(())
    }

    /// Continues with this window alone. Later windows in flight may finish, because dropping them would close their
    /// connections.
    fn read_from(&mut self, window: usize) {
        (self.cursor, self.next, self.ahead) = (window, window, 1);
    }

    /// Ends the reading of a server that ignores the offset, or of a list that changes all the time.
    fn waste(&mut self) -> Result<(), Error> {
        self.wasted += 1;
        if self.wasted <= PATIENCE + self.reached {
            return Ok(());
        }
        let reason = format!(
            "the list keeps changing while it is read ({} requests without progress); try again later",
            self.wasted
        );
        Err(Error::Protocol { request: self.line.clone(), reason })
    }

    fn end(&mut self) {
        self.ended = true;
        self.in_flight.clear();
    }
}

#[cfg(test)]
mod tests;
