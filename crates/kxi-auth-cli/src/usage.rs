//! Errors of the command line itself, which come before the format of errors is known.

use clap::error::{Error, ErrorKind};

use crate::args::Format;
use crate::exit_code;
use crate::failure::Failure;
use crate::output::Printer;

/// Prints what clap has to say, help and version included, and returns the exit code.
pub(crate) fn report(error: &Error) -> u8 {
    match error.kind() {
        // A reader that closed the pipe has what it wanted.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            exit_code::OK
        }
        _ => match format(std::env::args_os().filter_map(|word| word.into_string().ok())) {
            Format::Table => {
                let _ = error.print();
                exit_code::USAGE
            }
            format => Printer::of_format(format).fail(&failure(error)),
        },
    }
}

fn failure(error: &Error) -> Failure {
    let text = error.render().to_string();
    let message = text.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    Failure::usage(message).with_hint("`kxi-auth --help` shows what can be said")
}

/// The format that the words ask for, as far as that can be told of words that make no command.
fn format(words: impl Iterator<Item = String>) -> Format {
    let mut format = Format::default();
    let mut expects = false;
    for word in words.take_while(|word| word != "--") {
        let value = if expects {
            Some(word.as_str())
        } else {
            word.strip_prefix("--output=")
                .or_else(|| word.strip_prefix("-o"))
                .filter(|value| !value.is_empty())
        };
        format = match value.map(|value| value.trim_start_matches('=')) {
            Some("json") => Format::Json,
            Some("jsonl") => Format::Jsonl,
            Some("yaml") => Format::Yaml,
            _ => format,
        };
        expects = matches!(word.as_str(), "-o" | "--output");
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_words_that_make_no_command() {
        let of = |line: &str| format(line.split(' ').map(ToOwned::to_owned));
        assert_eq!(of("kxi-auth clint -o json"), Format::Json);
        assert_eq!(of("kxi-auth -ojsonl x"), Format::Jsonl);
        assert_eq!(of("kxi-auth --output=yaml x"), Format::Yaml);
        assert_eq!(of("kxi-auth --output json x"), Format::Json);
        assert_eq!(of("kxi-auth json x"), Format::Table);
        assert_eq!(of("kxi-auth -- -o json"), Format::Table);
    }
}
