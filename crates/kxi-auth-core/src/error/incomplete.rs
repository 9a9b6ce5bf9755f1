use crate::error::hint::Hint;
use crate::error::step::{Step, progress};
use crate::error::text::excerpt;

/// An operation that failed after a part of it was carried out, or may have been: the response to a change was lost, or
/// a later step failed. What was done stays.
///
/// Part of [`Error::Incomplete`](crate::Error::Incomplete), with an [`Error`](crate::Error) as the cause.
///
/// # Examples
///
/// ```no_run
/// # async fn f(manager: kxi_auth_core::ClientManager) {
/// use kxi_auth_core::{Error, Step};
///
/// if let Err(Error::Incomplete(incomplete)) = manager.register_client("my-service").await {
///     println!("exists: {}", incomplete.done.contains(&Step::Create));
/// }
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("client `{}` {}: {cause}", excerpt(client), progress(done, *failed, *in_doubt, *steps))]
#[non_exhaustive]
pub struct Incomplete<E> {
    /// The client ID, or the UUID if the caller named the client by it.
    pub client: String,
    /// The steps that were carried out.
    pub done: Vec<Step>,
    /// The step that failed.
    pub failed: Step,
    /// Whether the failed step may have been carried out nevertheless. The server was asked again, and its response did
    /// not show that it was.
    pub in_doubt: bool,
    /// How many steps the operation has.
    pub steps: usize,
    /// What shows or completes the change, if that is known.
    pub hint: Option<Hint>,
    /// Why the step failed.
    #[source]
    pub cause: Box<E>,
}
