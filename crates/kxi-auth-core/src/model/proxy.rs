//! The address of a proxy.

use std::ops::Range;

/// Where the user and the password are in a proxy's address, without the `@` behind them. `None` if it has none.
///
/// For programs that show the address. It needs no scheme and has no path, so everything before the last `@` can be a
/// password, and counts as one.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::proxy_credentials;
///
/// let mut proxy = "http://user:password@proxy:3128".to_owned();
/// if let Some(range) = proxy_credentials(&proxy) {
///     proxy.replace_range(range, "********");
/// }
/// assert_eq!(proxy, "http://********@proxy:3128");
/// ```
#[must_use]
pub fn proxy_credentials(address: &str) -> Option<Range<usize>> {
    let at = address.rfind('@')?;
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let end = address.find("://").filter(|end| *end < at && address.get(..*end).is_some_and(is_scheme));
    Some(end.map_or(0, |end| end + 3)..at)
}
