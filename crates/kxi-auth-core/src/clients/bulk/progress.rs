use std::sync::Arc;

/// What is called after each item.
pub(super) type Callback = Arc<dyn Fn(Progress) + Send + Sync>;

/// How far a [`Bulk`](crate::Bulk) is, told after each item.
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
    /// Items that are finished, this one included, whatever their outcome.
    pub done: usize,
    /// All items.
    pub total: usize,
    /// The place of this item among all, from 0. Items finish in any order.
    pub index: usize,
    /// The client id of this item.
    pub id: String,
    /// Whether it succeeded; false also if it was refused or cancelled.
    pub ok: bool,
}
