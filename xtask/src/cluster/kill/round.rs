//! One round: a realm of its own, the clients, a kill on the way, and a look at what is stored.

use std::path::Path;

use anyhow::Result;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::apply::{Applied, Apply};
use super::asked::{self, Asked};
use super::stored;
use crate::cluster::paths;
use crate::cluster::running::Cluster;
use crate::keycloak::{Admin, password};
use crate::system::files::remove_folder;
use crate::workspace::say;

/// How many differences of a round are listed.
const SHOWN: usize = 10;

/// When a node is killed, and which, as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blow {
    /// After how much of the requests of a run without a kill.
    per_mille: u64,
    node: usize,
}

/// The same for a run of so many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) node: usize,
    /// After so many requests.
    pub(super) requests: u64,
}

impl Blow {
    /// The points of a seed, always the same.
    pub(super) fn drawn(seed: u64) -> impl Iterator<Item = Self> {
        let mut random = fastrand::Rng::with_seed(seed);
        std::iter::repeat_with(move || Self { per_mille: random.u64(0..1000), node: random.usize(0..2) })
    }

    pub(super) fn at(self, undisturbed: u64) -> At {
        At { node: self.node, requests: (undisturbed * self.per_mille / 1000).max(1) }
    }
}

/// What came of a round.
pub(super) struct Round {
    pub(super) number: usize,
    /// None in the run that the others are compared with.
    pub(super) at: Option<At>,
    /// None if the run did not come to its end.
    pub(super) applied: Option<Applied>,
    /// How the outcome differs from what was asked.
    pub(super) differences: Vec<String>,
}

/// A round in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    AsAsked,
    /// As asked, but the command noticed nothing: the kill came too late.
    WithoutEffect,
    NotAsAsked,
}

impl Round {
    pub(super) fn verdict(&self) -> Verdict {
        match &self.applied {
            Some(applied) if applied.code == Some(0) && self.differences.is_empty() => {
                if self.at.is_some() && !applied.noticed() {
                    Verdict::WithoutEffect
                } else {
                    Verdict::AsAsked
                }
            }
            _ => Verdict::NotAsAsked,
        }
    }

    /// How many requests the load balancer has seen.
    pub(super) fn requests(&self) -> Option<u64> {
        self.applied.as_ref().map(|applied| applied.requests)
    }

    /// What came of it, for people.
    pub(super) fn sentence(&self) -> String {
        let end = self.applied.as_ref().map_or_else(|| "no end".to_owned(), Applied::sentence);
        let stored = match (self.verdict(), self.differences.as_slice()) {
            (Verdict::AsAsked, _) => "all as asked".to_owned(),
            (Verdict::WithoutEffect, _) => "all as asked, but the kill had no effect".to_owned(),
            (Verdict::NotAsAsked, all) => format!("not as asked: {}", all[..all.len().min(SHOWN)].join("; ")),
        };
        format!("{end}, {stored}")
    }
}

/// Plays a round. What fails in it is a difference of it.
pub(super) fn play(
    cluster: &mut Cluster,
    kxi_auth: &Path,
    clients: u16,
    number: usize,
    at: Option<At>,
) -> Round {
    let mut round = Round { number, at, applied: None, differences: Vec::new() };
    if let Err(error) = attempt(cluster, kxi_auth, clients, &mut round) {
        round.differences.push(format!("{error:#}"));
    }
    round
}

fn attempt(cluster: &mut Cluster, kxi_auth: &Path, clients: u16, round: &mut Round) -> Result<()> {
    let (number, at) = (round.number, round.at);
    let realm = format!("kill-{number}-{}", &password()?.expose_secret()[..8]);
    let folder = paths::folder().join("kill").join(&realm);
    let asked = Asked::of(clients);
    // Past the load balancer, on the node that is not killed.
    let victim = at.map_or(1, |at| at.node);
    let survivor = cluster.node(1 - victim);
    let realms = format!("{}/admin/realms", survivor.base_url);
    let admin = Admin::sign_in(&survivor)?;
    admin.create(&realms, &json!({"realm": realm, "enabled": true}))?;
    for role in asked::ROLES {
        admin.create(&format!("{realms}/{realm}/roles"), &json!({"name": role}))?;
    }
    asked.write(&folder)?;

    let apply = Apply { kxi_auth, connection: &cluster.connection(), realm: &realm, folder: &folder };
    let kill = || cluster.kill(victim);
    let applied = apply.run(at.map(|at| at.requests), kill)?;
    round.differences.extend(if applied.code == Some(0) { apply.reported(&asked)? } else { Vec::new() });
    round.applied = Some(applied);
    if at.is_some() {
        cluster.start_node(victim)?;
    }
    // Read while the node starts, which takes long.
    round.differences.extend(stored::differences(&survivor, &realm, &asked, &folder)?);
    round.differences.extend(apply.plan()?);
    cluster.joined(victim, 2)?;
    cluster.balanced(2)?;
    // Once more by a node whose caches are empty.
    let again = stored::differences(&cluster.node(victim), &realm, &asked, &folder)?;
    round.differences.extend(again.into_iter().map(|difference| format!("by the killed node: {difference}")));
    if round.verdict() == Verdict::NotAsAsked {
        say(&format!("the folder {} is left", folder.display()));
        return Ok(());
    }
    Admin::sign_in(&survivor)?.delete(&format!("{realms}/{realm}"))?;
    remove_folder(&folder)
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;

    pub(in super::super) fn round(code: i32, killed_after: Option<u64>, retries: usize) -> Round {
        let time = Duration::from_secs(1);
        let said = if code == 0 { "" } else { "error: away" }.to_owned();
        let applied =
            Applied { code: Some(code), time, requests: 50, redispatched: 0, retries, killed_after, said };
        let at = Some(At { node: 1, requests: 40 });
        Round { number: 7, at, applied: Some(applied), differences: Vec::new() }
    }

    #[test]
    fn a_seed_always_gives_the_same_points() {
        let of = |seed| Blow::drawn(seed).take(20).collect::<Vec<_>>();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert!(of(1).iter().any(|blow| blow.node == 0) && of(1).iter().any(|blow| blow.node == 1));
        assert_eq!(Blow { per_mille: 0, node: 0 }.at(1000), At { node: 0, requests: 1 });
    }

    #[test]
    fn only_a_kill_that_was_noticed_and_changed_nothing_is_as_asked() {
        assert_eq!(round(0, Some(40), 3).verdict(), Verdict::AsAsked);
        assert_eq!(round(0, Some(40), 0).verdict(), Verdict::WithoutEffect);
        assert_eq!(round(0, Some(50), 3).verdict(), Verdict::WithoutEffect, "nothing came after it");
        assert_eq!(round(0, None, 3).verdict(), Verdict::WithoutEffect, "it came too late");
        assert_eq!(round(7, Some(40), 3).verdict(), Verdict::NotAsAsked);
        let mut differs = round(0, Some(40), 3);
        differs.differences.push("svc-0001 is missing".to_owned());
        assert_eq!(differs.verdict(), Verdict::NotAsAsked);
        assert!(differs.sentence().contains("svc-0001 is missing"), "{}", differs.sentence());
        differs.applied = None;
        assert_eq!(differs.verdict(), Verdict::NotAsAsked);
    }
}
