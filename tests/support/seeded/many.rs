//! Many seeds, some at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::keycloak::realm::Server;
use crate::seeded::lane::Lane;
use crate::seeded::run::{Report, run};
use crate::seeded::tally::Tally;

/// Runs `count` seeds from `first` on, in so many realms at a time. `each` is called after each run.
pub async fn many(
    server: &Server,
    first: u64,
    count: u64,
    lanes: usize,
    each: impl Fn(&Report, &Tally) + Send + Sync + 'static,
) -> Result<Tally> {
    let (next, end) = (Arc::new(AtomicU64::new(first)), first.saturating_add(count));
    let tally = Arc::new(Mutex::new(Tally::default()));
    let each = Arc::new(each);
    let mut tasks = JoinSet::new();
    for _ in 0..lanes {
        // One after the other: while realms are made, the server is slow.
        let lane = Lane::start(server).await?;
        let (next, tally, each) = (Arc::clone(&next), Arc::clone(&tally), Arc::clone(&each));
        tasks.spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    break;
                }
                let report = run(&lane, seed).await.with_context(|| format!("seed {seed}"))?;
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.add(&report);
                each(&report, &tally);
            }
            lane.finish().await
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let tally = Arc::into_inner(tally).context("a run is not over")?;
    Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
}
