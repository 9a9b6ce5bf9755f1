use std::fmt;

/// A role name that does not exist in the realm, or among the roles of its client. `Display` shows the name in backticks
/// and suggests a similar one if there is one.
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
    /// The client ID of the client that has no such role. `None` if a realm role was asked for.
    pub client: Option<String>,
    /// The most similar name of an existing role of the realm or of this client. `None` if no name is more than half
    /// alike.
    pub nearest: Option<String>,
}

/// A client that does not exist in the realm, although roles of it were asked for.
///
/// Part of [`Error::UnknownRoles`](crate::Error::UnknownRoles).
///
/// # Examples
///
/// ```
/// use kxi_auth_core::Error;
///
/// fn missing(error: &Error) -> Vec<&str> {
///     let Error::UnknownRoles { unknown_clients, .. } = error else { return Vec::new() };
///     unknown_clients.iter().map(|client| client.name.as_str()).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownClient {
    /// The client ID that was asked for.
    pub name: String,
    /// The most similar client ID in the realm, if one was found.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name.escape_debug())?;
        if let Some(client) = &self.client {
            write!(f, " of the client `{}`", client.escape_debug())?;
        }
        suggest(f, self.nearest.as_deref())
    }
}

impl fmt::Display for UnknownClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name.escape_debug())?;
        suggest(f, self.nearest.as_deref())
    }
}

fn suggest(f: &mut fmt::Formatter<'_>, nearest: Option<&str>) -> fmt::Result {
    match nearest {
        Some(nearest) => write!(f, " (did you mean `{}`?)", nearest.escape_debug()),
        None => Ok(()),
    }
}
