//! Many callers that share a manager.

use kxi_auth_core::{ClientManager, Error, Role};
use tokio::task::JoinSet;

/// The outcomes of twenty calls that begin at the same time, each of which needs a token.
pub async fn twenty_at_once(manager: &ClientManager) -> Vec<Result<Vec<Role>, Error>> {
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let manager = manager.clone();
        tasks.spawn(async move { manager.all_roles().await });
    }
    tasks.join_all().await
}
