//! The messages for syntax errors. The messages of the YAML library are not used, because they may quote the
//! text.

use kxi_auth_core::{NotText, decode_text};
use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::localizer::ExternalMessageSource;

use super::faults::{Fault, Location};
use super::limits::MOST_BYTES;

/// The text without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Fault> {
    let fault = |at, message: &str| Err(Fault { at, message: message.to_owned() });
    if bytes.len() > MOST_BYTES {
        let message = format!("the file is larger than {} MiB; split it", MOST_BYTES / (1024 * 1024));
        return fault(Location::default(), &message);
    }
    match decode_text(bytes) {
        Ok(text) => Ok(text),
        Err(NotText::Encoding { name, .. }) => {
            fault(Location::START, &format!("the file is in {name}; save it as UTF-8"))
        }
        Err(error) => {
            let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
            let valid_up_to = if let NotText::Invalid { valid_up_to, .. } = error { valid_up_to } else { 0 };
            let valid = bytes.get(..valid_up_to).unwrap_or_default();
            let at = Location::after(&String::from_utf8_lossy(valid));
            fault(at, "the file is not UTF-8 from here on; save it as UTF-8")
        }
    }
}

/// The fault that ended the parsing.
pub(super) fn fault(error: &Error) -> Fault {
    let at = error.location().map_or(Location::default(), Location::from);
    Fault { at, message: reason(error).to_owned() }
}

fn reason(error: &Error) -> &'static str {
    match error.without_snippet() {
        Error::AliasError { error, .. } => reason(error),
        Error::Eof { .. } => "the text ends too early",
        Error::MultipleDocuments { .. } => "a second document starts here; the file must have only one",
        Error::UnknownAnchor { .. } => "this alias names an anchor that does not exist",
        Error::RecursiveReferencesRequireWeakTypes { .. } => "this alias contains itself",
        Error::MergeValueNotMapOrSeqOfMaps { .. } => "`<<` accepts only mappings",
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "aliases make the file too large; write the values out"
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => "the file is too deeply nested",
        Error::Budget { .. } => {
            "the file has too many values or aliases; split the file, or write the aliases out"
        }
        Error::InvalidScalar { .. }
        | Error::InvalidBinaryBase64 { .. }
        | Error::BinaryNotUtf8 { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. } => "this value does not match its tag",
        Error::ExternalMessage { source, .. } => match &**source {
            ExternalMessageSource::Parser(error) => syntax_reason(error.kind()),
            _ => NO_YAML,
        },
        Error::Unexpected { .. } | Error::NullIntoString { .. } => "the name of a field must be a string",
        _ => NO_YAML,
    }
}

const NO_YAML: &str = "this is not valid YAML; check indentation, quotes and brackets";

fn syntax_reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "YAML is not indented with tabs; use spaces",
        ErrorKind::InvalidIndentation => "the indentation is wrong",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "this bracket is never closed",
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            "this bracket does not match the one that is open"
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            "a comma or the closing bracket is missing before this"
        }
        ErrorKind::UnexpectedCharacter { .. } => "a value cannot start with this character; put it in quotes",
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "there is more text after the closing quote; put the whole value in quotes"
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "this is not a valid escape sequence; write `\\\\` for a backslash, or use single quotes"
        }
        ErrorKind::InvalidSimpleKey
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement => {
            "a field needs `: ` after its name; a value that contains `: ` needs quotes"
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            "this does not match the lines above; check the indentation, and put values in quotes"
        }
        ErrorKind::BomInsideDocument => "there is a byte order mark inside the text; remove it",
        ErrorKind::RecursionLimitExceeded => "the file is too deeply nested",
        ErrorKind::UnexpectedEof => "the text ends too early",
        _ => NO_YAML,
    }
}
