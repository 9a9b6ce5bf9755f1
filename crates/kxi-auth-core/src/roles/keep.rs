//! Keeps the permissions of the service account that the admin signs in as.

use crate::admin::Api;
use crate::error::Error;
use crate::manager::guard;
use crate::model::role::Role;
use crate::roles::composites::Composites;
use crate::roles::grants;

/// A service account that must not lose permissions to administer the realm: the admin's own.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) composites: &'a Composites,
}

impl Keep<'_> {
    /// Rejects the revocation of a role that includes such permissions, also if another role includes them too. A role
    /// that cannot be read is rejected as well.
    pub(super) async fn reject_loss(self, api: &Api, revoked: &[Role]) -> Result<(), Error> {
        for (role, granted) in grants::of(api, self.composites, revoked).await {
            let granted = granted?;
            if !granted.is_empty() {
                let Role { name, client, .. } = role;
                let change = match client {
                    Some(client) if granted == [name.as_str()] => {
                        format!("it would lose the role `{name}` of the client `{client}`")
                    }
                    _ => format!(
                        "it would lose the role `{name}`, which includes permissions to administer the realm: {}",
                        granted.join(", ")
                    ),
                };
                return Err(guard::own_client(self.client_id, change));
            }
        }
        Ok(())
    }
}
