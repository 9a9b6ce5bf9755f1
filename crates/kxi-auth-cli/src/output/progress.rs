//! A bar on standard error for what takes longer than a second on a terminal.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long nothing is shown: most work is done by then.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

thread_local! {
    /// The bar that is shown: who writes a line of their own has to clear it first.
    static SHOWN: RefCell<Option<ProgressBar>> = const { RefCell::new(None) };
}

/// A bar, or nothing where nobody looks: not on a terminal, on one that cannot move its cursor, `--quiet`,
/// or traces in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn new(wanted: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { shown: wanted && !dumb && std::io::stderr().is_terminal() }
    }

    /// Lets `say` write to the terminal without a bar in its way.
    pub(crate) fn aside(say: impl FnOnce()) {
        match SHOWN.with_borrow(Clone::clone) {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Shows that something is waited for while `work` goes on.
    pub(crate) async fn during<T>(self, what: &str, work: impl Future<Output = T>) -> T {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        self.show(bar, work).await
    }

    /// Shows how many of `total` are done while `work`, which is given the bar to move, goes on.
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
        // Cleared as well where an interrupt drops this.
        let _clear = Clear(bar);
        work.await
    }
}

/// Takes the bar off the terminal at the end.
struct Clear(ProgressBar);

impl Drop for Clear {
    fn drop(&mut self) {
        SHOWN.set(None);
        self.0.finish_and_clear();
    }
}
