//! Target: text of a server on its way to a terminal.

use kxi_auth_core::serde_json::{self, Value, json};

use crate::output::{Cell, Table, document, is_unsafe, plain, yaml};

/// The input is the text, or a JSON value.
pub(super) fn printed(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = plain(&text);
    assert!(!shown.chars().any(is_unsafe), "{shown:?}");
    assert!(shown.len() <= 10 * text.len(), "{} bytes of {}", shown.len(), text.len());
    let value: Value = serde_json::from_slice(data).unwrap_or_else(|_| json!({"id": text, "list": [text]}));
    let document = document(&value);
    assert!(!document.chars().any(|c| is_unsafe(c) && c != '\n'), "{document:?}");
    assert_eq!(serde_json::from_str::<Value>(&document).ok().as_ref(), Some(&value), "other JSON");
    if let Ok(yaml) = yaml(&value) {
        assert!(!yaml.chars().any(|c| is_unsafe(c) && c != '\n'), "{yaml:?}");
        assert_eq!(serde_saphyr::from_str::<Value>(&yaml).ok().as_ref(), Some(&value), "other YAML:\n{yaml}");
    }
    let cells = [Cell::from(text.as_ref()), Cell::lines(&[text.as_ref(), "x"]), Cell::prose(text.as_ref())];
    let table = Table::fields(["one", "two", "three"].into_iter().zip(cells)).render();
    assert!(!table.chars().any(|c| is_unsafe(c) && c != '\n'), "{table:?}");
}
