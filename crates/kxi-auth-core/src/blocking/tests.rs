use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;

use super::*;
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::client_uuid::ClientUuid;

fn manager(host: &str) -> ClientManager {
    let password = SecretString::from("hunter2");
    let builder = ClientManager::builder().host(host).base_path("/auth").retries(0);
    builder.username("a").password(password).build_blocking().unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Blocking { .. }), "{error}");
    assert!(error.to_string().contains("async runtime"), "{error}");
}

#[test]
fn within_a_runtime_every_call_is_refused_and_none_panics() {
    let manager = manager("http://127.0.0.1:9");
    let calls = move || {
        refused(manager.all_roles());
        refused(manager.get_client("svc").call());
        refused(manager.register_clients([manager.register_client("svc")]).call());
        let mut listed = manager.list_clients().into_iter();
        refused(listed.next().unwrap());
        assert!(listed.next().is_none());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { calls() });
    runtime.block_on(async { tokio::task::spawn_blocking(calls).await.unwrap() });
}

#[test]
fn what_an_async_manager_made_is_refused() {
    let builder = || {
        let builder = ClientManager::builder().host("http://127.0.0.1:9").base_path("/auth").retries(0);
        builder.username("a").password(SecretString::from("hunter2"))
    };
    let manager = builder().build().unwrap();
    let client = AuthClient::new("http://127.0.0.1:9", "svc", ClientUuid::new("u").unwrap());
    let bulk = manager.register_clients([manager.register_client("svc")]);
    for error in [
        manager.get_client("svc").call().map(drop).unwrap_err(),
        manager.rotate_secret(&client).call().map(drop).unwrap_err(),
        bulk.call().map(drop).unwrap_err(),
        manager.list_clients().into_iter().next().unwrap().map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Blocking { .. }), "{error}");
        assert!(error.to_string().contains("build_blocking"), "{error}");
    }
    // The same, made for blocking, gets as far as the network.
    let manager = builder().build_blocking().unwrap();
    let error = manager.rotate_secret(&client).call().unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error}");
}

#[test]
fn within_another_blocking_call_it_is_refused() {
    let manager = manager("http://127.0.0.1:9");
    let inner = manager.clone();
    let items = [manager.register_client(" ")];
    let outcomes = manager.register_clients(items).on_progress(move |_| refused(inner.all_roles())).call();
    assert!(matches!(outcomes.unwrap()[..], [Err(Error::InvalidParameter { .. })]));
}

type Log = Arc<Mutex<Vec<String>>>;

/// A server that gives tokens and lists one role; it writes down the path of each request.
fn serve() -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (host, log) = (format!("http://{}", listener.local_addr().unwrap()), Log::default());
    let paths = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let paths = Arc::clone(&paths);
            std::thread::spawn(move || answer_all(stream.unwrap(), &paths));
        }
    });
    (host, log)
}

fn answer_all(mut stream: TcpStream, paths: &Log) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if lines.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut header = first.clone();
        while !header.trim().is_empty() {
            header.clear();
            lines.read_line(&mut header).unwrap();
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        lines.read_exact(&mut vec![0; length]).unwrap();
        let path = first.split(' ').nth(1).unwrap().to_owned();
        let answer = if path.ends_with("/token") {
            r#"{"access_token":"t","expires_in":300}"#
        } else {
            r#"[{"id":"i","name":"r"}]"#
        };
        paths.lock().unwrap().push(path);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        write!(stream, "{head}: {}\r\n\r\n{answer}", answer.len()).unwrap();
    }
}

#[test]
fn calls_from_several_threads_share_the_token() {
    let (host, log) = serve();
    let manager = manager(&host);
    let call = |manager: ClientManager| move || manager.all_roles().unwrap().remove(0).name;
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(call(manager.clone()))).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == "r"));
    // From yet another, after those that opened the connections have ended.
    assert_eq!(call(manager)(), "r");
    let count = |end: &str| log.lock().unwrap().iter().filter(|path| path.ends_with(end)).count();
    assert_eq!((count("/token"), count("/roles")), (1, 9));
}

#[test]
fn a_failure_is_the_calls_and_the_iterators_error() {
    let manager = manager("http://127.0.0.1:9");
    assert!(manager.get_client("svc").call().unwrap_err().is_unavailable());
    let mut listed = manager.list_clients().into_iter();
    assert!(listed.next().unwrap().unwrap_err().is_unavailable());
    assert!(listed.next().is_none());
}
