//! Seeded faults between the command and the server: `cargo xtask faults --seed N` shows one of them.

use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::seeded::many;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_runs_with_faults_lose_nothing() {
    let server = Server::from_env().unwrap();
    let tally = many(&server, 1, 50, 4, |_, _| ()).await.unwrap();
    for (seed, violations) in tally.failed() {
        let violations = violations.join("\n  ");
        println!("seed {seed}:\n  {violations}\nrerun it with: cargo xtask faults --seed {seed}");
    }
    assert!(tally.failed().is_empty());
    assert!(tally.runs() == 50 && tally.faults() > 50, "{tally:?}");
}
