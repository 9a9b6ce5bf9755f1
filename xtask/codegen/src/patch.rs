//! Patches: what the generator has to read differently from what upstream says.
//!
//! Each states where, the value it expects there, what comes instead, and why. One that finds
//! anything else fails: it was written for a document that is no longer this one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::place::{self, Filter};

/// Applies every patch of a patch file to the document, in order.
///
/// All that do not fit are reported at once, so that a new document is gone through in one go.
pub(crate) fn apply(file: &str, document: &mut Value) -> Result<()> {
    let patches: PatchFile = toml::from_str(file).context("the patch file is not understood")?;
    let mut failures = Vec::new();
    for (index, patch) in patches.patch.iter().enumerate() {
        let name = format!("patch {} ({})", index + 1, patch.why.trim());
        patch.apply(document, &mut failures).with_context(|| name.clone())?;
        for failure in failures.iter_mut().filter(|f| !f.starts_with("patch ")) {
            *failure = format!("{name}: {failure}");
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    bail!(
        "{} patches do not fit this document; look at what upstream changed, then mend specs/patches.toml:\n  {}",
        failures.len(),
        failures.join("\n  ")
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PatchFile {
    patch: Vec<Patch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    /// One or more JSON pointers; `*` in a segment stands for everything that is there.
    at: Places,
    /// How many places a pattern has to stand for.
    count: Option<usize>,
    /// What the node of the last `*` must hold to be meant (pointer inside it -> value).
    #[serde(default, rename = "where")]
    equals: BTreeMap<String, Value>,
    /// Pointers inside that node that must lead somewhere.
    #[serde(default)]
    has: Vec<String>,
    /// The expected old value is: nothing at all.
    #[serde(default)]
    absent: bool,
    /// The expected old value.
    expect: Option<Value>,
    /// The expected old value is one of these.
    expect_any: Option<Vec<Value>>,
    /// The new value.
    set: Option<Value>,
    /// Take the old value away.
    #[serde(default)]
    remove: bool,
    /// Keep the value under another name.
    rename: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Places {
    One(String),
    Many(Vec<String>),
}

enum Change<'a> {
    Set(&'a Value),
    Remove,
    Rename(&'a str),
}

impl Patch {
    fn apply(&self, document: &mut Value, failures: &mut Vec<String>) -> Result<()> {
        let change = self.change()?;
        for pattern in self.at.as_slice() {
            ensure!(pattern.starts_with('/'), "`{pattern}` is no JSON pointer: it has to start with `/`");
        }
        let places = self.places(document)?;
        if let Some(count) = self.count
            && count != places.len()
        {
            failures.push(format!(
                "at `{}`: expected {count} places, found {}",
                self.at.as_slice().join("`, `"),
                places.len()
            ));
            return Ok(());
        }
        for pointer in places {
            let found = document.pointer(&pointer);
            if self.expects(found) {
                change.carry_out(document, &pointer)?;
            } else {
                failures.push(format!(
                    "at `{pointer}`: expected {}, found {}",
                    self.expectation(),
                    found.map_or_else(|| "nothing".to_owned(), Value::to_string)
                ));
            }
        }
        Ok(())
    }

    fn places(&self, document: &Value) -> Result<Vec<String>> {
        let filter = Filter { equals: self.equals.clone(), has: self.has.clone() };
        let patterns = self.at.as_slice();
        let wild = patterns.iter().any(|pattern| pattern.contains('*'));
        ensure!(
            wild == self.count.is_some(),
            "a pattern with `*` needs `count`, and only such a pattern has one"
        );
        ensure!(
            wild || (filter.equals.is_empty() && filter.has.is_empty()),
            "`where` and `has` choose among the places of a `*`, and there is none"
        );
        Ok(patterns.iter().flat_map(|pattern| place::expand(document, pattern, &filter)).collect())
    }

    fn change(&self) -> Result<Change<'_>> {
        ensure!(!self.why.trim().is_empty(), "`why` is empty");
        let expectations = [self.absent, self.expect.is_some(), self.expect_any.is_some()];
        ensure!(
            expectations.into_iter().filter(|given| *given).count() == 1,
            "exactly one of `absent`, `expect` and `expect_any` says what has to be there"
        );
        match (&self.set, self.remove, &self.rename) {
            (Some(value), false, None) => Ok(Change::Set(value)),
            (None, true, None) => Ok(Change::Remove),
            (None, false, Some(name)) => Ok(Change::Rename(name)),
            _ => bail!("exactly one of `set`, `remove` and `rename` says what comes instead"),
        }
    }

    fn expects(&self, found: Option<&Value>) -> bool {
        match (found, &self.expect, &self.expect_any) {
            (None, ..) => self.absent,
            (Some(found), Some(expected), _) => found == expected,
            (Some(found), None, Some(any)) => any.contains(found),
            (Some(_), None, None) => false,
        }
    }

    fn expectation(&self) -> String {
        match (&self.expect, &self.expect_any) {
            (Some(value), _) => value.to_string(),
            (None, Some(any)) => {
                let values: Vec<String> = any.iter().map(Value::to_string).collect();
                values.join(" or ")
            }
            (None, None) => "nothing".to_owned(),
        }
    }
}

impl Places {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Many(places) => places,
        }
    }
}

impl Change<'_> {
    fn carry_out(&self, document: &mut Value, pointer: &str) -> Result<()> {
        let (parent, key) = place::split(pointer).with_context(|| format!("`{pointer}` has no parent"))?;
        let Some(Value::Object(map)) = document.pointer_mut(parent) else {
            bail!("`{parent}`, which `{pointer}` belongs to, is not an object of this document");
        };
        match self {
            Self::Set(value) => {
                map.insert(key, (*value).clone());
            }
            Self::Remove => {
                map.shift_remove(&key);
            }
            Self::Rename(name) => {
                ensure!(
                    !map.contains_key(*name),
                    "`{parent}` has a member `{name}` already, so `{key}` cannot be renamed to it"
                );
                // Rebuilt rather than inserted: the order of the document is the order of the code.
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(k, v)| if k == key { ((*name).to_owned(), v) } else { (k, v) })
                    .collect();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(file: &str) -> Result<Value> {
        let mut document = json!({
            "schemas": {
                "A": {"type": "string", "enum": ["X"]},
                "B": {"type": "object", "properties": {}},
                "C": {"type": "object"},
            },
        });
        apply(file, &mut document).map(|()| document)
    }

    #[track_caller]
    fn fails_with(file: &str, parts: &[&str]) {
        let error = format!("{:#}", patched(file).unwrap_err());
        for part in parts {
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
    }

    #[test]
    fn a_patch_sets_removes_and_renames() {
        let document = patched(
            r#"
            [[patch]]
            at = "/schemas/A/format"
            absent = true
            set = "password"
            why = "secret"
            [[patch]]
            at = "/schemas/A/enum"
            expect = ["X"]
            remove = true
            why = "open"
            [[patch]]
            at = "/schemas/B"
            expect_any = [{ type = "string" }, { type = "object", properties = {} }]
            rename = "Z"
            why = "name"
            "#,
        )
        .unwrap();
        assert_eq!(
            document.to_string(),
            r#"{"schemas":{"A":{"type":"string","format":"password"},"Z":{"type":"object","properties":{}},"C":{"type":"object"}}}"#,
            "and the order stays"
        );
    }

    #[test]
    fn a_class_is_chosen_by_its_filter() {
        let document = patched(
            r#"
            [[patch]]
            at = "/schemas/*/additionalProperties"
            where = { "/type" = "object" }
            has = ["/properties"]
            count = 1
            absent = true
            set = {}
            why = "kept"
            "#,
        )
        .unwrap();
        assert_eq!(document["schemas"]["B"]["additionalProperties"], json!({}));
        assert!(document["schemas"]["C"].get("additionalProperties").is_none());
    }

    #[test]
    fn another_value_is_reported_with_its_place_and_both_values() {
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/A/enum"
            expect = ["X", "Y"]
            remove = true
            why = "stay open"
            "#,
            &["patch 1 (stay open)", "`/schemas/A/enum`", r#"expected ["X","Y"]"#, r#"found ["X"]"#],
        );
    }

    #[test]
    fn a_missing_and_an_unexpected_value_are_reported_too_and_all_at_once() {
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/C/enum"
            expect = ["X"]
            remove = true
            why = "first"
            [[patch]]
            at = "/schemas/A/type"
            absent = true
            set = "object"
            why = "second"
            "#,
            &[
                "2 patches",
                r#"patch 1 (first): at `/schemas/C/enum`: expected ["X"], found nothing"#,
                r#"patch 2 (second): at `/schemas/A/type`: expected nothing, found "string""#,
            ],
        );
    }

    #[test]
    fn a_class_of_another_size_is_reported_with_both_counts() {
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/*/extra"
            where = { "/type" = "object" }
            count = 3
            absent = true
            set = {}
            why = "kept"
            "#,
            &["`/schemas/*/extra`", "expected 3 places, found 2"],
        );
    }

    #[test]
    fn a_patch_that_does_not_say_what_it_expects_or_does_is_refused() {
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/A/enum"
            remove = true
            why = "stay open"
            "#,
            &["exactly one of `absent`, `expect` and `expect_any`"],
        );
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/A/enum"
            expect = ["X"]
            set = []
            remove = true
            why = "stay open"
            "#,
            &["exactly one of `set`, `remove` and `rename`"],
        );
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/*/enum"
            absent = true
            set = []
            why = "stay open"
            "#,
            &["needs `count`"],
        );
        fails_with(
            r#"
            [[patch]]
            at = "/schemas/A/enum"
            expected = ["X"]
            remove = true
            why = "a misspelt key"
            "#,
            &["unknown field `expected`"],
        );
    }
}
