//! What a secret file holds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::seeded::facts::Place;
use crate::seeded::wanted::File;

/// The secret in a secret file.
pub(super) fn secret(file: &File, content: &str) -> Option<String> {
    match file.format {
        "raw" => Some(content.to_owned()),
        "json" => serde_json::from_str::<Value>(content).ok()?["client_secret"].as_str().map(str::to_owned),
        _ => variables(file, content).remove("INSIGHTS_CLIENT_SECRET"),
    }
}

/// What is wrong with a secret file beside the secret.
pub(super) fn wrong_beside(file: &File, content: &str, id: &str, place: &Place) -> Vec<String> {
    let expected = [
        ("INSIGHTS_URL", "host", place.host.as_str()),
        ("INSIGHTS_REALM", "realm", &place.realm),
        ("INSIGHTS_CLIENT_ID", "client_id", id),
    ];
    let json: Value = serde_json::from_str(content).unwrap_or_default();
    let variables = variables(file, content);
    let is_so = |(variable, key, value): &(&str, &str, &str)| match file.format {
        "raw" => true,
        "json" => json[*key] == **value,
        _ => variables.get(*variable).is_some_and(|found| found == value),
    };
    let wrong = expected.iter().filter(|expected| !is_so(expected));
    wrong.map(|(name, ..)| format!("{} does not have the {name} of `{id}`", file.name)).collect()
}

/// The variables of a file for a shell, or of a Kubernetes Secret.
fn variables(file: &File, content: &str) -> BTreeMap<String, String> {
    let sign = if file.format == "env" { "=" } else { ": " };
    let pairs = content.lines().filter_map(|line| line.trim().split_once(sign));
    // None of these values needs quotes, except for YAML, where they do not matter.
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";

    fn place() -> Place {
        Place { host: "http://127.0.0.1:8080".to_owned(), realm: "insights".to_owned() }
    }

    fn contents() -> [(&'static str, String); 4] {
        let env = format!(
            "INSIGHTS_URL=http://127.0.0.1:8080\nINSIGHTS_REALM=insights\nINSIGHTS_CLIENT_ID=svc\n\
             INSIGHTS_CLIENT_SECRET={SECRET}\n"
        );
        let json = format!(
            r#"{{"host":"http://127.0.0.1:8080","realm":"insights","client_id":"svc","client_secret":"{SECRET}"}}"#
        );
        let kubernetes = format!(
            "kind: Secret\nstringData:\n  INSIGHTS_URL: \"http://127.0.0.1:8080\"\n  INSIGHTS_REALM: insights\n  \
             INSIGHTS_CLIENT_ID: svc\n  INSIGHTS_CLIENT_SECRET: {SECRET}\n"
        );
        [("raw", SECRET.to_owned()), ("env", env), ("json", json), ("kubernetes", kubernetes)]
    }

    #[test]
    fn each_format_is_read() {
        for (format, content) in contents() {
            let file = File { name: "1.out".to_owned(), format };
            assert_eq!(secret(&file, &content).as_deref(), Some(SECRET), "{format}");
            assert_eq!(wrong_beside(&file, &content, "svc", &place()), [""; 0], "{format}");
        }
    }

    #[test]
    fn another_server_realm_or_client_is_found() {
        for (format, content) in contents() {
            let file = File { name: "1.out".to_owned(), format };
            let wrong =
                |from: &str, to: &str| wrong_beside(&file, &content.replace(from, to), "svc", &place());
            let expected = usize::from(format != "raw");
            for (from, to) in [("8080", "8081"), ("insights", "master"), ("svc", "svd")] {
                assert_eq!(wrong(from, to).len(), expected, "{format}: {from}");
            }
            let other = secret(&file, &content.replace(SECRET, "b"));
            assert_eq!(other.as_deref(), Some("b"), "{format}");
        }
        let file = File { name: "1.out".to_owned(), format: "json" };
        assert_eq!(secret(&file, "{"), None);
    }
}
