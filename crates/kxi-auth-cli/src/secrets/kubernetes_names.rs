//! The names that Kubernetes accepts (RFC 1123; "Object Names and IDs" in its documentation).

/// The rule for `metadata.namespace`.
pub(crate) const LABEL: &str = "at most 63 characters of `a-z`, `0-9` and `-`, the first and last not `-`";
/// The rule for `metadata.name` of a Secret.
pub(crate) const SUBDOMAIN: &str =
    "at most 253 characters of `a-z`, `0-9`, `-` and `.`, each part between the dots without `-` at its ends";

pub(crate) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_part(text)
}

/// Kubernetes limits the whole and not its parts.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().all(|byte| is_alphanumeric(byte) || byte == b'-')
        && text.bytes().next().is_some_and(is_alphanumeric)
        && text.bytes().next_back().is_some_and(is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for good in ["a", "1", "feed-writer", "a--b", &"a".repeat(63)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a.b", "é", &"a".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn subdomains() {
        for good in ["a", "feed.writer", "a-b.c1", &"a".repeat(253)] {
            assert!(is_subdomain(good), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "a.-b", "a-.b", "a/b", &"a".repeat(254)] {
            assert!(!is_subdomain(bad), "{bad}");
        }
    }
}
