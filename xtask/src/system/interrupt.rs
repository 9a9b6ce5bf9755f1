//! Ctrl-C (and a request to end): what this process started ends with it.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Result, anyhow};

use crate::workspace::say;

/// The exit code of an interrupted program.
const INTERRUPTED: i32 = 130;

/// Ends what was started. It may be called again if it fails.
type Stop = Box<dyn Fn() -> Result<()> + Send>;

static OWNED: Mutex<Option<Stop>> = Mutex::new(None);

/// How to end what is to end with this process. An interruption waits while the guard is held.
pub(crate) fn owned() -> Result<MutexGuard<'static, Option<Stop>>> {
    static HANDLER: OnceLock<Result<(), String>> = OnceLock::new();
    HANDLER
        .get_or_init(|| ctrlc::set_handler(end).map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|error| anyhow!("cannot watch for Ctrl-C: {error}"))?;
    Ok(lock())
}

/// Ends what was started. False if there is nothing to end.
pub(crate) fn stop() -> Result<bool> {
    let mut owned = owned()?;
    let Some(stop) = owned.as_ref() else { return Ok(false) };
    stop()?;
    *owned = None;
    Ok(true)
}

fn end() {
    // Held to the end of the process, so that the task itself does not stop anything as well.
    let mut owned = lock();
    say("interrupted");
    if let Some(stop) = owned.take()
        && let Err(error) = stop()
    {
        say(&format!("error: {error:#}"));
    }
    std::process::exit(INTERRUPTED);
}

fn lock() -> MutexGuard<'static, Option<Stop>> {
    OWNED.lock().unwrap_or_else(PoisonError::into_inner)
}
