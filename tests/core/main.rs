//! The core against the recorded fixtures: what it sends, what it returns, how often it asks.

mod client;
mod composites;
mod conflicts;
mod faults;
mod fixtures;
mod own_client;
mod recorder;
mod register;
mod replay;
mod roles;
mod sign_in;
mod unrecorded;
mod update;

use anyhow::{Context as _, Result};
use kxi_auth_tests::recordings::replay::Received;
use kxi_auth_tests::scenarios;

/// Replays a scenario and compares what was sent and returned with its snapshot.
async fn assert_replays(scenario: &str) -> Result<Received> {
    let (outcome, received) = scenarios::replay(scenario).await.context(scenario.to_owned())?;
    let shown = serde_json::json!({"returned": outcome, "sent": received.requests});
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => scenarios::named(scenario)?.about,
    }, {
        insta::assert_json_snapshot!(scenario, shown);
    });
    Ok(received)
}

/// One test per scenario that is covered by its snapshot and the number of its admin requests.
macro_rules! replays {
    ($($test:ident: $scenario:literal, $requests:literal;)+) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                let received = crate::assert_replays($scenario).await?;
                assert_eq!(received.admin_requests(), $requests, "{:#?}", received.requests);
                Ok(())
            }
        )+

        /// The scenarios that are tested here.
        pub(crate) const SCENARIOS: &[&str] = &[$($scenario),+];
    };
}
pub(crate) use replays;
