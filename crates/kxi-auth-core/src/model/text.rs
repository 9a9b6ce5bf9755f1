//! Text that comes from a file, a variable or standard input.

/// Why bytes are not text.
///
/// Returned by [`decode_text`].
///
/// # Examples
///
/// ```
/// use kxi_auth_core::{NotText, decode_text};
///
/// let error = decode_text(b"\xff\xfes\0").unwrap_err();
/// assert!(matches!(error, NotText::Encoding { name: "UTF-16", .. }));
/// assert_eq!(error.to_string(), "it is in UTF-16; save it as UTF-8");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotText {
    /// It is text in another encoding than UTF-8.
    #[error("it is in {name}; save it as UTF-8")]
    #[non_exhaustive]
    Encoding {
        /// The encoding's name.
        name: &'static str,
    },
    /// It is not UTF-8.
    #[error("it is not valid UTF-8")]
    #[non_exhaustive]
    Invalid {
        /// How many bytes are valid, from the first one after a byte order mark.
        valid_up_to: usize,
    },
}

/// How many characters are looked at to recognize an encoding.
const SAMPLE: usize = 64;

/// The alphabets of Europe, the Near East and India are below U+2000.
const HIGHEST: u8 = 0x1F;

/// The text without its byte order mark, which editors on Windows write. This crate reads the variables of
/// [`from_env`](crate::ClientManager::from_env) and CA certificates so; a program that reads a secret or a password from
/// a file needs it as well, because the mark would become a part of it.
///
/// # Errors
///
/// [`NotText::Encoding`] for UTF-16 and UTF-32, by their byte order marks or, in most alphabets, by the zero bytes of a
/// blank, a digit, a line end or another character below U+0100; [`NotText::Invalid`] for anything else that is not UTF-8. The error does not contain the text.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::decode_text;
///
/// assert_eq!(decode_text(b"\xef\xbb\xbftext"), Ok("text"));
/// assert!(decode_text(b"t\0e\0x\0t\0").is_err());
/// ```
pub fn decode_text(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(name) = other_encoding(bytes) {
        return Err(NotText::Encoding { name });
    }
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| NotText::Invalid { valid_up_to: error.valid_up_to() })
}

/// The text of a secret, a password or another value of one line: without a byte order mark and without one line end at
/// its end, which editors and `echo` write. More line ends, and blanks, are part of the value.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::value_of_text;
///
/// assert_eq!(value_of_text("its secret\r\n"), "its secret");
/// assert_eq!(value_of_text(" its secret \n\n"), " its secret \n");
/// ```
#[must_use]
pub fn value_of_text(text: &str) -> &str {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))
}

fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Some("UTF-32");
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Some("UTF-16");
    }
    let (units, rest) = bytes.as_chunks::<2>();
    let sample = || units.iter().take(SAMPLE);
    // The byte of a character's value above 255 is small in most alphabets, and zero in ASCII and a line end.
    let is_utf16 = |of: fn([u8; 2]) -> (u8, u8)| {
        sample().all(|unit| matches!(of(*unit), (1..=HIGHEST, _) | (0, 1..)))
            && sample().any(|unit| of(*unit).0 == 0)
    };
    let (big, little) = (|[one, two]: [u8; 2]| (one, two), |[one, two]: [u8; 2]| (two, one));
    (rest.is_empty() && (is_utf16(big) || is_utf16(little))).then_some("UTF-16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode_text("\u{FEFF}s\u{FEFF}".as_bytes()), Ok("s\u{FEFF}"));
        assert_eq!(decode_text(b""), Ok(""));
        assert_eq!(value_of_text("\u{FEFF}s\n"), "s");
        assert_eq!(value_of_text("\u{FEFF}\n"), "");
    }

    #[test]
    fn one_line_end_is_no_part_of_a_value() {
        for (text, expected) in
            [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), (" s ", " s "), ("s\r", "s\r")]
        {
            assert_eq!(value_of_text(text), expected);
        }
    }

    #[test]
    fn other_encodings_are_named() {
        let utf16 =
            |bytes: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for bytes in [
            utf16(u16::to_le_bytes, "\u{FEFF}secret"),
            utf16(u16::to_be_bytes, "\u{FEFF}secret"),
            utf16(u16::to_le_bytes, "secret"),
            utf16(u16::to_be_bytes, "secret"),
            utf16(u16::to_le_bytes, "s"),
            utf16(u16::to_le_bytes, "пароль 1"),
            utf16(u16::to_be_bytes, "κωδικός\n"),
            utf16(u16::to_le_bytes, "hasło"),
        ] {
            assert_eq!(decode_text(&bytes), Err(NotText::Encoding { name: "UTF-16" }), "{bytes:?}");
        }
        assert_eq!(decode_text(b"\xff\xfe\0\0s\0\0\0"), Err(NotText::Encoding { name: "UTF-32" }));
        assert_eq!(decode_text(b"\0\0\xfe\xff\0\0\0s"), Err(NotText::Encoding { name: "UTF-32" }));
        assert_eq!(decode_text(b"\xef\xbb\xbfs\xff"), Err(NotText::Invalid { valid_up_to: 1 }));
        // Zero bytes elsewhere are the reader's affair.
        for text in ["se\0", "\0\0", "s\0ee", "a\nb\n", "\t\t\0\0"] {
            assert_eq!(decode_text(text.as_bytes()), Ok(text), "{text:?}");
        }
    }
}
