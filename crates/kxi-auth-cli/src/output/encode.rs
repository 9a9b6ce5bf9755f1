//! Results and errors for programs: JSON, JSON Lines and YAML.

use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::escape::{in_json, is_unsafe};
use crate::output::format::Format;

/// One document, indented.
pub(crate) fn json(value: &Value) -> String {
    in_json(&format!("{value:#}\n"))
}

/// One document on one line.
pub(super) fn json_line(value: &Value) -> String {
    in_json(&format!("{value}\n"))
}

/// One line for each item of a list, or a single line for any other value.
pub(super) fn json_lines(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(json_line).collect(),
        value => json_line(value),
    }
}

/// One document. The YAML writer does not escape every unsafe character, so a result with such a character is
/// written as JSON, which is valid YAML.
pub(crate) fn yaml(value: &Value) -> Result<String, Failure> {
    let text = serde_saphyr::to_string(value)
        .map_err(|error| Failure::local(format!("cannot write the result as YAML: {error}")))?;
    let text = if text.ends_with('\n') { text } else { text + "\n" };
    Ok(safe_yaml(text, value))
}

/// Returns `yaml`, or the value's JSON if `yaml` contains characters that a terminal would interpret.
pub(super) fn safe_yaml(yaml: String, value: &Value) -> String {
    if yaml.chars().any(|c| is_unsafe(c) && c != '\n') { json(value) } else { yaml }
}

/// An object with one key, such as `error`, in the format of the results.
pub(super) fn object(key: &str, data: &impl Serialize, format: Format) -> String {
    let value = json!({key: data});
    match format {
        Format::Yaml => yaml(&value).unwrap_or_else(|_| json_line(&value)),
        Format::Table | Format::Json | Format::Jsonl => json_line(&value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_says_the_same() {
        let value = json!([{"id": "null", "n": 1}, {"id": "a: b\n#", "roles": []}]);
        assert_eq!(serde_json::from_str::<Value>(&json(&value)).unwrap(), value);
        assert_eq!(serde_saphyr::from_str::<Value>(&yaml(&value).unwrap()).unwrap(), value);
        let lines: Vec<Value> =
            json_lines(&value).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::Array(lines), value);
    }

    #[test]
    fn yaml_holds_no_character_that_moves_the_cursor() {
        let hostile = json!({"id": "a\u{9b}31mb\u{202e}c\u{1b}\u{feff}\u{fffe}\u{ffff}"});
        let text = yaml(&hostile).unwrap();
        assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{text}");
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), hostile);
    }

    #[test]
    fn an_error_is_an_object() {
        let wrong = Failure::usage("no").with_hint("yes");
        let expected = json!({"error": {"kind": "usage", "message": "no", "hint": "yes"}});
        let text = object("error", &wrong, Format::Json);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }
}
