//! A server on loopback that stands in front of another one and does to chosen requests what
//! networks and gateways do: it loses answers, cuts them, resets connections, answers in place of
//! the server.

use std::net::SocketAddr;
use std::ops::{Bound, RangeBounds};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub use crate::proxies::fault::{Canned, Fault, Framing, Hook};
use crate::proxies::request::{Request, read_request, without_own};

/// A proxy that does nothing but pass on, until [`FaultProxy::inject`] says otherwise.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: String,
    /// Whether the server sees its own address as the host, as behind a reverse proxy that names it.
    rename: bool,
    http: reqwest::Client,
    connections: AtomicUsize,
    /// Requests that were read and not dealt with yet, also if the client has hung up.
    open: AtomicUsize,
    script: Mutex<Script>,
}

/// Counts a request as open, as long as it exists.
struct Open<'a>(&'a AtomicUsize);

#[derive(Default)]
struct Script {
    rules: Vec<Rule>,
    log: Vec<Met>,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// Its method.
    pub method: String,
    /// Its path without the query.
    pub path: String,
    /// Which fault befell it: how many were injected before this one.
    pub fault: Option<usize>,
}

struct Rule {
    /// All methods, if there is none.
    method: Option<&'static str>,
    part: String,
    which: (Bound<usize>, Bound<usize>),
    met: usize,
    fault: Fault,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl FaultProxy {
    /// Listens on a free port of the loopback interface, in front of `upstream`, a base URL without
    /// a path.
    pub async fn start(upstream: &str) -> Result<Self> {
        Self::start_with(upstream, false).await
    }

    /// The same, but the server sees its own address as the host: tokens that it issues through one
    /// such proxy are valid through another.
    pub async fn start_renaming(upstream: &str) -> Result<Self> {
        Self::start_with(upstream, true).await
    }

    async fn start_with(upstream: &str, rename: bool) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            rename,
            http,
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            script: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
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

    /// Does this to those of the requests with this method and this part in their path that `which`
    /// counts, from 1 on: `1..=1` for the first, `..` for all. An earlier rule goes before a later.
    pub fn inject(&self, method: &'static str, part: &str, which: impl RangeBounds<usize>, fault: Fault) {
        self.add(Some(method), part, which, fault);
    }

    /// Does this to those of all requests that `which` counts.
    pub fn inject_any(&self, which: impl RangeBounds<usize>, fault: Fault) {
        self.add(None, "", which, fault);
    }

    fn add(&self, method: Option<&'static str>, part: &str, which: impl RangeBounds<usize>, fault: Fault) {
        let which = (which.start_bound().cloned(), which.end_bound().cloned());
        let rule = Rule { method, part: part.to_owned(), which, met: 0, fault };
        self.script().rules.push(rule);
    }

    /// From now on everything is passed on.
    pub fn heal(&self) {
        self.script().rules.clear();
    }

    /// How many requests with this method and this part in their path have come.
    #[must_use]
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.script().log.iter().filter(|met| met.method == method && met.path.contains(part)).count()
    }

    /// The requests that have come, in order.
    #[must_use]
    pub fn log(&self) -> Vec<Met> {
        self.script().log.clone()
    }

    /// Waits until no request is on its way to the server any more, also none whose client has hung up.
    pub async fn settle(&self) {
        while self.shared.open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Script {
    /// Writes the request down and tells what becomes of it.
    fn judge(&mut self, request: &Request) -> Option<Fault> {
        let path = request.target.split('?').next().unwrap_or_default();
        let mut found = None;
        for (index, rule) in self.rules.iter_mut().enumerate() {
            if rule.method.is_none_or(|method| method == request.method) && path.contains(&rule.part) {
                rule.met += 1;
                if found.is_none() && rule.which.contains(&rule.met) {
                    found = Some((index, rule.fault.clone()));
                }
            }
        }
        let fault = found.as_ref().map(|(index, _)| *index);
        self.log.push(Met { method: request.method.clone(), path: path.to_owned(), fault });
        found.map(|(_, fault)| fault)
    }
}

impl<'a> Open<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A client that hangs up, or speaks no HTTP, is the test's affair: it shows in what it reports.
            let _ = serve(BufReader::new(stream), &shared).await;
        });
    }
}

/// Serves one connection to its end.
async fn serve(mut stream: BufReader<TcpStream>, shared: &Shared) -> Result<()> {
    while let Some(request) = read_request(&mut stream).await? {
        let open = Open::new(&shared.open);
        let fault = shared.script.lock().unwrap_or_else(PoisonError::into_inner).judge(&request);
        let (framing, answer) = match fault {
            None => (Framing::Length, shared.pass_on(request).await?),
            Some(Fault::Answer(canned)) => (Framing::Length, canned.into_answer()?),
            Some(Fault::Close) => return Ok(()),
            Some(Fault::Reset) => return Ok(stream.get_ref().set_zero_linger()?),
            Some(Fault::Hang) => {
                drop(open);
                // Until the client hangs up.
                stream.read_u8().await?;
                return Ok(());
            }
            Some(Fault::Delay(pause)) => {
                tokio::time::sleep(pause).await;
                (Framing::Length, shared.pass_on(request).await?)
            }
            Some(Fault::Late(pause)) => {
                let answer = shared.pass_on(request).await?;
                tokio::time::sleep(pause).await;
                (Framing::Length, answer)
            }
            Some(Fault::After(hook)) => {
                hook.run().await?;
                (Framing::Length, shared.pass_on(request).await?)
            }
            Some(Fault::Lose) => return shared.pass_on(request).await.map(drop),
            Some(Fault::LoseByReset) => {
                shared.pass_on(request).await?;
                return Ok(stream.get_ref().set_zero_linger()?);
            }
            Some(Fault::LoseAs(canned)) => {
                shared.pass_on(request).await?;
                (Framing::Length, canned.into_answer()?)
            }
            Some(Fault::Cut(framing)) => {
                let answer = shared.pass_on(request).await?;
                return cut(&mut stream, answer, framing).await;
            }
            Some(Fault::Endless(status, text)) => return endless(&mut stream, status, text).await,
            Some(Fault::Header(name, value)) => {
                let mut answer = shared.pass_on(request).await?;
                answer.headers.insert(name, HeaderValue::from_static(value));
                (Framing::Length, answer)
            }
        };
        drop(open);
        // In one piece: the second would wait for the first one's acknowledgement, some 40 ms.
        stream.write_all(&[head(&answer, framing), answer.body].concat()).await?;
    }
    Ok(())
}

/// Sends a body until the client hangs up.
async fn endless(stream: &mut BufReader<TcpStream>, status: u16, text: &str) -> Result<()> {
    let headers =
        HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    stream.write_all(&head(&Answer { status, headers, body: Vec::new() }, Framing::Chunked)).await?;
    let text = text.repeat(1 << 16);
    let chunk = format!("{:x}\r\n{text}\r\n", text.len()).into_bytes();
    loop {
        stream.write_all(&chunk).await?;
    }
}

/// Sends the first half of a body, or of a head without one, and ends the connection.
async fn cut(stream: &mut BufReader<TcpStream>, answer: Answer, framing: Framing) -> Result<()> {
    let half = &answer.body[..answer.body.len() / 2];
    let head = head(&answer, framing);
    if answer.body.is_empty() {
        stream.write_all(&head[..head.len() / 2]).await?;
        return Ok(stream.shutdown().await?);
    }
    stream.write_all(&head).await?;
    if framing == Framing::Chunked {
        stream.write_all(format!("{:x}\r\n", half.len()).as_bytes()).await?;
        stream.write_all(half).await?;
        stream.write_all(b"\r\n").await?;
    } else {
        stream.write_all(half).await?;
    }
    Ok(stream.shutdown().await?)
}

fn head(answer: &Answer, framing: Framing) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        head.extend_from_slice(format!("{name}: ").as_bytes());
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    // RFC 9110, 8.6: a 204 has no length.
    let end = match framing {
        Framing::Length if answer.status == 204 => String::new(),
        Framing::Length => format!("content-length: {}\r\n", answer.body.len()),
        Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
        Framing::Connection => "connection: close\r\n".to_owned(),
    };
    head.extend_from_slice(end.as_bytes());
    head.extend_from_slice(b"\r\n");
    head
}

impl Shared {
    async fn pass_on(&self, request: Request) -> Result<Answer> {
        let url = format!("{}{}", self.upstream, request.target);
        let mut headers = without_own(&request.headers);
        if self.rename {
            headers.remove(reqwest::header::HOST);
        }
        // The server is to see the host that the client named: it makes its tokens for that one.
        let response = self
            .http
            .request(request.method.parse()?, url)
            .headers(headers)
            .body(request.body)
            .send()
            .await?;
        let (status, headers) = (response.status().as_u16(), without_own(response.headers()));
        Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
    }
}
