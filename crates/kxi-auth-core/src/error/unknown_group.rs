use std::fmt;

use crate::error::text::excerpt;

/// Groups that do not exist in the realm. Nothing was changed.
///
/// Part of [`Error::UnknownGroups`](crate::Error::UnknownGroups).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Error;
///
/// fn missing(error: &Error) -> Vec<&str> {
///     let Error::UnknownGroups(groups) = error else { return Vec::new() };
///     groups.paths.iter().map(String::as_str).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct UnknownGroups {
    /// The realm that was searched.
    pub realm: String,
    /// The path of each unknown group.
    pub paths: Vec<String>,
}

impl fmt::Display for UnknownGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { realm, paths } = self;
        let s = if paths.len() == 1 { "" } else { "s" };
        let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", excerpt(path))).collect();
        write!(f, "unknown group{s} in the realm `{realm}`: {}", paths.join(", "))
    }
}
