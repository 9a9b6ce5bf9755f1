use crate::blocking::runtime;
use crate::clients::bulk::Bulk;
use crate::clients::delete::{DeleteClient, DeleteClientByUuid};
use crate::clients::get::{GetClient, GetClientDetails};
use crate::clients::list::{ListClientDetails, ListClients};
use crate::clients::plan::{PlanClient, RegistrationPlan};
use crate::clients::register::RegisterClient;
use crate::clients::register::registration::Registration;
use crate::clients::register_new::RegisterNewClient;
use crate::clients::rotate_secret::RotateSecret;
use crate::clients::update::UpdateClient;
use crate::clients::updated_client::UpdatedClient;
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::client_details::ClientDetails;
use crate::model::role_set::RoleNames;
use crate::roles::assign::AssignRoles;
use crate::roles::revoke::RevokeRoles;

/// Sends a request and waits for its result, like `.await` in async code.
///
/// The request must come from a [`blocking::ClientManager`](crate::blocking::ClientManager). The connections of an async
/// manager belong to a runtime that may not run while this call waits, so its requests are rejected.
///
/// # Errors
///
/// Those of the method that created the request, and [`Error::Blocking`] on a thread of an async runtime (a task, a
/// `spawn_blocking`, a progress callback of another blocking call) and for a request of an async manager. Then nothing is
/// sent.
///
/// # Examples
///
/// ```no_run
/// use kxi_auth_core::Roles;
/// use kxi_auth_core::blocking::{Call as _, ClientManager};
///
/// let manager = ClientManager::from_env()?;
/// let client = manager.register_client("my-service").token_lifespan(300).roles(Roles::All).call()?;
/// println!("{} is {}", client.id, client.uuid);
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
pub trait Call: sealed::Sealed {
    /// The result: that of `.await`, without the error.
    type Output;

    /// Sends the request and waits for the result.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use kxi_auth_core::blocking::{Call as _, ClientManager};
    ///
    /// let deleted = ClientManager::from_env()?.delete_client("my-service").call()?;
    /// println!("{deleted} is gone");
    /// # Ok::<(), kxi_auth_core::Error>(())
    /// ```
    fn call(self) -> Result<Self::Output, Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// The requests with one result.
macro_rules! one {
    ($($builder:ty => $output:ty),+ $(,)?) => {$(
        impl sealed::Sealed for $builder {}

        impl Call for $builder {
            type Output = $output;

            fn call(self) -> Result<$output, Error> {
                let manager = self.manager.clone();
                runtime::wait(&manager, self.into_future())?
            }
        }
    )+};
}

/// The requests with one result per item.
macro_rules! many {
    ($($item:ty => $output:ty),+ $(,)?) => {$(
        impl sealed::Sealed for Bulk<$item> {}

        impl Call for Bulk<$item> {
            type Output = Vec<Result<$output, Error>>;

            fn call(self) -> Result<Self::Output, Error> {
                let manager = self.manager.clone();
                runtime::wait(&manager, self.into_future())
            }
        }
    )+};
}

one! {
    RegisterClient => Registration,
    RegisterNewClient => Registration,
    UpdateClient => UpdatedClient,
    DeleteClient => AuthClient,
    DeleteClientByUuid => (),
    GetClient => AuthClient,
    GetClientDetails => ClientDetails,
    ListClientDetails => Vec<ClientDetails>,
    PlanClient => RegistrationPlan,
    ListClients => Vec<AuthClient>,
    AssignRoles => RoleNames,
    RevokeRoles => RoleNames,
    RotateSecret => AuthClient,
}

many! {
    RegisterClient => Registration,
    PlanClient => RegistrationPlan,
    UpdateClient => UpdatedClient,
    GetClient => AuthClient,
    DeleteClient => AuthClient,
}
