use std::fmt;
use std::sync::Arc;

/// The transport's error behind an [`Error`](crate::Error), returned by its
/// [`source`](std::error::Error::source).
///
/// Cloning it is cheap: every caller that waited for the same failed sign-in gets a copy of the error.
///
/// # Examples
///
/// ```
/// fn chain(error: &kxi_auth_core::Error) -> String {
///     let mut text = error.to_string();
///     let mut cause = std::error::Error::source(error);
///     while let Some(next) = cause {
///         text += &format!(": {next}");
///         cause = next.source();
///     }
///     text
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: reqwest::Error) -> Self {
        Self(Arc::new(error))
    }

    /// Whether no connection was made. Nothing can have been sent then.
    pub(crate) fn is_connect(&self) -> bool {
        self.0.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
