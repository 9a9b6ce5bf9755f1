//! `cargo xtask cluster kill`: a node is killed while `kxi-auth apply` creates many clients.
//!
//! It is to cost retries and nothing else: the command succeeds, and what is stored is what was asked.

mod apply;
mod asked;
mod requests;
mod stored;
mod table;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::Installing;
use super::paths;
use super::running::Cluster;
use crate::cargo::{Tls, build_kxi_auth};
use crate::keycloak::{Admin, password};
use crate::system::files::remove_folder;
use crate::workspace::say;
use apply::{Applied, Apply};
use asked::Asked;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    installing: Installing,
    /// How many times a node is killed
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// How many clients are applied each time
    #[arg(long, default_value_t = 300)]
    clients: usize,
    /// What the points and the nodes are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this one of the rounds, counted from 1
    #[arg(long)]
    round: Option<usize>,
}

/// When a node is killed, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Blow {
    /// After how much of the requests of a run without a kill.
    per_mille: u64,
    node: usize,
}

/// What came of a round.
struct Round {
    number: usize,
    /// The node that was killed, and after how many requests; none in the run that the others are compared
    /// with.
    blow: Option<(usize, u64)>,
    applied: Applied,
    /// How what is stored differs from what was asked.
    differences: Vec<String>,
}

impl Round {
    fn is_as_asked(&self) -> bool {
        self.applied.code == Some(0) && self.differences.is_empty()
    }
}

/// Kills nodes of the cluster that runs, or of one that is started and stopped for it.
pub(super) fn run(args: &Args) -> Result<()> {
    let built = build_kxi_auth(Tls::Rustls, &[])?.kxi_auth()?;
    let mut cluster = Cluster::provide(args.installing.install)?;
    // Another build in the meantime does not change what is tested.
    let kxi_auth = paths::folder().join("kxi-auth");
    std::fs::copy(&built, &kxi_auth).with_context(|| format!("cannot copy {}", built.display()))?;
    let undisturbed = round(&mut cluster, &kxi_auth, args.clients, 0, None)?;
    ensure!(undisturbed.is_as_asked(), "without a kill: {}", table::outcome(&undisturbed));
    let total = undisturbed.applied.requests;
    let mut rounds = vec![undisturbed];
    for (index, blow) in blows(args.seed, args.rounds).into_iter().enumerate() {
        let number = index + 1;
        if args.round.is_none_or(|only| only == number) {
            let at = (total * blow.per_mille / 1000).max(1);
            rounds.push(round(&mut cluster, &kxi_auth, args.clients, number, Some((blow.node, at)))?);
            table::write(&rounds, args)?;
        }
    }
    cluster.finish()?;
    let bad: Vec<String> =
        rounds.iter().filter(|round| !round.is_as_asked()).map(|round| round.number.to_string()).collect();
    say(&format!("the rounds are listed in {}", table::file().display()));
    ensure!(bad.is_empty(), "not as asked: the rounds {} (--seed {})", bad.join(", "), args.seed);
    Ok(())
}

/// The points of a seed, always the same.
fn blows(seed: u64, count: usize) -> Vec<Blow> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| Blow { per_mille: random.u64(0..1000), node: random.usize(0..2) }).collect()
}

/// Applies the clients in a realm of their own, kills a node on the way, compares, and starts the node again.
fn round(
    cluster: &mut Cluster,
    kxi_auth: &Path,
    clients: usize,
    number: usize,
    blow: Option<(usize, u64)>,
) -> Result<Round> {
    let realm = format!("kill-{number}-{}", &password()?.expose_secret()[..8]);
    let folder = paths::folder().join("kill").join(&realm);
    let asked = Asked::of(clients);
    // Past the load balancer, on the node that is not killed.
    let survivor = cluster.node(blow.map_or(0, |(node, _)| 1 - node));
    let realms = format!("{}/admin/realms", survivor.base_url);
    let admin = Admin::sign_in(&survivor)?;
    admin.create(&realms, &json!({"realm": realm, "enabled": true}))?;
    for role in asked::ROLES {
        admin.create(&format!("{realms}/{realm}/roles"), &json!({"name": role}))?;
    }
    asked.write(&folder)?;

    let apply = Apply { kxi_auth, connection: &cluster.connection(), realm: &realm, folder: &folder };
    let applied =
        apply.run(blow.map(|(_, at)| at), || blow.map_or(Ok(()), |(node, _)| cluster.kill(node)))?;
    if let Some((node, _)) = blow {
        cluster.start_node(node)?;
    }
    // Read while the node starts, which takes long.
    let mut differences = stored::differences(&survivor, &realm, &asked, &folder)?;
    differences.extend(apply.plan()?);
    if let Some((node, _)) = blow {
        cluster.joined(node, 2)?;
        cluster.balanced(2)?;
    }
    let round = Round { number, blow, applied, differences };
    say(&format!("round {number}: {}", table::outcome(&round)));
    if round.is_as_asked() {
        Admin::sign_in(&survivor)?.delete(&format!("{realms}/{realm}"))?;
        remove_folder(&folder)?;
    } else {
        say(&format!("the realm {realm} and the folder {} are left", folder.display()));
    }
    Ok(round)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_points() {
        assert_eq!(blows(1, 20), blows(1, 20));
        assert_eq!(blows(1, 20)[..5], blows(1, 5));
        assert_ne!(blows(1, 20), blows(2, 20));
        assert!(
            blows(1, 20).iter().any(|blow| blow.node == 0) && blows(1, 20).iter().any(|blow| blow.node == 1)
        );
    }
}
