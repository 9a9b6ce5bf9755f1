//! The same without async (feature `blocking`).
//!
//! [`ClientManager`] here has the methods of the [async one](crate::ClientManager) under the same
//! names. Those that return a builder there return the same builder here: in place of `.await` it is
//! sent by [`.call()`](Call::call). A listing can also be iterated over.
//!
//! All calls share one runtime, which runs on a thread of its own from the first call to the end of
//! the process. They can be made from any number of threads, but not from a thread of an async
//! runtime: there they return [`Error::Blocking`](crate::Error::Blocking), and the async manager is the right one.
//! What an async manager made is not sent by `.call()` either.
//!
//! ```no_run
//! use kxi_auth_core::blocking::{Call as _, ClientManager};
//! use kxi_auth_core::{Roles, SecretString};
//!
//! # fn f(password: SecretString) -> Result<(), kxi_auth_core::Error> {
//! let manager = ClientManager::builder()
//!     .host("https://insights.example.com")
//!     .username("admin")
//!     .password(password)
//!     .build_blocking()?;
//! let client = manager.register_client("my-service").roles(Roles::All).call()?;
//! println!("{} is {}", client.id, client.uuid);
//! for client in manager.list_clients() {
//!     println!("{}", client?);
//! }
//! # Ok(()) }
//! ```

mod call;
mod clients;
mod diagnostics;
mod iter;
mod manager;
mod roles;
mod runtime;
#[cfg(test)]
mod tests;

pub use crate::blocking::call::Call;
pub use crate::blocking::iter::ClientIter;
pub use crate::blocking::manager::ClientManager;
