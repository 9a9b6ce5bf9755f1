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
use crate::error::Error;
use crate::model::auth_client::AuthClient;
use crate::model::client_details::ClientDetails;
use crate::roles::assign::AssignRoles;

/// Sends what a builder describes and waits for the outcome: what `.await` is in async code.
///
/// The builder must come from a [`blocking::ClientManager`](crate::blocking::ClientManager): the
/// connections of an async one belong to a runtime that may stand still while this waits, so that its
/// builders are refused.
///
/// # Errors
///
/// Those of the builder's method, and [`Error::Blocking`] on a thread of an async runtime (a task, a
/// `spawn_blocking`, a progress callback of another blocking call) and for a builder of an async manager;
/// then nothing is sent.
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
    /// What it returns: what `.await` gives, without the error.
    type Output;

    /// Sends, and waits for the outcome.
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

/// The builders whose outcome is one result.
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

/// Those whose outcome is a result per item.
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
    RegisterNewClient => AuthClient,
    UpdateClient => AuthClient,
    DeleteClient => AuthClient,
    DeleteClientByUuid => (),
    GetClient => AuthClient,
    GetClientDetails => ClientDetails,
    ListClientDetails => Vec<ClientDetails>,
    PlanClient => RegistrationPlan,
    ListClients => Vec<AuthClient>,
    AssignRoles => Vec<String>,
    RotateSecret => AuthClient,
}

many! {
    RegisterClient => Registration,
    PlanClient => RegistrationPlan,
    UpdateClient => AuthClient,
    DeleteClient => AuthClient,
}
