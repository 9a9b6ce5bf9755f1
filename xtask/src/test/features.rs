//! What the end-to-end tests show to a reader: features, each by the modules that test it.

/// The features, in the order of the table, each with the modules of `tests/e2e` that test it.
pub(super) const FEATURES: [(&str, &[&str]); 15] = [
    (
        "Connect and sign in",
        &["library::connect", "library::endpoint", "library::session", "command::sign_in"],
    ),
    (
        "Register a client",
        &["library::register", "library::properties", "library::blocking", "command::client::register"],
    ),
    ("Update a client, with nothing lost", &["library::kept", "library::stored", "library::update"]),
    (
        "Get, list and delete clients",
        &["library::list", "command::client::life", "command::client::list", "command::bad_ids"],
    ),
    ("Secrets and tokens of clients", &["command::client::secrets", "command::client::token"]),
    (
        "Roles",
        &[
            "library::roles",
            "library::client_roles",
            "library::groups",
            "library::default_role",
            "command::client::roles",
            "command::account",
        ],
    ),
    ("Many clients at once", &["library::bulk", "library::bulk_ended"]),
    (
        "Plan and apply",
        &[
            "library::plan",
            "command::apply",
            "command::apply_ended",
            "command::apply_overtaken",
            "command::apply_owner",
            "command::apply_stored",
        ],
    ),
    ("Export", &["command::export", "command::export_left_out"]),
    ("Doctor", &["library::diagnose", "command::doctor"]),
    (
        "Built-in clients and the own client are guarded",
        &["command::client::guarded", "command::client::permissions_client", "command::own_client"],
    ),
    ("Admins who see only some clients", &["library::fine_grained", "command::filtered_list"]),
    ("Faults on the way, and killed runs", &["library::faults", "command::client::in_doubt", "seeded"]),
    ("Terminal", &["command::terminal", "command::hostile_text"]),
    (
        "Pages and earlier commands",
        &["pages::operators", "pages::reader", "pages::readme", "pages::short", "command::old_words"],
    ),
];

/// The module that is about no feature: it runs all others and searches what they traced.
#[cfg(test)]
const ABOUT_ALL: &str = "trace";

/// The place in [`FEATURES`] of what this test shows.
pub(super) fn of(test: &str) -> Option<usize> {
    let (module, _) = test.rsplit_once("::")?;
    FEATURES.iter().position(|(_, modules)| modules.contains(&module))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::workspace::root;

    /// The modules below `folder` that have tests, by their paths.
    fn modules(folder: &Path, path: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            if file.is_dir() {
                modules(&file, &format!("{path}{stem}::"), found);
            } else if file.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&file).unwrap();
                let has_tests = ["#[test]", "#[tokio::test"].iter().any(|mark| text.contains(mark));
                let module = if stem == "mod" {
                    path.trim_end_matches("::").to_owned()
                } else {
                    format!("{path}{stem}")
                };
                found.extend(has_tests.then_some(module));
            }
        }
    }

    #[test]
    fn every_module_of_the_end_to_end_tests_belongs_to_one_feature() {
        let mut found = Vec::new();
        modules(&root().join("tests/e2e"), "", &mut found);
        found.retain(|module| module != ABOUT_ALL);
        found.sort();
        let mut listed: Vec<&str> =
            FEATURES.iter().flat_map(|(_, modules)| modules.iter().copied()).collect();
        listed.sort_unstable();
        assert_eq!(listed, found, "each module with tests stands in FEATURES, once");
    }

    #[test]
    fn a_test_shows_the_feature_of_its_module() {
        let name = |test| of(test).map(|feature| FEATURES[feature].0);
        assert_eq!(name("command::client::list::a_test"), Some("Get, list and delete clients"));
        assert_eq!(name("command::apply_ended::a_test"), Some("Plan and apply"));
        assert_eq!(name("trace::a_test"), None);
        assert_eq!(name("a_test"), None);
    }
}
