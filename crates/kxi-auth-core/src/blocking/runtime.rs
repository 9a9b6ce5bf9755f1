//! The runtime behind every blocking call: one for the process, on a thread of its own, so that
//! connections are looked after between calls too, and always by the runtime that opened them.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};

use crate::error::Error;
use crate::manager::ClientManager;
use crate::transport::connection::Runtime;

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

/// Waits on this thread for what the manager does. Refused on a thread of an async runtime, which it
/// would hold up, or with it itself; and for a manager whose connections another runtime looks after,
/// which may stand still meanwhile.
pub(super) fn wait<F: Future>(manager: &ClientManager, future: F) -> Result<F::Output, Error> {
    Ok(handle_for(manager)?.block_on(future))
}

/// The [`handle`] for this manager.
pub(super) fn handle_for(manager: &ClientManager) -> Result<Handle, Error> {
    match manager.connection().runtime {
        Runtime::Blocking => handle(),
        Runtime::Callers => {
            let reason =
                "the manager is the async one; make it with `build_blocking`, or await what it returns";
            Err(Error::Blocking { reason: reason.to_owned() })
        }
    }
}

/// The runtime, started if need be, unless this thread belongs to an async runtime.
pub(super) fn handle() -> Result<Handle, Error> {
    if Handle::try_current().is_ok() {
        let reason = "this thread belongs to an async runtime (or is inside another blocking call); await the \
                      methods of `kxi_auth_core::ClientManager` there, or call from a thread of your own";
        return Err(Error::Blocking { reason: reason.to_owned() });
    }
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*runtime {
        return Ok(handle.clone());
    }
    Ok(runtime.insert(start().map_err(|error| Error::Blocking { reason: error.to_string() })?).clone())
}

/// The thread runs until the process ends.
fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("kxi-auth-blocking".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}
