//! A server on loopback that responds to one request as no server should, and to the others as Keycloak does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::proxies::request::{Request, read_request};

/// What the server sends, byte by byte.
#[derive(Debug, Clone)]
pub enum Behavior {
    /// These bytes. Then it ends the connection.
    Bytes(Vec<u8>),
    /// The first bytes, and then the others again and again.
    Endless(Vec<u8>, Vec<u8>),
    /// The first bytes at once, and then the others one by one, with a pause before each.
    Slow(Vec<u8>, Vec<u8>, Duration),
}

/// The server. It is stopped when it is dropped.
pub struct HostileServer {
    address: SocketAddr,
    met: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

struct Rules {
    method: &'static str,
    part: &'static str,
    behavior: Behavior,
    met: Arc<AtomicUsize>,
}

impl HostileServer {
    /// A server that does this to the requests with this method and this part in their path.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(method: &'static str, part: &'static str, behavior: Behavior) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let met = Arc::new(AtomicUsize::new(0));
        let rules = Arc::new(Rules { method, part, behavior, met: Arc::clone(&met) });
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let rules = Arc::clone(&rules);
                // A client that hangs up is what the tests want.
                tokio::spawn(async move { drop(serve(stream, &rules).await) });
            }
        });
        Ok(Self { address, met, task })
    }

    /// What a user gives as host.
    #[must_use]
    pub fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests it was hostile to.
    #[must_use]
    pub fn met(&self) -> usize {
        self.met.load(Ordering::Relaxed)
    }
}

impl Drop for HostileServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, rules: &Rules) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await? {
        let path = request.target.split('?').next().unwrap_or_default();
        if request.method == rules.method && path.contains(rules.part) {
            rules.met.fetch_add(1, Ordering::Relaxed);
            return behave(&mut stream, &rules.behavior).await;
        }
        stream.write_all(&ordinary(&request)).await?;
    }
    Ok(())
}

async fn behave<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, behavior: &Behavior) -> Result<()> {
    match behavior {
        Behavior::Bytes(bytes) => stream.write_all(bytes).await?,
        Behavior::Endless(begin, again) => {
            stream.write_all(begin).await?;
            // In large pieces, as an attacker would.
            let again = again.repeat((1 << 16) / again.len().max(1) + 1);
            loop {
                stream.write_all(&again).await?;
            }
        }
        Behavior::Slow(begin, bytes, pause) => {
            stream.write_all(begin).await?;
            for byte in bytes {
                tokio::time::sleep(*pause).await;
                stream.write_all(&[*byte]).await?;
            }
        }
    }
    stream.shutdown().await?;
    // Until the client hangs up: a reset would take away what it has not read yet.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

/// What Keycloak responds, of a realm with the client `svc` and the role `reader`.
fn ordinary(request: &Request) -> Vec<u8> {
    let path = request.target.split('?').next().unwrap_or_default();
    let client = r#"{"id":"u-1","clientId":"svc","secret":"the-stored-secret","serviceAccountsEnabled":true,
        "fullScopeAllowed":true,"attributes":{}}"#;
    let body = match (request.method.as_str(), path) {
        ("POST", path) if path.ends_with("/token") => {
            r#"{"access_token":"the-token","expires_in":300}"#.to_owned()
        }
        ("GET", path) if path.ends_with("/clients") => format!("[{client}]"),
        ("GET", path) if path.ends_with("/clients/u-1") => client.to_owned(),
        ("GET", path) if path.ends_with("/service-account-user") => r#"{"id":"user-1"}"#.to_owned(),
        ("GET", path) if path.ends_with("/roles") => r#"[{"id":"r-1","name":"reader"}]"#.to_owned(),
        ("GET", path) if path.ends_with("/admin/realms/insights") => r#"{"realm":"insights"}"#.to_owned(),
        ("GET", path) if path.ends_with("/realms/insights") => r#"{"realm":"insights"}"#.to_owned(),
        ("GET", _) => "[]".to_owned(),
        _ => return b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
    };
    ok("application/json", &body)
}

/// A whole response with status 200.
#[must_use]
pub fn ok(kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
