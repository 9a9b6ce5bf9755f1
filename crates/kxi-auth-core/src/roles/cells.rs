//! Values that several operations share and that are read at most once each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::error::Error;

/// Values by key. Different ones can be read at the same time. A failure is not kept.
pub(crate) struct Cells<T>(Mutex<HashMap<String, Arc<OnceCell<T>>>>);

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Cells<T> {
    /// The value of this key. The first caller reads it; callers that come in the meantime wait for it.
    pub(crate) async fn get_or_read<R>(&self, key: &str, read: impl FnOnce() -> R) -> Result<T, Error>
    where
        R: Future<Output = Result<T, Error>>,
    {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.to_owned()).or_default())
        };
        cell.get_or_try_init(read).await.cloned()
    }
}
