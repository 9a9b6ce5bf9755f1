use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use secrecy::SecretString;

use super::*;

type Reports = Arc<Mutex<Vec<Progress>>>;

fn manager() -> ClientManager {
    let password = SecretString::from("hunter2");
    // Nothing answers there: what is sent would fail as a connection.
    ClientManager::builder().host("http://127.0.0.1:9").username("a").password(password).build().unwrap()
}

/// A run that records the progress it reports.
fn reported(total: usize, concurrency: usize, cancel: &CancelHandle) -> (Run, Reports) {
    let reported = Reports::default();
    let log = Arc::clone(&reported);
    let callback: Callback = Arc::new(move |progress| log.lock().unwrap().push(progress));
    (Run::new(total, concurrency, Some(callback), cancel.clone()), reported)
}

/// Tasks with these keys; the job is the place of the task among all.
fn tasks(keys: &[&str]) -> Vec<Task<usize>> {
    let task = |(index, key): (usize, &&str)| Task {
        id: format!("{key}{index}"),
        key: (*key).to_owned(),
        job: Ok(index),
    };
    keys.iter().enumerate().map(task).collect()
}

fn pause(milliseconds: usize) -> tokio::time::Sleep {
    tokio::time::sleep(Duration::from_millis(u64::try_from(milliseconds).unwrap()))
}

fn shown(outcomes: &[Result<usize, Error>]) -> Vec<String> {
    let show = |outcome: &Result<usize, Error>| match outcome {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    };
    outcomes.iter().map(show).collect()
}

#[tokio::test(start_paused = true)]
async fn outcomes_keep_the_order_of_the_items_and_one_that_fails_harms_none() {
    let (run, reported) = reported(4, 4, &CancelHandle::new());
    let mut tasks = tasks(&["a", "b", "c", "d"]);
    tasks[1].job = Err(Error::invalid("x", "wrong"));
    // The first takes longest.
    let outcomes = run
        .all(tasks, |index| async move {
            pause(100 - 10 * index).await;
            if index == 2 { Err(Error::invalid("x", "failed")) } else { Ok(index) }
        })
        .await;
    assert_eq!(shown(&outcomes), ["0", "invalid x: wrong", "invalid x: failed", "3"]);
    let reported = reported.lock().unwrap();
    let seen: Vec<_> = reported
        .iter()
        .map(|reported| (reported.done, reported.total, reported.index, reported.id.as_str(), reported.ok))
        .collect();
    let expected =
        [(1, 4, 1, "b1", false), (2, 4, 3, "d3", true), (3, 4, 2, "c2", false), (4, 4, 0, "a0", true)];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn no_more_are_in_flight_than_allowed_and_never_two_of_one_key() {
    let (run, _) = reported(9, 3, &CancelHandle::new());
    let keys = ["a", "b", "a", "c", "d", "a", "e", "f", "b"];
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let busy = Mutex::new(Vec::new());
    let (now, most, busy) = (&now, &most, &busy);
    let outcomes = run
        .all(tasks(&keys), |index| async move {
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            {
                let mut busy = busy.lock().unwrap();
                assert!(!busy.contains(&keys[index]), "{} twice at once", keys[index]);
                busy.push(keys[index]);
            }
            pause(10).await;
            busy.lock().unwrap().retain(|key| *key != keys[index]);
            now.fetch_sub(1, Ordering::Relaxed);
            Ok(index)
        })
        .await;
    assert_eq!(shown(&outcomes), ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(most.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_finishes_what_is_in_flight_and_begins_nothing() {
    let cancel = CancelHandle::new();
    let (run, reported) = reported(6, 2, &cancel);
    let cancel = &cancel;
    let outcomes = run
        .all(tasks(&["a", "b", "c", "d", "e", "f"]), |index| async move {
            // At 30 ms, when `c` and `d` are in flight.
            pause(if index % 2 == 0 { 20 } else { 25 }).await;
            if index == 1 {
                cancel.cancel();
            }
            Ok(index)
        })
        .await;
    let cancelled = Error::Cancelled.to_string();
    let expected = ["0", "1", "2", &cancelled, &cancelled, &cancelled];
    assert_eq!(shown(&outcomes), expected);
    assert_eq!(reported.lock().unwrap().last().unwrap().done, 6);
}

fn away() -> Error {
    Error::timeout(crate::error::RequestLine::new("GET", "/x", &[]), Duration::from_secs(1))
}

/// The outcome of each item is a letter: away, done, refused by the server, failed with a 500, or wrong as given.
async fn run_of(outcomes: &str, concurrency: usize) -> String {
    let (run, reported) = reported(outcomes.len(), concurrency, &CancelHandle::new());
    let keys: Vec<String> = (0..outcomes.len()).map(|index| index.to_string()).collect();
    let tasks = tasks(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let line = || crate::error::RequestLine::new("GET", "/x", &[]);
    let result = run
        .all(tasks, |index| async move {
            pause(10).await;
            match outcomes.as_bytes()[index] {
                b'a' => Err(away()),
                b'r' => {
                    Err(Error::Rejected { request: line(), status: 400, message: String::new(), hint: None })
                }
                b'5' => {
                    let (request, message) = (line(), String::new());
                    Err(Error::Server { request, status: 500, message, retry_after: None })
                }
                b'w' => Err(Error::invalid("x", "wrong")),
                _ => Ok(index),
            }
        })
        .await;
    assert_eq!(reported.lock().unwrap().len(), outcomes.len());
    let started = |outcome: &Result<usize, Error>| match outcome {
        Err(Error::NotStarted { reason }) => {
            assert_eq!(*reason, away().to_string());
            '-'
        }
        _ => '+',
    };
    result.iter().map(started).collect()
}

#[tokio::test(start_paused = true)]
async fn no_item_starts_once_the_server_is_away_for_three_in_a_row() {
    for (outcomes, concurrency, started) in [
        ("aaaaaa", 1, "+++---"),
        ("aaaaaaaa", 4, "++++----"),
        // One or two can be chance, and each response shows that the server is there.
        ("aadaadaadaaadd", 1, "++++++++++++--"),
        ("aaraa5aadaaa", 1, "++++++++++++"),
        ("5555555", 1, "+++++++"),
        // What was wrong as given says nothing about the server.
        ("awawad", 1, "+++++-"),
        ("aa", 1, "++"),
    ] {
        assert_eq!(run_of(outcomes, concurrency).await, started, "{outcomes} {concurrency}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_goes_on_with_nothing() {
    let begun = Arc::new(AtomicUsize::new(0));
    let (run, _) = reported(10, 2, &CancelHandle::new());
    let counter = Arc::clone(&begun);
    let all = run.all(tasks(&["a"; 10]), move |index| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            pause(10).await;
            Ok(index)
        }
    });
    assert!(tokio::time::timeout(Duration::from_millis(25), all).await.is_err());
    pause(1000).await;
    assert_eq!(begun.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_is_wrong_is_refused_before_anything_is_sent() {
    let manager = manager();
    assert!(manager.register_clients([]).await.is_empty());

    let items = || ["a", " ", "b"].map(|id| manager.register_client(id));
    let refused = manager.register_clients(items()).concurrency(0).await;
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(Error::InvalidParameter { .. }))));
    assert!(refused[0].as_ref().unwrap_err().to_string().contains("concurrency"), "{refused:?}");

    let cancel = CancelHandle::new();
    cancel.cancel();
    let cancelled = manager.register_clients(items()).cancellation(&cancel).await;
    assert!(matches!(cancelled[0], Err(Error::Cancelled)), "{cancelled:?}");
    assert!(matches!(cancelled[1], Err(Error::InvalidParameter { .. })), "{cancelled:?}");

    let other = self::manager().delete_client("a");
    let refused = manager.delete_clients([other]).await.remove(0).unwrap_err();
    assert!(refused.to_string().contains("another manager"), "{refused}");
}

#[test]
fn no_debug_shows_a_secret_and_every_future_is_send() {
    fn send(_: impl Send) {}
    let manager = manager();
    let item = manager.register_client("a").secret(SecretString::from("hunter2"));
    let bulk = manager.register_clients([item]).on_progress(|_| {});
    assert!(!format!("{bulk:?}").contains("hunter2"));
    send(bulk.into_future());
    send(manager.delete_clients([]).into_future());
    send(manager.update_clients([]).into_future());
}
