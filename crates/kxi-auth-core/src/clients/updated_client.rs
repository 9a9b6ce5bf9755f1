use std::ops::Deref;

use crate::model::auth_client::AuthClient;
use crate::model::warning::Warning;

/// The result of an update. It dereferences to the [`AuthClient`], and converts to it with `into`.
///
/// # Examples
///
/// ```no_run
/// # use kxi_auth_core::{AuthClient, ClientManager, Error};
/// # async fn f(manager: ClientManager, client: AuthClient) -> Result<(), Error> {
/// let done = manager.update_client(&client).token_lifespan(600).await?;
/// println!("{} {}", done.id, if done.updated { "updated" } else { "unchanged" });
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UpdatedClient {
    /// The client as it is stored now.
    pub client: AuthClient,
    /// Whether the stored client is another than before. False if nothing had to be written, and also if the server
    /// accepted the update but stored none of it.
    pub updated: bool,
    /// What was done as requested, but may not be what the caller meant.
    pub warnings: Vec<Warning>,
}

impl Deref for UpdatedClient {
    type Target = AuthClient;

    fn deref(&self) -> &AuthClient {
        &self.client
    }
}

impl From<UpdatedClient> for AuthClient {
    fn from(updated: UpdatedClient) -> Self {
        updated.client
    }
}
