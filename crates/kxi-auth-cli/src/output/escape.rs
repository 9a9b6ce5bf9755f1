//! Text from the server or the command line, made safe for a terminal.

use std::fmt::Write as _;

/// Escapes control characters and bidirectional characters, which could rewrite the line or fake another one, and what
/// YAML cannot contain.
pub(crate) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// Escapes the same characters in JSON text, with JSON's own escapes.
pub(super) fn in_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        // A line break here is white space between tokens. Inside a string it is already escaped.
        if is_unsafe(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

pub(crate) fn is_unsafe(c: char) -> bool {
    let reorders =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // YAML cannot contain these: two characters that are none, and a byte order mark inside the text.
    let never_in_yaml = matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}');
    c.is_control() || reorders || never_in_yaml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_cannot_reach_the_terminal() {
        let shown = plain("a\u{1b}[31mb\u{202e}c\td\ne");
        assert_eq!(shown, "a\\u{1b}[31mb\\u{202e}c\\u{9}d\\u{a}e");
    }

    #[test]
    fn json_stays_the_same_json() {
        let hostile = serde_json::json!({"id": "a\u{9b}31mb\u{202e}\u{7f}\n\u{1b}\u{feff}\u{ffff}"});
        let text = in_json(&format!("{hostile:#}"));
        assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), hostile);
    }
}
