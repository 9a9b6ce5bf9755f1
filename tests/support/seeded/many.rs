//! Many seeds, some at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::keycloak::realm::Server;
use crate::seeded::lane::Lane;
use crate::seeded::run::{Report, run};
use crate::seeded::tally::Tally;

/// Runs `count` seeds from `first` on, in so many realms at a time. `each` is called after each run that could be
/// observed.
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
        let mut lane = Lane::start(server).await?;
        let (server, next, tally, each) =
            (server.clone(), Arc::clone(&next), Arc::clone(&tally), Arc::clone(&each));
        tasks.spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    break;
                }
                let ran = run(&lane, seed).await;
                let is_observed = ran.is_ok();
                {
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    match &ran {
                        Ok(report) => {
                            tally.add(report);
                            each(report, &tally);
                        }
                        Err(error) => tally.add_unobserved(seed, error),
                    }
                }
                if !is_observed {
                    // What is left in the realm could disturb the next run.
                    let left = std::mem::replace(&mut lane, Lane::start(&server).await?);
                    left.finish().await?;
                }
            }
            lane.finish().await
        });
    }
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        // The others go on: their figures count.
        outcome = outcome.and(ended.map_err(anyhow::Error::from).flatten());
    }
    outcome?;
    let tally = Arc::into_inner(tally).context("a run is not over")?;
    Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
}
