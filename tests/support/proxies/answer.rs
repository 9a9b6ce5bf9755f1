//! A response that a proxy sends: whole, cut or without an end.

use anyhow::Result;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::proxies::fault::Framing;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Sends it whole.
    pub(super) async fn send(self, stream: &mut BufReader<TcpStream>) -> Result<()> {
        // In one piece: the second would wait for the first one's acknowledgement, some 40 ms.
        Ok(stream.write_all(&[self.head(Framing::Length), self.body].concat()).await?)
    }

    /// Sends the first half of a body, or of a head without one, and ends the connection.
    pub(super) async fn cut(self, stream: &mut BufReader<TcpStream>, framing: Framing) -> Result<()> {
        let half = &self.body[..self.body.len() / 2];
        let head = self.head(framing);
        if self.body.is_empty() {
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

    fn head(&self, framing: Framing) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(format!("{name}: ").as_bytes());
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        // RFC 9110, 8.6: a 204 has no length.
        let end = match framing {
            Framing::Length if self.status == 204 => String::new(),
            Framing::Length => format!("content-length: {}\r\n", self.body.len()),
            Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
            Framing::Connection => "connection: close\r\n".to_owned(),
        };
        head.extend_from_slice(end.as_bytes());
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// Sends a body until the client hangs up.
pub(super) async fn endless(stream: &mut BufReader<TcpStream>, status: u16, text: &str) -> Result<()> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let answer = Answer { status, headers, body: Vec::new() };
    stream.write_all(&answer.head(Framing::Chunked)).await?;
    let text = text.repeat(1 << 16);
    let chunk = format!("{:x}\r\n{text}\r\n", text.len()).into_bytes();
    loop {
        stream.write_all(&chunk).await?;
    }
}
