use crate::error::Error;

impl Error {
    /// The error for an internal ID that no path can contain.
    pub(crate) fn bad_internal_id(what: &'static str, name: &str, id: &str) -> Self {
        let found = if id.is_empty() { "empty".to_owned() } else { format!("`{}`", id.escape_debug()) };
        let reason = format!("its internal ID (`id`) is {found}, so no request can address it");
        Self::BadStoredData { what, name: name.to_owned(), reason }
    }
}
