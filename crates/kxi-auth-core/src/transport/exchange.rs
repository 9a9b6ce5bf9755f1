//! Reads the response to one admin request, and remembers what shows whether Keycloak sent it.

use std::sync::{Mutex, PoisonError};

use keycloak_admin_api::{Execution, Executor, Received};
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, StatusCode};

use crate::transport::budget::{Content, Reserved, Unread};
use crate::transport::http::{Http, Response};
use crate::transport::stranger::{is_json, sender};

/// One attempt of an admin request. The memory for what it returns is reserved until it is dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    http: Http,
    content: Content,
    state: Mutex<(Outcome, Option<Reserved>)>,
}

/// What became of the attempt.
#[derive(Debug, Default)]
pub(crate) enum Outcome {
    /// There was no response, and the transport's error says why.
    #[default]
    Nothing,
    /// The response was not read.
    Unread(Unread),
    /// The response was read.
    Read(Head),
}

/// A response without its content.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What shows who sent it.
    pub(crate) sender: String,
    /// Whether there is any content.
    content: bool,
}

impl Exchange {
    pub(crate) fn new(http: &Http, content: Content) -> Self {
        Self { http: http.clone(), content, state: Mutex::default() }
    }

    /// What became of the attempt that has just ended.
    pub(crate) fn outcome(&self) -> Outcome {
        std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    fn set(&self, outcome: Outcome, reserved: Option<Reserved>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (outcome, reserved);
    }
}

impl Executor for Exchange {
    fn execute<'a>(&'a self, client: &'a Client, request: Request) -> Execution<'a> {
        Box::pin(async move {
            match self.http.receive(client, request, self.content).await {
                Ok((Response { status, headers, body }, reserved)) => {
                    self.set(Outcome::Read(Head::new(status, &headers, &body)), Some(reserved));
                    Ok(Received::new(status, headers, body.into()))
                }
                Err(Unread::Transport(error)) => Err(error),
                Err(unread) => {
                    self.set(Outcome::Unread(unread), None);
                    // Whatever the generated client says about this response, the outcome counts.
                    Ok(Received::new(StatusCode::NO_CONTENT, HeaderMap::new(), Vec::new().into()))
                }
            }
        })
    }
}

impl Head {
    fn new(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        // JSON names no sender, and can be long.
        let shown = if is_json(headers) { body.get(..1) } else { Some(body) };
        let sender = sender(headers, shown.unwrap_or_default());
        Self { status, headers: headers.clone(), sender, content: !body.is_empty() }
    }

    /// Whether the content is of the kind that Keycloak sends with this status of a success: JSON with a 200, none with
    /// a 201 or 204 (observed on Keycloak 22.0.5, 26.0.8 and 26.7.3). The generated client knows which of these statuses
    /// a request has.
    pub(crate) fn is_keycloaks(&self) -> bool {
        match self.status {
            StatusCode::OK => self.content && is_json(&self.headers),
            StatusCode::CREATED | StatusCode::NO_CONTENT => !self.content,
            status => !status.is_success(),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderValue};

    use super::*;

    #[test]
    fn a_success_is_keycloaks_by_the_kind_of_its_content() {
        let head = |status: u16, kind: Option<&'static str>, content| {
            let kind = kind.map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind)));
            let status = StatusCode::from_u16(status).unwrap();
            Head { status, headers: kind.into_iter().collect(), sender: String::new(), content }
        };
        for (status, kind, content) in [
            (200, Some("application/json"), true),
            (200, Some("Application/JSON;charset=UTF-8"), true),
            (201, None, false),
            (204, None, false),
            (404, Some("text/html"), true),
        ] {
            assert!(head(status, kind, content).is_keycloaks(), "{status} {kind:?} {content}");
        }
        for (status, kind, content) in [
            (200, Some("text/html"), true),
            (200, None, true),
            (200, Some("application/json"), false),
            (200, None, false),
            (201, Some("text/html"), true),
            (201, Some("application/json"), true),
            (202, None, false),
            (203, Some("application/json"), true),
            (206, Some("application/json"), true),
        ] {
            assert!(!head(status, kind, content).is_keycloaks(), "{status} {kind:?} {content}");
        }
    }
}
