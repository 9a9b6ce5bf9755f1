//! Errors of the command line itself, which come before the format of errors is known.

use clap::error::{Error, ErrorKind};

use crate::failure::{Failure, exit_code};
use crate::output::{Format, Printer};

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
    const HELP: &str = "`kxi-auth --help` shows what can be said";
    // The text is the whole help, or a list with the hidden words in it.
    let none = [ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::MissingSubcommand];
    if none.contains(&error.kind()) {
        return Failure::usage("no command is named").with_hint(HELP);
    }
    let text = error.render().to_string();
    let (message, tip) = told(&text);
    Failure::usage(message).with_hint(tip.unwrap_or_else(|| HELP.to_owned()))
}

/// What is wrong, which can take several lines (such as the arguments that are missing), on one; and the
/// tip that may follow it.
fn told(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let message = lines.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    (message, tip.map(ToOwned::to_owned))
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
    fn what_is_missing_is_named_and_a_tip_is_kept() {
        let text = "error: the following required arguments were not provided:\n  <ID>\n\nUsage: x <ID>\n";
        let message = "the following required arguments were not provided: <ID>".to_owned();
        assert_eq!(told(text), (message, None));
        let text = "error: unrecognized subcommand 'clint'\n\n  tip: say 'client'\n\nUsage: x\n";
        let expected = ("unrecognized subcommand 'clint'".to_owned(), Some("say 'client'".to_owned()));
        assert_eq!(told(text), expected);
    }

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
