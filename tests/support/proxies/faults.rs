//! A server on loopback that stands in front of another one and does to chosen requests what
//! networks and gateways do: it loses answers, cuts them, resets connections, answers in place of
//! the server.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::SocketAddr;
use std::ops::{Bound, RangeBounds};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::proxies::answer::{Answer, endless};
pub use crate::proxies::fault::{Canned, Fault, Framing, Hook};
use crate::proxies::request::{Request, read_request, without_own};

/// What the body of a request contains that sets a client's secret.
const SECRET: &[u8] = br#""secret":"#;

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
    /// Connections that were made and not read to their end yet.
    open: AtomicUsize,
    /// The client of the connection that was made last.
    latest: Mutex<Option<SocketAddr>>,
    script: Mutex<Script>,
}

/// Counts a connection as open, as long as it exists.
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
    /// The same for each attempt of a request: it stands for the target and the body.
    pub request: u64,
    /// Whether its body names a secret.
    pub sets_secret: bool,
    /// The status of the server's own response; none if the server did not see it or did not respond.
    pub status: Option<u16>,
    /// How long it took until there was a response to send, or none.
    pub time: Duration,
}

struct Rule {
    /// All methods, if there is none.
    method: Option<&'static str>,
    part: String,
    which: (Bound<usize>, Bound<usize>),
    met: usize,
    fault: Fault,
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
            latest: Mutex::default(),
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

    /// Waits until every client has hung up and all that they sent is dealt with, also what was still unread.
    pub async fn drain(&self) -> Result<()> {
        // Connections are accepted in order: those that were made before this one are, when this one is.
        let probe = TcpStream::connect(self.address).await?;
        let own = probe.local_addr()?;
        while *self.shared.latest.lock().unwrap_or_else(PoisonError::into_inner) != Some(own) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(probe);
        while self.shared.open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.shared.script()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Script {
    /// Writes the request down, and returns its place in the log and what becomes of it.
    fn judge(&mut self, request: &Request) -> (usize, Option<Fault>) {
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
        let mut hasher = DefaultHasher::new();
        (&request.target, &request.body).hash(&mut hasher);
        self.log.push(Met {
            method: request.method.clone(),
            path: path.to_owned(),
            fault,
            request: hasher.finish(),
            sets_secret: request.body.windows(SECRET.len()).any(|part| part == SECRET),
            status: None,
            time: Duration::ZERO,
        });
        (self.log.len() - 1, found.map(|(_, fault)| fault))
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, client)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&shared);
        shared.open.fetch_add(1, Ordering::SeqCst);
        *shared.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
        tokio::spawn(async move {
            let _open = Open(&shared.open);
            // A client that hangs up, or speaks no HTTP, is the test's affair: it shows in what it reports.
            let _ = serve(BufReader::new(stream), &shared).await;
        });
    }
}

/// Serves one connection to its end.
async fn serve(mut stream: BufReader<TcpStream>, shared: &Shared) -> Result<()> {
    while let Some(request) = read_request(&mut stream).await? {
        let (place, fault) = shared.script().judge(&request);
        let began = Instant::now();
        let handled = handle(&mut stream, shared, Passing { request, place }, fault).await;
        shared.script().log[place].time = began.elapsed();
        let Some(answer) = handled? else { return Ok(()) };
        answer.send(&mut stream).await?;
    }
    Ok(())
}

/// A request, and its place in the log.
struct Passing {
    request: Request,
    place: usize,
}

/// Does to a request what its fault says. Returns what to send; nothing if the connection ends here.
async fn handle(
    stream: &mut BufReader<TcpStream>,
    shared: &Shared,
    passing: Passing,
    fault: Option<Fault>,
) -> Result<Option<Answer>> {
    let answer = match fault {
        None => shared.pass_on(passing).await?,
        Some(Fault::Answer(canned)) => canned.into_answer()?,
        Some(Fault::Close) => return Ok(None),
        Some(Fault::Reset) => {
            stream.get_ref().set_zero_linger()?;
            return Ok(None);
        }
        Some(Fault::Hang) => {
            // Until the client hangs up.
            stream.read_u8().await?;
            return Ok(None);
        }
        Some(Fault::Delay(pause)) => {
            tokio::time::sleep(pause).await;
            shared.pass_on(passing).await?
        }
        Some(Fault::Late(pause)) => {
            let answer = shared.pass_on(passing).await?;
            tokio::time::sleep(pause).await;
            answer
        }
        Some(Fault::After(hook)) => {
            hook.run().await?;
            shared.pass_on(passing).await?
        }
        Some(Fault::Lose) => {
            shared.pass_on(passing).await?;
            return Ok(None);
        }
        Some(Fault::LoseByReset) => {
            shared.pass_on(passing).await?;
            stream.get_ref().set_zero_linger()?;
            return Ok(None);
        }
        Some(Fault::LoseAs(canned)) => {
            shared.pass_on(passing).await?;
            canned.into_answer()?
        }
        Some(Fault::Replace(kind, body)) => {
            let status = shared.pass_on(passing).await?.status;
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
            // RFC 9110, 15.3.5: a 204 has no body.
            let body = if status == 204 { Vec::new() } else { body.as_bytes().to_vec() };
            Answer { status, headers, body }
        }
        Some(Fault::Cut(framing)) => {
            let answer = shared.pass_on(passing).await?;
            answer.cut(stream, framing).await?;
            return Ok(None);
        }
        Some(Fault::Endless(status, text)) => {
            endless(stream, status, text).await?;
            return Ok(None);
        }
        Some(Fault::Header(name, value)) => {
            let mut answer = shared.pass_on(passing).await?;
            answer.headers.insert(name, HeaderValue::from_static(value));
            answer
        }
    };
    Ok(Some(answer))
}

impl Shared {
    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass_on(&self, Passing { request, place }: Passing) -> Result<Answer> {
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
        self.script().log[place].status = Some(status);
        Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
    }
}
