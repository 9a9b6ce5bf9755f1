//! Seeded faults between the command and the server, and commands that are killed: `cargo xtask faults --seed N` shows
//! one of the former.

use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::seeded::{Lane, kill_command, many, owners, twice};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_runs_with_faults_lose_nothing() {
    let server = Server::from_env().unwrap();
    let tally = many(&server, 1, 50, 4, |_, _| ()).await.unwrap();
    for (seed, violations) in tally.failed() {
        let violations = violations.join("\n  ");
        println!("seed {seed}:\n  {violations}\nrerun it with: cargo xtask faults --seed {seed}");
    }
    assert!(tally.failed().is_empty());
    assert!(tally.runs() == 50 && tally.faults() > 50 && tally.despite() > 10, "{tally:?}");
    assert_eq!(tally.gaps(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_is_killed_and_two_at_once_lose_nothing() {
    const CLIENTS: usize = 40;
    let lane = Lane::start(&Server::from_env().unwrap()).await.unwrap();
    let mut all = Vec::new();
    for seed in 1..=3 {
        let killed = kill_command(&lane, seed, CLIENTS).await.unwrap();
        assert_eq!(killed.codes, [None], "it ended before it was killed: {killed:?}");
        all.push(killed);
    }
    all.push(twice(&lane, 1, CLIENTS).await.unwrap());
    all.push(owners(&lane, 1, CLIENTS).await.unwrap());
    lane.finish().await.unwrap();
    for one in all {
        assert_eq!(one.violations, [""; 0], "{one:?}");
    }
}
