//! Bounds the memory that responses take, whatever the server sends: each body by its length, its decoded content by
//! its weight, and all of them together.
//!
//! Waiting is safe. A body waits for a place, then for the lane if it is long, then for its decoding. What holds the
//! decoding waits for nothing: it is decoded at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::RequestLine;
use crate::transport::weight::weight;

/// The longest list by default: 64 clients, the largest page that is requested, with 256 KiB each.
pub(crate) const LIMIT: usize = 16 * MIB;
/// The longest body of a token, an error or a description of a realm.
pub(crate) const SHORT: usize = MIB;

const MIB: usize = 1024 * 1024;
/// How many bodies are read at the same time.
const PLACES: usize = 32;
/// A body grows beyond this only in the lane, where there is one at a time. A page of 64 clients is usually shorter.
const PLACE: usize = 512 * 1024;
/// The unit in which weights are reserved.
const UNIT: usize = 1024;

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It did not arrive completely.
    Transport(reqwest::Error),
    /// It came from another URL: the HTTP client of a session may follow redirects.
    Elsewhere,
    /// Its body has more than this many bytes.
    TooLong(usize),
    /// Its content, decoded, would take more than this many bytes.
    TooHeavy(usize),
}

impl From<reqwest::Error> for Unread {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}

/// What a response contains, which decides how long and how heavy it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A token, an error, or a description of a realm. Decoding it takes no memory worth counting.
    Short,
    /// One object. Bulk work keeps one for each item that it works on.
    One,
    /// The roles of one account or one composite role. Bulk work keeps such a list for each item, too.
    Roles,
    /// A page of clients. A few are kept at a time.
    Page,
    /// Any other list.
    List,
}

/// The memory for the responses of a manager and its clones.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    places: Arc<Semaphore>,
    lane: Arc<Semaphore>,
    decoding: Arc<Semaphore>,
}

/// The memory of a body and of its decoding, reserved until this is dropped. It only holds the permits.
#[derive(Debug, Default)]
pub(crate) struct Reserved(Vec<OwnedSemaphorePermit>);

impl Reserved {
    async fn wait(&mut self, semaphore: &Arc<Semaphore>, units: u32) {
        // It is never closed, which would be the only error.
        self.0.extend(Arc::clone(semaphore).acquire_many_owned(units).await);
    }
}

impl Content {
    /// What the response to an admin request contains.
    pub(crate) fn of(line: &RequestLine, about_one: bool) -> Self {
        let roles = ["/role-mappings", "/role-mappings/realm", "/composites", "{client-uuid}/roles"]
            .iter()
            .any(|end| line.template.ends_with(end));
        match line.template {
            _ if roles => Self::Roles,
            _ if about_one => Self::One,
            template if template.ends_with("/clients") => Self::Page,
            _ => Self::List,
        }
    }
}

impl Budget {
    /// `limit` is the longest list in bytes.
    pub(crate) fn new(limit: usize) -> Self {
        let units = (limit.saturating_mul(3) / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { limit, places: semaphore(PLACES), lane: semaphore(1), decoding: semaphore(units) }
    }

    /// The longest body, in bytes.
    fn bytes(&self, content: Content) -> usize {
        match content {
            Content::Short => SHORT,
            Content::One => self.limit / 16,
            Content::Roles => self.limit / 8,
            Content::Page | Content::List => self.limit,
        }
    }

    /// The heaviest content, in bytes.
    fn heaviest(&self, content: Content) -> usize {
        match content {
            Content::Short => usize::MAX,
            Content::One => (self.limit / 16).saturating_mul(3),
            Content::Page => self.limit.saturating_mul(3) / 2,
            Content::Roles | Content::List => self.limit.saturating_mul(3),
        }
    }

    /// Reads the body, and reserves the memory to decode it and to convert the result. Of the body of an error only the
    /// beginning is read if it is too long, because its status says more.
    pub(crate) async fn read(
        &self,
        mut response: reqwest::Response,
        content: Content,
    ) -> Result<(Vec<u8>, Reserved), Unread> {
        let success = response.status().is_success();
        let limit = if success { self.bytes(content) } else { SHORT };
        let length = response.content_length().and_then(|length| usize::try_from(length).ok());
        if success && length.is_some_and(|length| length > limit) {
            return Err(Unread::TooLong(limit));
        }
        if length == Some(0) || response.status() == reqwest::StatusCode::NO_CONTENT {
            // There is nothing to read, so it waits for nothing.
            return Ok((Vec::new(), Reserved::default()));
        }
        let (mut reserved, mut body, mut in_lane) = (Reserved::default(), Vec::new(), false);
        reserved.wait(&self.places, 1).await;
        while let Some(chunk) = response.chunk().await? {
            let room = limit - body.len();
            if chunk.len() > room {
                if success {
                    return Err(Unread::TooLong(limit));
                }
                body.extend(chunk.iter().take(room));
                break;
            }
            if !in_lane && body.len() + chunk.len() > PLACE {
                reserved.wait(&self.lane, 1).await;
                in_lane = true;
            }
            body.extend_from_slice(&chunk);
        }
        if success && content != Content::Short {
            let (weight, heaviest) = (weight(&body), self.heaviest(content));
            if weight > heaviest {
                return Err(Unread::TooHeavy(heaviest));
            }
            // Never more than there are at all: the heaviest content is as heavy as all units.
            reserved.wait(&self.decoding, u32::try_from(weight / UNIT).unwrap_or(u32::MAX)).await;
        }
        Ok((body, reserved))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(status: u16, body: &[u8]) -> reqwest::Response {
        // Without a length, as a chunked body has none.
        let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
            body.chunks(8192).map(|chunk| Ok(chunk.to_vec())).collect();
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let mut response = http::Response::new(body);
        *response.status_mut() = reqwest::StatusCode::from_u16(status).unwrap();
        response.into()
    }

    async fn read(budget: &Budget, status: u16, body: Vec<u8>, content: Content) -> Result<usize, Unread> {
        let (body, reserved) = budget.read(response(status, &body), content).await?;
        // Others get their turn while it is decoded.
        tokio::task::yield_now().await;
        drop(reserved);
        Ok(body.len())
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        let budget = Budget::new(LIMIT);
        // Content of text weighs twice its length: a page of this length is too heavy.
        for (content, limit) in
            [(Content::Short, MIB), (Content::One, MIB), (Content::Roles, 2 * MIB), (Content::List, LIMIT)]
        {
            let read = |length| read(&budget, 200, vec![b'x'; length], content);
            assert_eq!(read(limit).await.unwrap(), limit);
            assert!(matches!(read(limit + 1).await, Err(Unread::TooLong(found)) if found == limit));
        }
        let page = read(&budget, 200, vec![b'x'; LIMIT + 1], Content::Page).await;
        assert!(matches!(page, Err(Unread::TooLong(LIMIT))));
    }

    #[tokio::test]
    async fn of_an_error_the_beginning_is_enough() {
        let budget = Budget::new(LIMIT);
        assert_eq!(read(&budget, 500, vec![b'x'; 2 * MIB], Content::List).await.unwrap(), MIB);
    }

    #[tokio::test]
    async fn long_bodies_and_heavy_contents_wait_for_one_another_and_all_arrive() {
        let budget = Budget::new(MIB);
        let mut lengths = Vec::new();
        for number in 0..100 {
            // Some are short, some need the lane, and some of these all of the decoding.
            lengths.push([1, PLACE + 1, MIB][number % 3]);
        }
        let bodies =
            lengths.iter().map(|length| read(&budget, 200, vec![b'['; *length / 200], Content::List));
        assert!(futures_util::future::try_join_all(bodies).await.is_ok());
        let bodies = lengths.iter().map(|length| read(&budget, 200, vec![b'x'; *length], Content::List));
        assert_eq!(futures_util::future::try_join_all(bodies).await.unwrap(), lengths);
        let free =
            [&budget.places, &budget.lane, &budget.decoding].map(|semaphore| semaphore.available_permits());
        assert_eq!(free, [PLACES, 1, 3 * MIB / UNIT]);
    }

    #[tokio::test]
    async fn a_response_without_a_body_waits_for_no_place() {
        let budget = Budget::new(LIMIT);
        let mut all = Reserved::default();
        all.wait(&budget.places, u32::try_from(PLACES).unwrap()).await;
        assert_eq!(read(&budget, 204, Vec::new(), Content::One).await.unwrap(), 0);
        let empty = http::Response::builder().status(201).body(reqwest::Body::from("")).unwrap();
        assert!(budget.read(empty.into(), Content::One).await.unwrap().0.is_empty());
    }

    #[tokio::test]
    async fn content_that_would_take_too_much_memory_is_not_decoded() {
        let budget = Budget::new(LIMIT);
        for content in [Content::One, Content::Roles, Content::Page, Content::List] {
            let heavy = "[{\"a\":1},".repeat(40_000).into_bytes();
            let read = read(&budget, 200, heavy, content).await;
            assert!(matches!(read, Err(Unread::TooHeavy(_))), "{content:?}");
        }
    }

    #[tokio::test]
    async fn a_page_of_large_clients_is_read_and_decoded() {
        let mapper = json!({
            "id": "22222222-2222-2222-2222-222222222222", "name": "m", "protocol": "openid-connect",
            "protocolMapper": "oidc-usersessionmodel-note-mapper", "consentRequired": false,
            "config": {"user.session.note": "clientId", "id.token.claim": "true", "claim.name": "clientId"},
        });
        let client = json!({
            "id": "11111111-1111-1111-1111-111111111111", "clientId": "svc", "enabled": true,
            "redirectUris": vec!["https://insights.example.com/callback"; 40],
            "attributes": {"jwks.string": "k".repeat(100 * 1024), "access.token.lifespan": "300"},
            "protocolMappers": vec![mapper; 20],
            "access": {"view": true, "configure": true, "manage": true},
        });
        let page = serde_json::to_vec(&vec![client; 64]).unwrap();
        let length = page.len();
        assert_eq!(read(&Budget::new(LIMIT), 200, page, Content::Page).await.unwrap(), length);
    }
}
