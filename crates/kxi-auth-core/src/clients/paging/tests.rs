//! A simulated server whose list changes between, during and within the reads.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use super::*;

/// The list, by what it is sorted by, and what has been asked of it.
#[derive(Default)]
struct Server {
    entries: BTreeMap<u64, String>,
    requests: Vec<(usize, usize)>,
    in_flight: usize,
    most_in_flight: usize,
    /// Reads that have picked their entries and not yet looked at them.
    picked: usize,
    /// Runs whenever time passes.
    change: Option<Change>,
}

type Change = Box<dyn FnMut(&mut Server) + Send>;
type Shared = Arc<Mutex<Server>>;

impl Server {
    fn with(count: u64) -> Self {
        let entries = (0..count).map(|number| (number * 1000, format!("u{number}"))).collect();
        Self { entries, ..Self::default() }
    }

    fn changing(mut self, change: impl FnMut(&mut Server) + Send + 'static) -> Self {
        self.change = Some(Box::new(change));
        self
    }

    fn tick(&mut self) {
        if let Some(mut change) = self.change.take() {
            change(self);
            self.change = Some(change);
        }
    }

    fn remove_at(&mut self, place: usize) -> Option<String> {
        let key = *self.entries.keys().nth(place)?;
        self.entries.remove(&key)
    }
}

/// Lets time pass: the server changes, and other reads go on.
async fn pass(server: &Shared) {
    let mut passed = false;
    poll_fn(|context| {
        if std::mem::replace(&mut passed, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        server.lock().unwrap().tick();
        Poll::Pending
    })
    .await;
}

/// One request: it picks its entries at one moment and looks at them at a later one, when those that
/// vanished in between are left out. Not every request takes equally long.
async fn read(server: Shared, first: usize, max: usize) -> Result<Vec<String>, Error> {
    let slowness = {
        let mut server = server.lock().unwrap();
        server.requests.push((first, max));
        server.in_flight += 1;
        server.most_in_flight = server.most_in_flight.max(server.in_flight);
        server.requests.len() * 7 % 5
    };
    for _ in 0..slowness {
        pass(&server).await;
    }
    let picked: Vec<(u64, String)> = {
        let mut server = server.lock().unwrap();
        server.picked += 1;
        server.entries.iter().skip(first).take(max).map(|(key, uuid)| (*key, uuid.clone())).collect()
    };
    pass(&server).await;
    let mut server = server.lock().unwrap();
    server.picked -= 1;
    server.in_flight -= 1;
    Ok(picked.into_iter().filter(|(key, _)| server.entries.contains_key(key)).map(|(_, uuid)| uuid).collect())
}

fn pages(server: &Shared) -> Pages<String> {
    let server = Arc::clone(server);
    let source = move |first, max| read(Arc::clone(&server), first, max);
    Pages::new(source, |uuid| uuid, RequestLine::new("GET", "/clients", &[]))
}

async fn next(pages: &mut Pages<String>) -> Option<Result<Vec<String>, Error>> {
    poll_fn(|context| pages.poll_page(context)).await
}

async fn all(mut pages: Pages<String>) -> Result<Vec<String>, Error> {
    let mut given = Vec::new();
    while let Some(page) = next(&mut pages).await {
        let page = page?;
        assert!(!page.is_empty());
        given.extend(page);
    }
    Ok(given)
}

fn unique(given: &[String]) -> usize {
    given.iter().collect::<HashSet<_>>().len()
}

fn shared(server: Server) -> Shared {
    Arc::new(Mutex::new(server))
}

#[tokio::test]
async fn a_quiet_list_comes_in_order_with_few_requests() {
    for count in (0..=300).chain([1000, 5006]) {
        let server = shared(Server::with(count));
        let given = all(pages(&server)).await.unwrap();
        let server = server.lock().unwrap();
        assert!(given.iter().eq(server.entries.values()), "{count}");
        let (sent, count) = (server.requests.len(), usize::try_from(count).unwrap());
        assert!(sent <= count.div_ceil(STEP) + 4, "{sent} requests for {count}");
        assert!(sent == 1 || count >= PAGE, "{sent} requests for {count}");
        assert!(server.most_in_flight <= CONCURRENCY);
        assert!(count < 500 || server.most_in_flight == CONCURRENCY);
    }
}

#[tokio::test]
async fn nothing_is_asked_for_before_the_first_poll_and_ahead_of_the_reader() {
    let server = shared(Server::with(2000));
    let mut pages = pages(&server);
    let sent = || server.lock().unwrap().requests.len();
    assert_eq!(sent(), 0);
    next(&mut pages).await.unwrap().unwrap();
    assert_eq!(sent(), 1, "the first page alone");
    for taken in 2..10 {
        next(&mut pages).await.unwrap().unwrap();
        assert!(sent() < taken + CONCURRENCY, "{} requests for {taken} pages", sent());
    }
    drop(pages);
    let before = sent();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sent(), before);
}

#[tokio::test]
async fn entries_that_vanish_between_two_pages_hide_none() {
    // Fewer than a page, some pages, all but one page, everything read so far and more.
    for (vanish, after) in [(1, 1), (3, 2), (60, 3), (170, 4), (400, 9), (499, 5)] {
        let server = shared(Server::with(500));
        let mut pages = pages(&server);
        let mut given = Vec::new();
        for _ in 0..after {
            given.extend(next(&mut pages).await.unwrap().unwrap());
        }
        for _ in 0..vanish {
            server.lock().unwrap().remove_at(0);
        }
        given.extend(all(pages).await.unwrap());
        let stayed: Vec<String> = server.lock().unwrap().entries.values().cloned().collect();
        assert!(stayed.iter().all(|uuid| given.contains(uuid)), "{vanish} after {after}");
        assert_eq!(unique(&given), given.len(), "{vanish} after {after}");
    }
}

#[tokio::test]
async fn entries_that_appear_are_given_once() {
    let server = shared(Server::with(300));
    let mut pages = pages(&server);
    let mut given = next(&mut pages).await.unwrap().unwrap();
    for number in 0..120 {
        server.lock().unwrap().entries.insert(number * 10 + 1, format!("new{number}"));
    }
    given.extend(all(pages).await.unwrap());
    assert_eq!(unique(&given), given.len());
    assert_eq!(given.iter().filter(|uuid| uuid.starts_with('u')).count(), 300);
}

#[tokio::test]
async fn a_page_that_lost_entries_is_not_taken_for_the_end() {
    // Two of each page vanish after it was picked, from the second request on or from the first.
    for start in [0, 1] {
        let server = Server::with(700).changing(move |server| {
            if server.picked > 0 && server.requests.len() > start && server.requests.len() < 30 {
                let place = (server.requests.len() - 1) * 40;
                server.remove_at(place);
                server.remove_at(place);
            }
        });
        let server = shared(server);
        let given = all(pages(&server)).await.unwrap();
        let server = server.lock().unwrap();
        assert!(server.entries.len() < 700);
        assert!(server.entries.values().all(|uuid| given.contains(uuid)), "{} given", given.len());
    }
}

#[tokio::test]
async fn a_list_that_is_another_one_each_time_is_given_up() {
    let mut number = 0;
    let server = Server::with(300).changing(move |server| {
        if server.picked == 0 {
            number += 1;
            server.entries.values_mut().for_each(|uuid| *uuid = format!("{number} {uuid}"));
        }
    });
    let server = shared(server);
    let mut pages = pages(&server);
    let error = loop {
        if let Err(error) = next(&mut pages).await.unwrap() {
            break error;
        }
    };
    assert!(error.to_string().contains("keeps changing"), "{error}");
    assert!(next(&mut pages).await.is_none());
    assert!(server.lock().unwrap().requests.len() < 3 * PATIENCE);
}

#[tokio::test]
async fn a_server_that_ignores_the_offset_is_given_up() {
    let page: Vec<String> = (0..60).map(|number| format!("u{number}")).collect();
    let source = move |_, _| std::future::ready(Ok(page.clone()));
    let error = all(Pages::new(source, |uuid| uuid, RequestLine::new("GET", "/clients", &[]))).await;
    assert!(error.unwrap_err().to_string().contains("keeps changing"));
}

#[tokio::test]
async fn an_error_ends_the_list() {
    let source = |first: usize, max: usize| async move {
        if first >= 100 {
            return Err(Error::Protocol {
                request: RequestLine::new("GET", "/clients", &[]),
                reason: "cut".into(),
            });
        }
        Ok((first..first + max).map(|number| format!("u{number}")).collect())
    };
    let mut pages = Pages::new(source, |uuid| uuid, RequestLine::new("GET", "/clients", &[]));
    // 64 asked for by the first request, up to 99 - 1 by those at 49 and 98.
    assert_eq!(next(&mut pages).await.unwrap().unwrap().len(), DECIDING);
    let mut last = next(&mut pages).await;
    while let Some(Ok(_)) = last {
        last = next(&mut pages).await;
    }
    assert!(last.unwrap().unwrap_err().to_string().ends_with("cut"));
    assert!(next(&mut pages).await.is_none());
}

/// A tiny generator (xorshift64*), so that a history that fails can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % end.max(1)
    }
}

/// Appearing and vanishing at random: singly while a request is between its two moments, in bulk too
/// while none is.
fn random_change(mut random: Random, calm: usize) -> impl FnMut(&mut Server) + Send {
    let mut made = 0;
    move |server: &mut Server| {
        if random.below(calm) != 0 {
            return;
        }
        let bulk = if server.picked == 0 && random.below(8) == 0 { 1 + random.below(150) } else { 1 };
        let start = random.below(server.entries.len());
        for _ in 0..bulk {
            if random.below(100) < 60 {
                server.remove_at(start);
            } else {
                made += 1;
                let key = u64::try_from(random.below(1_000_000)).unwrap();
                server.entries.entry(key).or_insert(format!("new{made}"));
            }
        }
    }
}

#[tokio::test]
async fn random_histories_give_no_entry_twice_and_hide_none_that_stayed() {
    let mut changed = 0;
    for seed in 1..=1500 {
        let mut random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let count = u64::try_from(random.below(900)).unwrap();
        let calm = 1 + random.below(12);
        let server = shared(Server::with(count).changing(random_change(random, calm)));
        let given = all(pages(&server)).await.unwrap();

        let server = server.lock().unwrap();
        let unique: HashSet<&String> = given.iter().collect();
        assert_eq!(unique.len(), given.len(), "seed {seed}: twice");
        let stayed = server.entries.values().filter(|uuid| uuid.starts_with('u'));
        let hidden: Vec<&String> = stayed.filter(|uuid| !unique.contains(uuid)).collect();
        assert_eq!(hidden, [""; 0], "seed {seed}: hidden");
        assert!(server.most_in_flight <= CONCURRENCY);
        let quiet = given.len().div_ceil(STEP) + 4;
        changed += usize::from(server.requests.len() > quiet);
    }
    assert!(changed > 300, "only {changed} histories made a page be read again");
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let long = "x".repeat(100_000);
    let source = move |first: usize, max: usize| {
        let page = (first..first + max).map(|number| format!("{number}{long}")).collect();
        async move { Ok(page) }
    };
    let line = RequestLine::new("GET", "/clients", &[]);
    let mut pages = Pages::new(source, |entry: &String| entry.as_str(), line);
    let mut read = 0;
    let error = loop {
        match poll_fn(|context| pages.poll_page(context)).await {
            Some(Ok(page)) => read += page.len(),
            Some(Err(error)) => break error,
            None => panic!("it has an end"),
        }
    };
    assert!(error.to_string().contains("does not seem to end"), "{error}");
    assert!((250..400).contains(&read), "{read}");
    assert!(poll_fn(|context| pages.poll_page(context)).await.is_none());
}
