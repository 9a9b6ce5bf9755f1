//! Ctrl-C and SIGTERM. A command that only reads stops at once. A command that writes finishes what it
//! started.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kxi_auth_core::CancelHandle;
use tokio::sync::watch;

use crate::failure::Failure;
use crate::output::Printer;

/// Listens for the signals from the time it is created.
pub(crate) struct Interrupt {
    signals: watch::Receiver<usize>,
    cancel: CancelHandle,
    /// Whether something may have been changed.
    changing: Arc<AtomicBool>,
    /// Whether the change is complete and only the result remains to be printed.
    done: Cell<bool>,
    /// How many signals have been handled. They must not affect work that is watched later.
    noticed: Cell<usize>,
}

impl Interrupt {
    /// Must be called inside the Tokio runtime.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let (count, signals) = watch::channel(0);
        let mut listener =
            Listener::new().map_err(|error| Failure::local(format!("cannot listen for Ctrl-C: {error}")))?;
        tokio::spawn(async move {
            while listener.next().await.is_some() {
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self::of(signals))
    }

    fn of(signals: watch::Receiver<usize>) -> Self {
        let (changing, done, noticed) = (Arc::default(), Cell::new(false), Cell::new(0));
        Self { signals, cancel: CancelHandle::new(), changing, done, noticed }
    }

    /// Returns a function to call before each request that changes something on the server.
    pub(crate) fn on_write(&self) -> impl Fn() + Send + Sync + 'static {
        let changing = Arc::clone(&self.changing);
        move || changing.store(true, Ordering::Relaxed)
    }

    /// Records that changes start now, on this machine or on the server.
    pub(crate) fn begin_change(&self) {
        self.changing.store(true, Ordering::Relaxed);
    }

    /// Shows whether something may have been changed.
    pub(crate) fn changing(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.changing)
    }

    /// What the `count`th signal means: `Err` stops the work, `Ok` is a note to show.
    fn meaning(&self, count: usize) -> Result<&'static str, Failure> {
        if !self.changing.load(Ordering::Relaxed) {
            return Err(Failure::interrupted("interrupted; nothing was changed"));
        }
        if self.done.get() {
            return Err(Failure::interrupted("interrupted while printing the result"));
        }
        if count > 1 {
            return Err(Failure::interrupted("interrupted during a change").with_hint(
                "run `kxi-auth client get ID` to see what was done; `client register` or `apply` completes it",
            ));
        }
        Ok("interrupted: finishing the current change; interrupt again to stop immediately")
    }

    /// Cancelled by the first signal, so that bulk work starts nothing more.
    pub(crate) fn cancel_handle(&self) -> &CancelHandle {
        &self.cancel
    }

    /// Whether a signal has arrived.
    pub(crate) fn is_interrupted(&self) -> bool {
        *self.signals.borrow() > 0
    }

    /// Runs a command, or prints its result. Before the first change, a signal stops the work at once. After
    /// that, the first signal lets the work finish what it started, so that no client is left half
    /// registered, and the second signal stops it. Work that only prints the result of a change also stops at
    /// once.
    pub(crate) async fn watch<T>(
        &self,
        printer: &Printer,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::pin!(work);
        let mut signals = self.signals.clone();
        loop {
            let noticed = self.noticed.get();
            let next = async { signals.wait_for(|count| *count > noticed).await.map(|count| *count) };
            tokio::select! {
                outcome = &mut work => {
                    self.done.set(true);
                    return outcome;
                }
                Ok(count) = next => {
                    self.noticed.set(count);
                    self.cancel.cancel();
                    printer.note(self.meaning(count)?);
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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::output::Format;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn what_is_printed_after_an_interrupted_change_is_printed() {
        run(async {
            let (count, signals) = watch::channel(0);
            let (interrupt, printer) = (Interrupt::of(signals), Printer::of_format(Format::Table));
            let change = async {
                (interrupt.on_write())();
                count.send_replace(1);
                while interrupt.noticed.get() == 0 {
                    tokio::task::yield_now().await;
                }
                Ok(())
            };
            interrupt.watch(&printer, change).await.unwrap();
            // The old signal does not stop the printing, however long it takes. A new one does.
            let print = async {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                Ok(())
            };
            interrupt.watch(&printer, print).await.unwrap();
            count.send_replace(2);
            let failure = interrupt.watch(&printer, pending::<Result<(), _>>()).await.unwrap_err();
            assert_eq!(failure.message(), "interrupted while printing the result");
            assert!(interrupt.is_interrupted() && interrupt.cancel_handle().is_cancelled());
        });
    }

    #[test]
    fn two_signals_end_a_change_and_one_ends_a_reading() {
        run(async {
            for (writing, signals, message) in
                [(false, 1, "interrupted; nothing was changed"), (true, 2, "interrupted during a change")]
            {
                let (count, receiver) = watch::channel(0);
                let (interrupt, printer) = (Interrupt::of(receiver), Printer::of_format(Format::Table));
                if writing {
                    (interrupt.on_write())();
                }
                count.send_replace(signals);
                let failure = interrupt.watch(&printer, pending::<Result<(), _>>()).await.unwrap_err();
                assert_eq!((failure.message(), failure.exit_code()), (message, 130));
            }
            let (_count, receiver) = watch::channel(0);
            let interrupt = Interrupt::of(receiver);
            let done = interrupt.watch(&Printer::of_format(Format::Table), ready(Ok(5))).await;
            assert_eq!(done.unwrap(), 5);
        });
    }
}
