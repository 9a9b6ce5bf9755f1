use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends a [`Bulk`](crate::Bulk) early. Items in flight finish; items that have not started get
/// [`Error::Cancelled`](crate::Error::Cancelled). Clones are the same handle, and one handle can end several. A
/// cancellation cannot be undone.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) {
/// use kxi_auth_core::CancelHandle;
///
/// let items = ["svc-a", "svc-b", "svc-c"].map(|id| manager.register_client(id));
/// let at_first_failure = CancelHandle::new();
/// let handle = at_first_failure.clone();
/// let outcomes = manager
///     .register_clients(items)
///     .cancellation(&at_first_failure)
///     .on_progress(move |progress| {
///         if !progress.ok {
///             handle.cancel();
///         }
///     })
///     .await;
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<AtomicBool>);

impl CancelHandle {
    /// Creates a handle that is not cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!kxi_auth_core::CancelHandle::new().is_cancelled());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops further items from starting. It can be called at any time, from any thread, and more than once.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = kxi_auth_core::CancelHandle::new();
    /// handle.clone().cancel();
    /// assert!(handle.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!kxi_auth_core::CancelHandle::default().is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
