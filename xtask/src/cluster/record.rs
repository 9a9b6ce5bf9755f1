//! What is remembered of a cluster between two tasks.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::paths;
use crate::keycloak::Version;
use crate::system::files::{remove_file, write_private};
use crate::system::group::{self, Leader, Life};
use crate::workspace::say;

/// A cluster that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The version of its nodes.
    pub(super) version: Version,
    pub(super) ports: Ports,
    /// Whether it is to outlive the task that started it.
    #[serde(default)]
    pub(super) kept: bool,
    /// Its processes, in the order in which they were started.
    pub(super) members: Vec<Member>,
}

/// The ports on 127.0.0.1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ports {
    /// Where clients of the cluster connect.
    pub(super) balancer: u16,
    /// What the load balancer knows of the nodes.
    pub(super) statistics: u16,
    pub(super) database: u16,
    pub(super) nodes: [NodePorts; 2],
}

/// The ports of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NodePorts {
    pub(super) http: u16,
    /// Where it says whether it is ready.
    pub(super) management: u16,
    /// Where the other node connects.
    pub(super) cluster: u16,
}

/// One process group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) part: Part,
    pub(super) leader: Leader,
    pub(super) log: PathBuf,
}

/// What a process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Part {
    Database,
    /// A node, counted from 0.
    Node(usize),
    Balancer,
}

impl Part {
    /// Its name for people.
    pub(super) fn name(self) -> String {
        match self {
            Self::Database => "PostgreSQL".to_owned(),
            Self::Node(node) => format!("node {}", node + 1),
            Self::Balancer => "HAProxy".to_owned(),
        }
    }

    /// What ends it: the next if one does not.
    fn signals(self) -> &'static [Signal] {
        match self {
            // At SIGTERM it would wait for its clients to go.
            Self::Database => &[Signal::SIGINT, Signal::SIGQUIT, Signal::SIGKILL],
            Self::Node(_) | Self::Balancer => &[Signal::SIGTERM, Signal::SIGKILL],
        }
    }
}

impl Record {
    /// The record of the last cluster; nothing if it was stopped, or if it cannot be read.
    pub(super) fn read() -> Result<Option<Self>> {
        let file = paths::record();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let remedy = || format!("cannot read {}: end its processes and remove it", file.display());
        serde_json::from_str(&text).map(Some).with_context(remedy)
    }

    pub(super) fn write(&self) -> Result<()> {
        write_private(&paths::record(), &serde_json::to_vec_pretty(self)?)
    }

    /// The process of a part.
    pub(super) fn member(&self, part: Part) -> Option<&Member> {
        self.members.iter().find(|member| member.part == part)
    }

    /// The parts that do not run.
    pub(super) fn ended(&self) -> Result<Vec<Part>> {
        let parts = [Part::Database, Part::Node(0), Part::Node(1), Part::Balancer];
        let mut ended = Vec::new();
        for part in parts {
            let life = self.member(part).map(|member| member.leader.life()).transpose()?;
            ended.extend((life != Some(Life::Running)).then_some(part));
        }
        Ok(ended)
    }

    /// Notes a process that was just started, in place of an earlier one of the part.
    pub(super) fn note(&mut self, member: Member) -> Result<()> {
        self.members.retain(|other| other.part != member.part);
        self.members.push(member);
        self.write()
    }
}

/// Ends what is left of the recorded cluster, the last that was started first, and forgets it. False if there
/// is no record.
pub(super) fn stop() -> Result<bool> {
    let Some(record) = Record::read()? else { return Ok(false) };
    let mut order = record.members;
    // The database outlives the nodes that use it, also one that was started again.
    order.sort_by_key(|member| match member.part {
        Part::Balancer => 0,
        Part::Node(node) => 1 + node,
        Part::Database => usize::MAX,
    });
    for Member { part, leader, .. } in order {
        if leader.life()? == Life::Ended {
            say(&format!("{} had ended", part.name()));
        } else {
            say(&format!("stopping {}", part.name()));
            group::end_by(leader.pid, part.signals())?;
        }
    }
    remove_file(&paths::record())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(part: Part, pid: i32) -> Member {
        let leader = Leader { pid, started: "then".to_owned(), home: "/no/such/home".into() };
        Member { part, leader, log: "/no/such/log".into() }
    }

    #[test]
    fn a_record_is_read_back_and_knows_what_does_not_run() {
        let node = NodePorts { http: 4, management: 5, cluster: 6 };
        let record = Record {
            version: "26.7.3".parse().unwrap(),
            ports: Ports { balancer: 1, statistics: 2, database: 3, nodes: [node, node] },
            kept: false,
            members: vec![member(Part::Database, 2_000_000_000), member(Part::Node(1), 2_000_000_001)],
        };
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        assert!(record.member(Part::Node(1)).is_some() && record.member(Part::Node(0)).is_none());
        assert_eq!(record.ended().unwrap().len(), 4);
    }
}
