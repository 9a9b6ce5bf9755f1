//! What was observed of one run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::{Map, Value};

use crate::seeded::lane::Kept;
use crate::seeded::scenario::Scenario;
use crate::seeded::sent::Sent;
use crate::seeded::stored::{State, Stored};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; none if a signal or the bound on its time ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// What was observed of one run.
pub(super) struct Facts<'a> {
    pub(super) scenario: &'a Scenario,
    /// What a service account is without any wish.
    pub(super) plain: &'a Map<String, Value>,
    /// The clients before the first run.
    pub(super) before: &'a State,
    /// The clients before this run.
    pub(super) earlier: Earlier<'a>,
    pub(super) after: &'a State,
    pub(super) ended: &'a Ended,
    /// The files of its folder after it.
    pub(super) files: &'a BTreeMap<String, Kept>,
    /// The clients that can sign in with the secret that was delivered, or else with the stored one.
    pub(super) signs_in: &'a BTreeSet<String>,
    /// Its requests, in order.
    pub(super) requests: &'a [Sent],
    /// Whether it has to succeed if the retries of runs with faults cover what befell it.
    pub(super) judges_retries: bool,
    pub(super) place: &'a Place,
    /// The admin's password.
    pub(super) password: &'a str,
}

/// The clients before a run.
#[derive(Clone, Copy)]
pub(super) struct Earlier<'a> {
    pub(super) state: &'a State,
    /// When the run began, in seconds since 1970: the server keeps the times of secrets so.
    pub(super) until: u64,
}

impl<'a> Earlier<'a> {
    /// What a run that begins now finds.
    #[expect(clippy::disallowed_methods, reason = "the server has the time from the same clock")]
    pub(super) fn now(state: &'a State) -> Result<Self> {
        Ok(Self { state, until: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() })
    }
}

/// Where the clients are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The server's address as the command knows it.
    pub(super) host: String,
    pub(super) realm: String,
}

impl Facts<'_> {
    /// A client before the first run.
    pub(super) fn first(&self, id: &str) -> Option<&Stored> {
        one(self.before, id)
    }

    /// A client after the run.
    pub(super) fn now(&self, id: &str) -> Option<&Stored> {
        one(self.after, id)
    }

    pub(super) fn content(&self, file: &str) -> Option<&String> {
        self.files.get(file).map(|kept| &kept.content)
    }
}

fn one<'a>(state: &'a State, id: &str) -> Option<&'a Stored> {
    state.get(id).and_then(|clients| clients.first())
}

impl Ended {
    /// All that it wrote.
    pub(super) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Whether an `apply` found a conflict in its plan, and did nothing.
    pub(super) fn is_rejected_plan(&self) -> bool {
        self.code == Some(6) && self.outcomes().is_empty()
    }

    /// The same with masks in the place of these secrets.
    pub(super) fn without(self, secrets: &BTreeSet<String>) -> Self {
        let masked = |text: String| {
            let hidden = secrets.iter().filter(|secret| !secret.is_empty());
            hidden.fold(text, |text, secret| text.replace(secret.as_str(), "********"))
        };
        Self { code: self.code, stdout: masked(self.stdout), stderr: masked(self.stderr) }
    }

    /// The error of a run with `-o json`.
    pub(super) fn error(&self) -> Option<Value> {
        let mut lines = self.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find_map(|line| line.get("error").cloned())
    }

    /// What it wrote on standard output, with `-o json`.
    pub(super) fn output(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_default()
    }

    /// What became of each client, of an `apply`.
    pub(super) fn outcomes(&self) -> Vec<Value> {
        self.output().as_array().cloned().unwrap_or_default()
    }
}
