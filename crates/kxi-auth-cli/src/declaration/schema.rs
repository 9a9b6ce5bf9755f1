//! The JSON Schema of a declaration, from the types and their documentation.

use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, schema_for};
use serde_json::{Map, Value};

use super::model::Declaration;

/// Draft 2020-12.
pub(super) fn of_declaration() -> Value {
    let mut schema = schema_for!(Declaration);
    Unwrapped.transform(&mut schema);
    in_order(schema.to_value())
}

/// Removes the line breaks of the source from descriptions. Paragraphs stay.
struct Unwrapped;

impl Transform for Unwrapped {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(text)) = schema.get_mut("description") {
            let paragraphs: Vec<_> = text.split("\n\n").map(|lines| lines.replace('\n', " ")).collect();
            *text = paragraphs.join("\n\n");
        }
        transform_subschemas(self, schema);
    }
}

/// Puts the title and the description first.
fn in_order(schema: Value) -> Value {
    let Value::Object(mut rest) = schema else { return schema };
    let first = ["$schema", "title", "description", "examples"];
    let first: Map<_, _> = first.iter().filter_map(|name| rest.shift_remove_entry(*name)).collect();
    first.into_iter().chain(rest).collect()
}
