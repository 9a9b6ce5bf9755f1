use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::*;

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
fn within_another_blocking_call_it_is_refused() {
    let manager = manager("http://127.0.0.1:9");
    let inner = manager.clone();
    let items = [manager.register_client(" ")];
    let outcomes = manager.register_clients(items).on_progress(move |_| refused(inner.all_roles())).call();
    assert!(matches!(outcomes.unwrap()[..], [Err(Error::InvalidParameter { .. })]));
}

/// The methods and paths of the requests that a server gets, and answers with `answer` each.
fn serve(listener: TcpListener, answers: &'static [&'static str]) -> std::thread::JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        for answer in answers {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            seen.push(text.split(' ').take(2).collect::<Vec<_>>().join(" "));
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
            write!(stream, "{head}: {}\r\n\r\n{answer}", answer.len()).unwrap();
        }
        seen
    })
}

#[test]
fn calls_from_several_threads_share_the_connection_and_the_token() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let manager = manager(&format!("http://{}", listener.local_addr().unwrap()));
    let token = r#"{"access_token":"t","expires_in":300}"#;
    let server = serve(listener, &[token, r#"[{"id":"i","name":"r"}]"#, "[]"]);
    assert_eq!(manager.all_roles().unwrap()[0].name, "r");
    // A second connection would never be answered.
    let other = manager.clone();
    assert!(std::thread::spawn(move || other.all_roles().unwrap()).join().unwrap().is_empty());
    let token = "POST /auth/realms/insights/protocol/openid-connect/token";
    let listing = "GET /auth/admin/realms/insights/roles";
    assert_eq!(server.join().unwrap(), [token, listing, listing]);
}

#[test]
fn a_failure_is_the_calls_and_the_iterators_error() {
    let manager = manager("http://127.0.0.1:9");
    assert!(manager.get_client("svc").call().unwrap_err().is_unavailable());
    let mut listed = manager.list_clients().into_iter();
    assert!(listed.next().unwrap().unwrap_err().is_unavailable());
    assert!(listed.next().is_none());
}
