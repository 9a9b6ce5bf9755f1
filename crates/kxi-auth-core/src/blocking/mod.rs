//! The same API without async (feature `blocking`).
//!
//! This [`ClientManager`] has the methods of the [async manager](crate::ClientManager), with the same names. Methods
//! that return a request there return the same request here: send it with [`.call()`](Call::call) instead of `.await`.
//! You can also iterate over a listing.
//!
//! All calls share one runtime, on a thread of its own, from the first call to the end of the process. You can call from
//! any number of threads, but not from a thread of an async runtime: there a call returns
//! [`Error::Blocking`](crate::Error::Blocking), and the async manager is the right choice. `.call()` does not send the
//! requests of an async manager either.
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
