//! Ctrl-C (and a request to end): a server that this process owns ends with it.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Result, anyhow};

use crate::keycloak::Instance;
use crate::workspace::say;

/// The exit code of an interrupted program.
const INTERRUPTED: i32 = 130;

/// The process group to end.
type Owned = Option<(i32, Instance)>;

static OWNED: Mutex<Owned> = Mutex::new(None);

/// The server that is to end with this process. An interruption waits while the guard is held.
pub(crate) fn owned() -> Result<MutexGuard<'static, Owned>> {
    static HANDLER: OnceLock<Result<(), String>> = OnceLock::new();
    HANDLER
        .get_or_init(|| ctrlc::set_handler(end).map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|error| anyhow!("cannot watch for Ctrl-C: {error}"))?;
    Ok(lock())
}

fn end() {
    // Held to the end of the process, so that the task itself does not stop the server as well.
    let mut owned = lock();
    say("interrupted");
    if let Some((leader, instance)) = owned.take()
        && let Err(error) = instance.stop(leader)
    {
        say(&format!("error: {error:#}"));
    }
    std::process::exit(INTERRUPTED);
}

fn lock() -> MutexGuard<'static, Owned> {
    OWNED.lock().unwrap_or_else(PoisonError::into_inner)
}
