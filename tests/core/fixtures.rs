//! The committed fixtures themselves: complete, and free of anything live.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use kxi_auth_tests::recordings::fixture;
use kxi_auth_tests::scenarios;
use regex::Regex;

/// What a live secret, token or machine looks like.
const LIVE: [(&str, &str); 7] = [
    ("a signature of a token", r"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.(?:[^s]|s[^t])[A-Za-z0-9_-]*"),
    ("a secret made by a server or by the core", r"\b[A-Za-z0-9]{43,}\b"),
    ("a bearer token", r"(?i)bearer (?:[^s]|s[^t])"),
    ("a password", r"password=(?:[^s]|s[^t])"),
    (
        "an id that is no stand-in",
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[1-9][0-9a-f]{3}-[0-9a-f]{4}-[1-9a-f][0-9a-f]{11}\b",
    ),
    (
        "an address of this machine",
        r"\b127\.\d+\.\d+\.\d+|localhost|\[::1\]|\b192\.168\.|\b10\.\d+\.\d+\.\d+",
    ),
    ("the name of a temporary realm", r"kxi-test-[0-9a-f]{8}"),
];

/// The first live value of each kind in `text`.
fn live(text: &str) -> Result<Vec<String>> {
    // What is readable within a stand-in for a token is no secret; its signature is looked at first.
    let parts = Regex::new(r"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.stand-in-token-[0-9]+")?;
    let rest = parts.replace_all(text, "");
    // The name of a field is no secret, however long it is.
    let names = Regex::new(r#"\b[A-Za-z]+\\":"#)?;
    let rest = names.replace_all(&rest, "");
    let mut found = Vec::new();
    for (what, pattern) in LIVE {
        if let Some(value) = Regex::new(pattern)?.find(&rest) {
            found.push(format!("{what}: {}", value.as_str()));
        }
    }
    Ok(found)
}

#[test]
fn nothing_live_is_in_a_fixture() -> Result<()> {
    let names = fixture::names()?;
    assert!(!names.is_empty());
    for name in names {
        let text = std::fs::read_to_string(fixture::Fixture::path(&name))?;
        assert_eq!(live(&text)?, Vec::<String>::new(), "{name}");
    }
    Ok(())
}

#[test]
fn what_is_live_is_found() -> Result<()> {
    let stand_in = "eyJhIjoxfQ.eyJhIjoxfQ.stand-in-token-1 stand-in-secret-1 Bearer stand-in-token-1";
    assert_eq!(live(stand_in)?, Vec::<String>::new());
    let examples = [
        "eyJhIjoxfQ.eyJhIjoxfQ.c2lnbmF0dXJl".to_owned(),
        "Zk3".repeat(20),
        "Bearer abc".to_owned(),
        "username=admin&password=hunter2".to_owned(),
        "9b2c1b84-2f0f-4a36-8f0e-1a53c7a1c1de".to_owned(),
        "http://127.0.0.1:8080/auth".to_owned(),
        "kxi-test-0123456789abcdef".to_owned(),
    ];
    for example in examples {
        assert!(!live(&example)?.is_empty(), "{example}");
    }
    Ok(())
}

#[test]
fn each_scenario_has_a_fixture_and_a_test_and_no_fixture_is_left_over() -> Result<()> {
    let scenarios: BTreeSet<_> = scenarios::all().iter().map(|s| s.name.to_owned()).collect();
    let fixtures: BTreeSet<_> = fixture::names()?.into_iter().collect();
    assert_eq!(scenarios, fixtures, "record what is missing, delete what is left over");
    let tested = [
        crate::register::SCENARIOS,
        crate::update::SCENARIOS,
        crate::client::SCENARIOS,
        crate::roles::SCENARIOS,
        crate::sign_in::SCENARIOS,
    ];
    let tested: BTreeSet<_> = tested.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(scenarios, tested);
    Ok(())
}

#[test]
fn the_scenarios_of_one_base_path_and_the_others_are_all_of_them() {
    let names = |scenarios: &[scenarios::Scenario]| -> BTreeSet<_> {
        scenarios.iter().map(|scenario| scenario.name).collect()
    };
    for base in ["/auth", ""] {
        let (chosen, others) = scenarios::of_base(base);
        assert!(!chosen.is_empty() && !others.is_empty());
        assert!(chosen.iter().all(|scenario| scenario.base == base));
        assert_eq!(&names(&chosen) | &names(&others), names(&scenarios::all()));
    }
    assert!(scenarios::of_base("/sso").0.is_empty());
}

#[test]
fn a_fixture_is_written_as_it_is_read() -> Result<()> {
    for name in fixture::names()? {
        let path = fixture::Fixture::path(&name);
        let fixture = fixture::Fixture::read(&name)?;
        assert_eq!(fixture.scenario, name);
        let committed = std::fs::read_to_string(&path).with_context(|| name.clone())?;
        assert_eq!(fixture.to_text()?, committed, "{name} was edited: record it again");
    }
    Ok(())
}
