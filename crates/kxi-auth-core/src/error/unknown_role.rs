use std::fmt;

/// A name that no role of the realm has. It displays as the name in backticks and what may be meant.
///
/// Told by [`Error::UnknownRoles`].
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Error;
///
/// fn corrections(error: &Error) -> Vec<(&str, &str)> {
///     let Error::UnknownRoles { unknown, .. } = error else { return Vec::new() };
///     unknown.iter().filter_map(|role| Some((role.name.as_str(), role.nearest.as_deref()?))).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownRole {
    /// The name that was asked for.
    pub name: String,
    /// The existing role whose name is most like it; none if there is none that is half alike.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name.escape_debug())?;
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean `{}`?)", nearest.escape_debug()),
            None => Ok(()),
        }
    }
}
