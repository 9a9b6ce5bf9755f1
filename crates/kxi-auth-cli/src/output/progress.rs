//! A progress bar on standard error for work that takes longer than a second. It is shown on terminals only.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long to wait before showing a bar. Most work is done by then.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

thread_local! {
    /// The bar that is currently shown. It must be cleared before another line is written.
    static SHOWN: RefCell<Option<ProgressBar>> = const { RefCell::new(None) };
}

/// Shows progress bars. No bar is shown if standard error is not a terminal, if the terminal is dumb, with
/// `--quiet`, or with `--verbose`, where traces replace it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn new(wanted: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { shown: wanted && !dumb && std::io::stderr().is_terminal() }
    }

    /// Hides the bar while `say` writes to the terminal.
    pub(crate) fn aside(say: impl FnOnce()) {
        match SHOWN.with_borrow(Clone::clone) {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Shows a spinner while `work` runs.
    pub(crate) async fn during<T>(self, what: &str, work: impl Future<Output = T>) -> T {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        self.show(bar, work).await
    }

    /// Shows how many of `total` items are done while `work` runs. `work` gets the bar and advances it.
    pub(crate) async fn counting<T, F: Future<Output = T>>(
        self,
        what: &str,
        total: usize,
        work: impl FnOnce(ProgressBar) -> F,
    ) -> T {
        let total = u64::try_from(total).ok();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        let work = work(bar.clone());
        self.show(bar, work).await
    }

    async fn show<T>(self, bar: ProgressBar, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        if self.shown {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
            SHOWN.set(Some(bar.clone()));
        }
        // Also clears the bar if an interrupt drops this future.
        let _clear = Clear(bar);
        work.await
    }
}

/// Removes the bar from the terminal when dropped.
struct Clear(ProgressBar);

impl Drop for Clear {
    fn drop(&mut self) {
        SHOWN.set(None);
        self.0.finish_and_clear();
    }
}
