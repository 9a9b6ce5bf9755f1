use std::sync::Arc;

/// The function that is called after each item.
pub(super) type Callback = Arc<dyn Fn(Progress) + Send + Sync>;

/// The progress of a [`Bulk`](crate::Bulk), reported after each item.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Progress;
///
/// fn show(progress: Progress) {
///     let outcome = if progress.ok { "done" } else { "failed" };
///     eprintln!("{}/{} {} {outcome}", progress.done, progress.total, progress.id);
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of finished items, including this one, whether they succeeded or not.
    pub done: usize,
    /// The number of all items.
    pub total: usize,
    /// The index of this item, from 0. Items finish in any order.
    pub index: usize,
    /// The client ID of this item.
    pub id: String,
    /// Whether the item succeeded. False also if it was rejected or cancelled.
    pub ok: bool,
}
