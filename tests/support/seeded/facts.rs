//! What was observed of one run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::seeded::mischief::Kind;
use crate::seeded::scenario::Scenario;
use crate::seeded::stored::{State, Stored};
use crate::seeded::wanted::File;

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
    pub(super) before: &'a State,
    pub(super) after: &'a State,
    pub(super) ended: &'a Ended,
    /// The files of its folder after it.
    pub(super) files: &'a BTreeMap<String, String>,
    /// The clients that can sign in with the secret that was delivered, or else with the stored one.
    pub(super) signs_in: &'a BTreeSet<String>,
    /// The faults that befell it, in order.
    pub(super) fired: &'a [Kind],
    /// The admin's password.
    pub(super) password: &'a str,
}

impl Facts<'_> {
    /// A client before the run.
    pub(super) fn first(&self, id: &str) -> Option<&Stored> {
        self.before.get(id).and_then(|clients| clients.first())
    }
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

    /// What became of each client, of an `apply`.
    pub(super) fn outcomes(&self) -> Vec<Value> {
        serde_json::from_str::<Value>(&self.stdout)
            .ok()
            .and_then(|json| json.as_array().cloned())
            .unwrap_or_default()
    }
}

/// The secret in a secret file.
pub(super) fn delivered(file: &File, content: &str) -> Option<String> {
    let variable = |sign: &str| {
        let line = content.lines().find_map(|line| line.trim().strip_prefix("INSIGHTS_CLIENT_SECRET"));
        line.and_then(|rest| rest.strip_prefix(sign)).map(|value| value.trim().to_owned())
    };
    match file.format {
        "raw" => Some(content.to_owned()),
        "env" => variable("="),
        "kubernetes" => variable(":"),
        _ => {
            let json: Value = serde_json::from_str(content).ok()?;
            json["client_secret"].as_str().map(str::to_owned)
        }
    }
}
