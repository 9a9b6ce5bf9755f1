//! Ctrl-C and SIGTERM: what only reads ends at once; what writes finishes what it has begun.

use std::cell::Cell;

use kxi_auth_core::CancelHandle;
use tokio::sync::watch;

use crate::failure::Failure;
use crate::output::Printer;

/// Listens for the signals from its creation on.
pub(crate) struct Interrupt {
    signals: watch::Receiver<usize>,
    cancel: CancelHandle,
    writing: Cell<bool>,
}

impl Interrupt {
    /// Must be called in the runtime.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let (count, signals) = watch::channel(0);
        let mut listener =
            Listener::new().map_err(|error| Failure::local(format!("cannot listen for Ctrl-C: {error}")))?;
        tokio::spawn(async move {
            while listener.next().await.is_some() {
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { signals, cancel: CancelHandle::new(), writing: Cell::new(false) })
    }

    /// Says that from now on something may be changed on the server.
    pub(crate) fn begin_writing(&self) {
        self.writing.set(true);
    }

    /// Cancelled by the first signal: bulk work begins nothing more.
    pub(crate) fn cancel_handle(&self) -> &CancelHandle {
        &self.cancel
    }

    /// Whether a signal has come.
    pub(crate) fn is_interrupted(&self) -> bool {
        *self.signals.borrow() > 0
    }

    /// Runs a command. Before it writes, a signal ends it at once; after that the first one lets it finish
    /// what it has begun, so that nothing is left half registered, and the second one ends it.
    pub(crate) async fn watch<T>(
        &self,
        printer: &Printer,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::pin!(work);
        let mut signals = self.signals.clone();
        loop {
            tokio::select! {
                done = &mut work => return done,
                Ok(()) = signals.changed() => {
                    self.cancel.cancel();
                    if !self.writing.get() {
                        return Err(Failure::interrupted("interrupted; nothing was changed"));
                    }
                    if *signals.borrow_and_update() > 1 {
                        return Err(Failure::interrupted("interrupted in the middle of a change")
                            .with_hint("run the same command again to complete it"));
                    }
                    printer.note("interrupted: finishing what is begun; once more to stop at once");
                }
            }
        }
    }
}

#[cfg(unix)]
struct Listener {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Listener {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) -> Option<()> {
        tokio::select! {
            signal = self.interrupt.recv() => signal,
            signal = self.terminate.recv() => signal,
        }
    }
}

#[cfg(not(unix))]
struct Listener;

#[cfg(not(unix))]
impl Listener {
    #[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}
