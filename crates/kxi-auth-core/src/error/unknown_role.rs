use std::fmt;

/// A role name that does not exist in the realm. `Display` shows the name in backticks and suggests a similar
/// one if there is one.
///
/// Part of [`Error::UnknownRoles`](crate::Error::UnknownRoles).
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
    /// The most similar name of an existing role. `None` if no name is more than half alike.
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
