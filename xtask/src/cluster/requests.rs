//! The requests that have passed the load balancer, by its log.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::{Context as _, Result};

use super::paths;

/// Reads on from the end of the log.
pub(super) struct Requests {
    log: File,
    /// The part of a line that was not finished.
    rest: String,
    seen: Seen,
}

/// What has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The requests that were responded to. If a node goes in the middle of one, HAProxy closes a connection
    /// that was used before, and logs nothing: the client is to send it again.
    pub(super) requests: u64,
    /// Those that each node responded to.
    pub(super) nodes: [u64; 2],
    /// Those that it sent to the other node, because the first refused the connection.
    pub(super) redispatched: u64,
}

impl Requests {
    /// Counts what comes from now on.
    pub(super) fn watch() -> Result<Self> {
        let mut log = File::open(paths::requests()).context("cannot read the log of HAProxy")?;
        log.seek(SeekFrom::End(0)).context("cannot read the log of HAProxy")?;
        Ok(Self { log, rest: String::new(), seen: Seen::default() })
    }

    /// What has come so far.
    pub(super) fn seen(&mut self) -> Result<Seen> {
        self.log.read_to_string(&mut self.rest).context("cannot read the log of HAProxy")?;
        let Some(end) = self.rest.rfind('\n') else { return Ok(self.seen) };
        let rest = self.rest.split_off(end + 1);
        for line in std::mem::replace(&mut self.rest, rest).lines() {
            self.seen.add(line);
        }
        Ok(self.seen)
    }
}

impl Seen {
    /// Adds a line such as `request GET /auth/x status 200 from node-1 retries 0 ended -- after 5 ms`.
    fn add(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            words.get(place + 1).copied()
        };
        if words.first() != Some(&"request") {
            return;
        }
        self.requests += 1;
        for (node, count) in ["node-1", "node-2"].into_iter().zip(&mut self.nodes) {
            *count += u64::from(after("from") == Some(node));
        }
        self.redispatched += u64::from(after("retries").is_some_and(|retries| retries.starts_with('+')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_and_nothing_else() {
        let mut seen = Seen::default();
        for line in [
            "request GET /auth/x status 200 from node-1 retries 0 ended -- after 5 ms",
            "request POST /auth/x status 502 from node-2 retries 0 ended SH after 5 ms",
            "request POST /auth/x status 201 from node-1 retries +1 ended -- after 5 ms",
            "[WARNING] something else",
        ] {
            seen.add(line);
        }
        assert_eq!(seen, Seen { requests: 3, nodes: [2, 1], redispatched: 1 });
    }
}
