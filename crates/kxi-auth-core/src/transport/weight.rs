//! Estimates the memory that JSON takes once it is decoded, without decoding it.

/// An object as the largest generated type, with one field that the type does not know, or as a map.
const OBJECT: usize = 1700;
/// A list with one element.
const LIST: usize = 400;
/// What a comma or a colon separates: a value of a list, or a name and its value.
const VALUE: usize = 170;
/// A text besides its bytes.
const TEXT: usize = 64;
/// A byte of a text: it exists in the generated type and in what is made of it.
const BYTE: usize = 2;

/// The memory in bytes that the decoded content and its conversion take at most, besides the body itself.
///
/// The constants come from measurements of what serde makes of 1 MiB of the worst content of each kind, as the
/// generated type of a client and as `serde_json::Value` (x86-64): 2,057 bytes for each `{"a":1}` in a list, 552 for each
/// `[1]`, 144 for each number, 404 for each unknown field, 2.2 for each byte of a text.
pub(crate) fn weight(json: &[u8]) -> usize {
    let (mut weight, mut in_text, mut escaped) = (json.len().saturating_mul(BYTE), false, false);
    for byte in json {
        if in_text {
            in_text = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        weight = weight.saturating_add(match byte {
            b'{' => OBJECT,
            b'[' => LIST,
            b',' | b':' => VALUE,
            b'"' => {
                in_text = true;
                TEXT
            }
            _ => 0,
        });
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_not_more_than_the_weight() {
        for (one, measured) in [
            ("{},", 936),
            ("{\"a\":1},", 2057),
            ("[],", 141),
            ("[1],", 552),
            ("1,", 144),
            ("\"\",", 94),
            ("\"1\":1,", 404),
        ] {
            assert!(weight(one.as_bytes()) >= measured, "{one} weighs {}", weight(one.as_bytes()));
        }
    }

    #[test]
    fn what_looks_like_json_in_a_text_is_text() {
        for text in [r#""[[{{,,::""#, r#""\"[{,:""#, r#""\\\"[{""#] {
            assert_eq!(weight(text.as_bytes()), TEXT + BYTE * text.len(), "{text}");
        }
        assert_eq!(weight(br#""\\"["#), TEXT + LIST + BYTE * 5);
    }
}
