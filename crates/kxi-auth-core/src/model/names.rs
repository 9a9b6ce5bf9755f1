//! Suggestions for misspelled names, and the name of a service account's user.

/// The longest name that is suggested, in characters. A role's name has at most as many.
const LONGEST: usize = 255;

/// The most similar name among `candidates`. `None` if no candidate is more than half alike. Only letters and
/// digits are compared, ignoring case, so `redirect_uris` matches `redirectUris`.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::nearest_name;
///
/// let roles = ["insights.query.data", "insights.role.viewer"];
/// assert_eq!(nearest_name("insights.query.dat", roles), Some("insights.query.data"));
/// assert_eq!(nearest_name("zz", roles), None);
/// ```
#[must_use]
pub fn nearest_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = plain(name);
    if name.is_empty() {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().nth(LONGEST).is_none())
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&name, &plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

/// The name of the user of a client's service account. The server converts the client ID to lower case (observed on
/// Keycloak 22.0.5 to 26.7.3).
pub(crate) fn service_account_name(client_id: &str) -> String {
    format!("service-account-{}", client_id.to_lowercase())
}

fn plain(name: &str) -> String {
    // The time to compare grows with the square of the length.
    name.chars().filter(|c| c.is_alphanumeric()).take(LONGEST).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_counts_and_case_and_separators_do_not() {
        let fields = ["redirectUris", "rootUrl", "description"];
        for (name, nearest) in [
            ("redirect_uris", Some("redirectUris")),
            ("RootURL", Some("rootUrl")),
            ("descripton", Some("description")),
            ("zzz", None),
            ("", None),
            ("--", None),
        ] {
            assert_eq!(nearest_name(name, fields), nearest, "{name}");
        }
    }
}
