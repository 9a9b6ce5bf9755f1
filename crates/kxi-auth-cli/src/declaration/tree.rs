//! Parses the text into a tree of values, each with its location. Only this file and `syntax` use the parser
//! of the YAML library.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, Spanned};

use super::faults::{Fault, Location};
use super::limits::{DEEPEST, MOST_BYTES};
use super::syntax;

/// A value and its location.
pub(super) struct Node {
    pub(super) at: Location,
    pub(super) value: Value,
}

pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    /// Any other number. `None` if it cannot be written in JSON.
    Number(Option<Number>),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A field of a mapping.
pub(super) struct Entry {
    pub(super) key: String,
    /// The location of the key.
    pub(super) at: Location,
    pub(super) node: Node,
}

/// The tree of a text.
///
/// # Errors
///
/// The fault of the syntax that ended the parsing.
pub(super) fn parse(bytes: &[u8]) -> Result<Node, Fault> {
    let text = syntax::decode(bytes)?;
    let node: Node =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| syntax::fault(&error))?;
    match node.value {
        Value::Null => {
            let message = "the file is empty; it needs at least `owner`".to_owned();
            Err(Fault { at: Location::START, message })
        }
        _ => Ok(node),
    }
}

/// YAML 1.2, with limits that only a text made to exhaust a parser exceeds.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: Some(MOST_BYTES),
            max_events: 2_000_000,
            max_nodes: 1_000_000,
            max_total_scalar_bytes: MOST_BYTES,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_documents: 2,
            max_depth: DEEPEST,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
            max_replay_stack_depth: 16,
        },
        // `duplicate_keys` reports all of them, each with the location of the first.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        // A key may have the name `null` or `~`.
        null_as_string: true,
        // Parsers differ on `007` and `1_000`.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        // Otherwise errors would quote the text.
        with_snippet: false,
    }
}

/// Reports every key that occurs twice in its mapping.
pub(super) fn duplicate_keys(node: &Node, faults: &mut Vec<Fault>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| duplicate_keys(item, faults)),
        Value::Map(entries) => {
            let mut first = HashMap::new();
            for Entry { key, at, node } in entries {
                match first.entry(key.as_str()) {
                    Slot::Vacant(slot) => {
                        slot.insert(*at);
                    }
                    Slot::Occupied(slot) => {
                        let message = format!("this field is set already on line {}", slot.get().line);
                        faults.push(Fault { at: *at, message });
                    }
                }
                duplicate_keys(node, faults);
            }
        }
        _ => {}
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        // For an alias, its own location, not that of its anchor.
        Ok(Self { at: spanned.referenced.into(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Number(Some(value.into())), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(Number::from_f64(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let node = entries.next_value()?;
            map.push(Entry { key: key.value, at: key.referenced.into(), node });
        }
        Ok(Value::Map(map))
    }
}
