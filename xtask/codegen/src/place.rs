//! Places in a JSON document: pointers, and patterns with `*` that stand for many of them.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the node at a pattern's last `*` must look like to be meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Pointer inside the node -> the value that has to be there.
    pub(crate) equals: BTreeMap<String, Value>,
    /// Pointers inside the node that have to lead somewhere.
    pub(crate) has: Vec<String>,
}

impl Filter {
    fn accepts(&self, node: &Value) -> bool {
        self.equals.iter().all(|(pointer, value)| node.pointer(pointer) == Some(value))
            && self.has.iter().all(|pointer| node.pointer(pointer).is_some())
    }
}

/// Every place a pattern stands for, in document order.
///
/// A segment with a `*` matches the members (or indices) that are there; what follows the last one
/// is taken as it is written, because a patch may put something where nothing is yet.
pub(crate) fn expand(document: &Value, pattern: &str, filter: &Filter) -> Vec<String> {
    let segments: Vec<&str> = pattern.split('/').skip(1).collect();
    let Some(last_star) = segments.iter().rposition(|segment| segment.contains('*')) else {
        return vec![pattern.to_owned()];
    };
    let mut nodes = vec![(String::new(), document)];
    for segment in &segments[..=last_star] {
        nodes = nodes.into_iter().flat_map(|(pointer, node)| step(&pointer, node, segment)).collect();
    }
    let rest: String = segments[last_star + 1..].iter().flat_map(|segment| ["/", segment]).collect();
    nodes.into_iter().filter(|(_, node)| filter.accepts(node)).map(|(pointer, _)| pointer + &rest).collect()
}

fn step<'a>(pointer: &str, node: &'a Value, segment: &str) -> Vec<(String, &'a Value)> {
    let members: Vec<(String, &Value)> = match node {
        Value::Object(map) => map.iter().map(|(key, v)| (escape(key), v)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, v)| (index.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    members
        .into_iter()
        .filter(|(key, _)| matches(segment, key))
        .map(|(key, value)| (format!("{pointer}/{key}"), value))
        .collect()
}

/// Whether `key` is `segment`, in which one `*` stands for any text.
fn matches(segment: &str, key: &str) -> bool {
    match segment.split_once('*') {
        None => segment == key,
        Some((head, tail)) => {
            key.len() >= head.len() + tail.len() && key.starts_with(head) && key.ends_with(tail)
        }
    }
}

/// Splits a pointer into that of the parent and the (unescaped) name of the member.
pub(crate) fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, key) = pointer.rsplit_once('/')?;
    Some((parent, key.replace("~1", "/").replace("~0", "~")))
}

/// A member's name as a pointer writes it.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_what_is_there_and_the_rest_is_kept() {
        let document = json!({"paths": {"/a": {"get": {"x": 1}}, "/b": {"get": {}, "put": {}}}});
        assert_eq!(
            expand(&document, "/paths/*/*/new", &Filter::default()),
            ["/paths/~1a/get/new", "/paths/~1b/get/new", "/paths/~1b/put/new"]
        );
        assert_eq!(
            expand(&document, "/paths/*/put", &Filter::default()),
            ["/paths/~1a/put", "/paths/~1b/put"],
            "what follows the last star need not be there yet"
        );
        assert_eq!(expand(&document, "/a/b", &Filter::default()), ["/a/b"]);
    }

    #[test]
    fn a_filter_looks_at_the_node_of_the_last_star() {
        let document = json!([{"in": "path", "a": 1}, {"in": "query", "a": 1}, {"in": "path"}]);
        let filter = Filter {
            equals: BTreeMap::from([("/in".to_owned(), json!("path"))]),
            has: vec!["/a".to_owned()],
        };
        assert_eq!(expand(&document, "/*/schema", &filter), ["/0/schema"]);
    }

    #[test]
    fn a_star_inside_a_segment_matches_part_of_a_name() {
        let document = json!({"FooRepresentation": {}, "Foo": {}, "Representation": {}});
        assert_eq!(
            expand(&document, "/*Representation", &Filter::default()),
            ["/FooRepresentation", "/Representation"]
        );
    }
}
