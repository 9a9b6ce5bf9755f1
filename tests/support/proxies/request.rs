//! One request of a client, as a proxy reads it.

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// The next request of a connection; none at its end.
pub(super) async fn read_request(stream: &mut BufReader<TcpStream>) -> Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().context("no method")?.to_owned();
    let target = origin_form(words.next().context("no target")?).to_owned();
    let mut headers = HeaderMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.append(HeaderName::try_from(name)?, HeaderValue::from_str(value.trim())?);
    }
    ensure!(!headers.contains_key("transfer-encoding"), "this proxy reads no chunked requests");
    let length = headers
        .get("content-length")
        .map_or(Ok(0), |length| length.to_str()?.parse::<usize>().map_err(anyhow::Error::from))?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request { method, target, headers, body }))
}

/// Path and query of a target: who takes this for a forward proxy sends a whole URL (RFC 9112, 3.2.2).
fn origin_form(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://") else { return target };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

/// Without the headers that belong to one connection, and without the length, which is computed again.
pub(super) fn without_own(headers: &HeaderMap) -> HeaderMap {
    let own = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length"];
    let theirs = headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    theirs.map(|(name, value)| (name.clone(), value.clone())).collect()
}
