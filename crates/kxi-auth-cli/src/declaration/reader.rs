//! Reads values from the tree, and reports a fault for each wrong one.

use kxi_auth_core::nearest_name;
use serde_json::{Map, Value as Json};

use super::faults::{Fault, Location};
use super::tree::{Entry, Node, Value};

/// Collects the faults while a tree is read, so that all of them are reported together.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn fault(&mut self, at: Location, message: impl Into<String>) {
        self.faults.push(Fault { at, message: message.into() });
    }

    /// The fields of a mapping. Fields that are not known are faults.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.wrong(node, what, "a mapping");
            return None;
        };
        // An unknown name is not repeated: it may be a secret in the wrong place.
        for Entry { key, at, .. } in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = match nearest_name(key, known.iter().copied()) {
                Some(near) => format!("unknown field in {what}; did you mean `{near}`?"),
                None => format!("unknown field in {what}; the known fields are {}", list(known)),
            };
            self.fault(*at, message);
        }
        Some(Fields(entries))
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let Value::List(items) = &node.value else {
            self.wrong(node, what, "a list; `[]` is the empty list");
            return &[];
        };
        items
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.fault(node.at, format!("{what} is blank"));
                None
            }
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Integer(_) | Value::Number(_) => {
                self.wrong(node, what, "a string; put it in quotes");
                None
            }
            _ => {
                self.wrong(node, what, "a string");
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        let Value::Bool(value) = node.value else {
            self.wrong(node, what, "`true` or `false`");
            return None;
        };
        Some(value)
    }

    pub(super) fn integer(&mut self, node: &Node, what: &str) -> Option<i64> {
        let Value::Integer(value) = node.value else {
            self.wrong(node, what, "a whole number");
            return None;
        };
        Some(value)
    }

    pub(super) fn wrong(&mut self, node: &Node, what: &str, expected: &str) {
        let message = match node.value {
            Value::Null => format!("{what} has no value; it must be {expected}"),
            _ => format!("{what} must be {expected}"),
        };
        self.fault(node.at, message);
    }

    /// Any value as JSON. `visit` gets the path and the location of each field and item in it.
    pub(super) fn json(&mut self, node: &Node, path: &str, visit: &mut dyn FnMut(String, Location)) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Number(Some(number)) => Json::Number(number.clone()),
            Value::Number(None) => {
                self.fault(node.at, "this number cannot be written in JSON, which Keycloak requires");
                Json::Null
            }
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => {
                let item = |(index, item): (usize, &Node)| {
                    let path = format!("{path}[{index}]");
                    visit(path.clone(), item.at);
                    self.json(item, &path, visit)
                };
                items.iter().enumerate().map(item).collect()
            }
            Value::Map(entries) => Json::Object(self.json_object(entries, path, visit)),
        }
    }

    pub(super) fn json_object(
        &mut self,
        entries: &[Entry],
        path: &str,
        visit: &mut dyn FnMut(String, Location),
    ) -> Map<String, Json> {
        let mut object = Map::new();
        for Entry { key, at, node } in entries {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", key.escape_debug());
            visit(path.clone(), *at);
            object.insert(key.clone(), self.json(node, &path, visit));
        }
        object
    }
}

/// The fields of a mapping.
#[derive(Clone, Copy)]
pub(super) struct Fields<'n>(&'n [Entry]);

impl<'n> Fields<'n> {
    pub(super) fn get(self, name: &str) -> Option<&'n Entry> {
        self.0.iter().find(|entry| entry.key == name)
    }
}

pub(super) fn list<S: std::fmt::Display>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
