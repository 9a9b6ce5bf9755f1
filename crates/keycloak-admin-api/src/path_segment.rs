//! One segment of a URL path.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// An ID or a name that becomes one segment of a URL path (RFC 3986, section 3.3).
///
/// Any text reaches the server as one segment (`/`, `\`, `;`, `%`, spaces, control characters, any Unicode),
/// except three: the empty text, `.` and `..`. Every URL parser resolves these, even if they are encoded. A
/// request for a client called `..` would become a request for the whole realm.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::PathSegment;
///
/// assert!(PathSegment::new("a/b").is_ok());
/// assert!(PathSegment::new("..").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathSegment(String);

impl PathSegment {
    /// Wraps the text, which must not be encoded. `try_from` does the same.
    ///
    /// # Errors
    ///
    /// [`InvalidPathSegment`] if it is empty, `.` or `..`.
    ///
    /// # Examples
    ///
    /// ```
    /// use keycloak_admin_api::PathSegment;
    ///
    /// let realm = PathSegment::new("insights")?;
    /// # Ok::<(), keycloak_admin_api::InvalidPathSegment>(())
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPathSegment> {
        let text = text.into();
        match text.as_str() {
            "" | "." | ".." => Err(InvalidPathSegment(text)),
            _ => Ok(Self(text)),
        }
    }

    /// The original text, not encoded.
    ///
    /// # Examples
    ///
    /// ```
    /// # use keycloak_admin_api::PathSegment;
    /// assert_eq!(PathSegment::new("a b")?.as_str(), "a b");
    /// # Ok::<(), keycloak_admin_api::InvalidPathSegment>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl TryFrom<&str> for PathSegment {
    type Error = InvalidPathSegment;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A text that cannot be a segment of a URL path: the empty text, `.` or `..`.
///
/// # Examples
///
/// ```
/// let error = keycloak_admin_api::PathSegment::new("..").unwrap_err();
/// assert!(error.to_string().starts_with("`..` cannot be part of a URL path"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPathSegment(String);

impl fmt::Display for InvalidPathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be part of a URL path: it would name another resource", self.0)
    }
}

impl std::error::Error for InvalidPathSegment {}

/// Everything is encoded except the characters that RFC 3986 calls unreserved. A Java server would read
/// parameters after `;`, and URL parsers treat `\` as a separator.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a segment for the generated client.
pub(crate) fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
