//! The runtime behind every blocking call. The process has one, on a thread of its own, so that connections are served
//! between calls too, and always by the runtime that opened them.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};

use crate::error::Error;
use crate::manager::ClientManager;
use crate::transport::connection::Runtime;

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

/// Waits on this thread for the result. It rejects a thread of an async runtime, which it would block, and a manager
/// whose connections belong to another runtime, which may not run in the meantime.
pub(super) fn wait<F: Future>(manager: &ClientManager, future: F) -> Result<F::Output, Error> {
    Ok(handle_for(manager)?.block_on(future))
}

/// The [`handle`] for this manager.
pub(super) fn handle_for(manager: &ClientManager) -> Result<Handle, Error> {
    match manager.connection().runtime {
        Runtime::Blocking => handle(),
        Runtime::Callers => {
            let reason =
                "the manager is an async one; create it with `build_blocking`, or await its requests";
            Err(Error::Blocking { reason: reason.to_owned() })
        }
    }
}

/// The runtime, started if necessary, unless this thread belongs to an async runtime.
pub(super) fn handle() -> Result<Handle, Error> {
    if Handle::try_current().is_ok() {
        let reason = "this thread belongs to an async runtime (or is inside another blocking call); await the \
                      methods of `kxi_auth_core::ClientManager` there, or call from another thread";
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
