use proptest::prelude::*;

use super::*;
use crate::declaration::parse;

const MARKER: &str = "s3cr3t-marker";

/// A valid declaration, with the marker in each place where a value may be a secret.
const PLANTED: &str = "\
owner: o
clients:
  - id: a
    roles: [viewer, \"b c\"]
    token_lifespan: 300
    config:
      description: s3cr3t-marker
      attributes: {one: s3cr3t-marker, two: 's3cr3t-marker', three: \"s3cr3t-marker\"}
      redirectUris: [s3cr3t-marker, &x s3cr3t-marker]
      nested:
        - s3cr3t-marker
        - |
          s3cr3t-marker
    secret: {env: s3cr3t-marker}
    secret_out: {file: s3cr3t-marker.txt, format: json}
  - id: b
    secret: {file: s3cr3t-marker.key}
    secret_out: s3cr3t-marker
";

/// Replaces, removes or inserts pieces of the text.
fn mutated(text: &str, changes: &[(usize, usize, String)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (start, length, replacement) in changes {
        let start = start % (text.len() + 1);
        let end = (start + length).min(text.len());
        text.splice(start..end, replacement.chars());
    }
    text.into_iter().collect()
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = vec![
        "",
        "",
        "s3cr3t-marker",
        "secret: s3cr3t-marker",
        ": ",
        "\n",
        "  ",
        "\t",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "'",
        "\"",
        "*x",
        "&x ",
        "!!int ",
        "!!binary ",
        "!!s3cr3t-marker ",
        "<<: ",
        "---\n",
        "...\n",
        "%",
        "@",
        "#",
        "|\n",
        "? ",
        "\\",
        "\u{FEFF}",
        "\0",
        "\r",
        ",",
        "null",
        "1",
        "true",
        "*s3cr3t-marker ",
    ];
    prop_oneof![3 => prop::sample::select(pieces).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

    #[test]
    fn no_error_repeats_a_value(changes in prop::collection::vec((any::<usize>(), 0_usize..30, piece()), 1..4)) {
        let text = mutated(PLANTED, &changes);
        if let Err(faults) = parse("f", text.as_bytes()) {
            prop_assert!(!faults.lines().is_empty());
            for shown in [faults.to_string(), format!("{faults:?}")] {
                prop_assert!(!shown.contains("s3cr3t"), "{}\n{}", shown, text);
            }
        }
    }

    #[test]
    fn no_text_ends_in_a_panic(bytes in prop_oneof![
        any::<Vec<u8>>(),
        any::<String>().prop_map(String::into_bytes),
        "[ \na:\\-{}\\[\\],&*!|>'\"#?<%@`~0-9.]{0,60}".prop_map(String::into_bytes),
    ]) {
        match parse("f", &bytes) {
            Ok(located) => prop_assert!(!located.declaration.owner.trim().is_empty()),
            Err(faults) => prop_assert!(!faults.to_string().is_empty()),
        }
    }
}

#[test]
fn the_planted_file_is_good() {
    let config = &read(PLANTED).declaration.clients[0].config;
    assert_eq!(serde_json::to_string(config).unwrap().matches(MARKER).count(), 8);
}

#[test]
fn debug_shows_no_value_of_config() {
    let located = read(&with("config: {description: s3cr3t-marker, attributes: {a: s3cr3t-marker}}"));
    let shown = format!("{located:?}");
    assert!(shown.contains("attributes.a") && !shown.contains(MARKER), "{shown}");
}

#[test]
fn an_inline_secret_is_not_repeated() {
    for text in [
        with("secret: s3cr3t-marker"),
        with("secret: {s3cr3t-marker}"),
        with("secret: {s3cr3t-marker: x}"),
        with("secret: [s3cr3t-marker]"),
        with("secret: !!int s3cr3t-marker"),
        with("secret: *s3cr3t-marker"),
        with("secret: \"s3cr3t-marker\\q\""),
        with("secret: s3cr3t-marker: x"),
        with("secret: @s3cr3t-marker"),
        with("secret: !s3cr3t-marker x"),
        with("s3cr3t-marker: x"),
        with("s3cr3t-marker"),
        with("config: {secret: s3cr3t-marker}"),
        with("config: s3cr3t-marker"),
        with("token_lifespan: s3cr3t-marker"),
        with("config: {notBefore: !!float s3cr3t-marker}"),
        "s3cr3t-marker".to_owned(),
    ] {
        let lines = rejected(&text);
        assert!(lines.iter().all(|line| !line.contains("s3cr3t")), "{lines:?}");
    }
}
