//! Reads a list in pages while others change it: no entry twice, and none hidden that was there from
//! the beginning to the end.
//!
//! The server knows offsets only, so an entry that vanishes moves all behind it forward, and a page
//! that starts where the last one ended would skip one. Hence pages overlap: a page counts only if its
//! first entry has been given out already. Whatever else it holds follows that entry without a gap at
//! one moment, so nothing that stayed can lie between. If the first entry is new, some vanished (or
//! one appeared just there), and reading goes on from an earlier page.
//!
//! This holds for pages that were asked for at the same time, in whatever order the server reads them,
//! and it needs the list's order to be stable: an entry that is renamed meanwhile counts as another.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;

use crate::error::{Error, RequestLine};

/// Clients asked for in one request. The server's work for a page grows with its square, so that
/// 5,000 clients in one request took half a minute, and under a second in pages of 50 (26.7.3).
const PAGE: usize = 50;
/// From one page's start to the next one's: they share an entry.
const STEP: usize = PAGE - 1;
/// Asked for by a request that alone decides whether the list is at its end. The server picks the ids
/// first and leaves out those that vanish before it has read them, so that a page of 50 can come with
/// 46 in the middle of a list of 230 (seen while 3 at a time were deleted, 26.7.3). Fewer than [`PAGE`]
/// of this many are the end, unless 15 vanish within one request.
const DECIDING: usize = 64;
/// Requests in flight: more were not faster (26.7.3).
const CONCURRENCY: usize = 4;
/// Requests without progress after which reading is given up, beside those that it takes to come back
/// to where it was.
const PATIENCE: usize = 100;

type Page<T> = Pin<Box<dyn Future<Output = Result<Vec<T>, Error>> + Send>>;
type Read<T> = Pin<Box<dyn Future<Output = (usize, Result<Vec<T>, Error>)> + Send>>;

/// A list that is read page by page. Nothing is asked for before the first poll, and nothing after it
/// is dropped.
pub(crate) struct Pages<T> {
    source: Box<dyn Fn(usize, usize) -> Page<T> + Send>,
    key: fn(&T) -> &str,
    line: RequestLine,
    given: HashSet<String>,
    in_flight: FuturesOrdered<Read<T>>,
    /// The window that is to be taken next; window `k` starts at the entry `k * STEP`.
    cursor: usize,
    /// The window that is to be asked for next.
    next: usize,
    /// How many windows may be asked for from the cursor on; with 1, the request decides.
    ahead: usize,
    /// How many windows a step back takes.
    back: usize,
    /// The windows that have been taken with something new in one of them: 0 to `reached - 1`.
    reached: usize,
    /// Requests since `reached` last grew.
    wasted: usize,
    ended: bool,
}

impl<T: Send + 'static> Pages<T> {
    /// Reads what `source` gives for the first entry's offset and the most entries wanted. `key` is
    /// what an entry is known by; `line` names the request in an error.
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

    /// The next entries that have not been given out, at least one; `None` at the end and after an
    /// error.
    pub(crate) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Vec<T>, Error>>> {
        while !self.ended {
            self.ask();
            let Some((window, page)) = ready!(self.in_flight.poll_next_unpin(context)) else { break };
            if window != self.cursor {
                // Asked for before a step back; it will be read again.
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

    /// Whether the last entries have been given out, so that nothing more will be asked for.
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

    /// What is new in the cursor's page; moves the cursor.
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
        match (short, deciding) {
            (true, true) => self.end(),
            (true, false) => self.read_from(self.cursor),
            (false, _) => self.advance(news.is_empty())?,
        }
        Ok(news)
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

    /// Goes on with this window, alone. Later ones in flight are left to finish, for to drop them would
    /// close their connections.
    fn read_from(&mut self, window: usize) {
        (self.cursor, self.next, self.ahead) = (window, window, 1);
    }

    /// A server that ignores the offset, or a list that is another one each time, must not be read
    /// for ever.
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
