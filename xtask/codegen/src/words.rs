//! Words of a URL path, as identifiers are made of them.

use heck::ToSnakeCase as _;

/// The literal segments of a path template, each word in the singular: `/users/{id}/role-mappings`
/// -> `user`, `role_mapping`.
pub(crate) fn literals(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
        .map(|segment| {
            let words = segment.to_snake_case();
            words.split('_').map(singular).collect::<Vec<_>>().join("_")
        })
        .collect()
}

/// The last parameter of a path template, as an identifier.
pub(crate) fn last_parameter(path: &str) -> Option<String> {
    path.rsplit('/')
        .find_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(heck::ToSnakeCase::to_snake_case)
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let keeps_its_s = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        Some(stem) if !keeps_its_s => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_singular_identifiers_without_the_parameters() {
        assert_eq!(literals("users/{user-id}/role-mappings/realm"), ["user", "role_mapping", "realm"]);
        assert_eq!(literals("client-policies/policies"), ["client_policy", "policy"]);
        assert_eq!(literals("clients-initial-access"), ["client_initial_access"]);
        assert_eq!(literals("testSMTPConnection"), ["test_smtp_connection"]);
        assert_eq!(literals("addresses/status/boxes"), ["address", "status", "box"]);
    }

    #[test]
    fn the_last_parameter_is_found_in_any_spelling() {
        assert_eq!(
            last_parameter("/a/{b}/c/{newPreviousCredentialId}/d").as_deref(),
            Some("new_previous_credential_id")
        );
        assert_eq!(last_parameter("/a/b"), None);
    }
}
