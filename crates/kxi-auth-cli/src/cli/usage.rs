//! Errors in the command line itself. They occur before the output format is known.

use clap::error::{Error, ErrorKind};

use crate::failure::{Failure, exit_code};
use crate::output::{Format, Printer};

/// Prints clap's error, help or version text, and returns the exit code.
pub(crate) fn report(error: &Error) -> u8 {
    match error.kind() {
        // A reader that closed the pipe does not need the rest, so a failed write is not an error.
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
    const HELP: &str = "run `kxi-auth --help` to see the commands and options";
    // For these kinds, clap's text is the whole help, or a list that includes the hidden commands.
    let none = [ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::MissingSubcommand];
    if none.contains(&error.kind()) {
        return Failure::usage("no command given").with_hint(HELP);
    }
    let text = error.render().to_string();
    let (message, tip) = message_and_tip(&text);
    Failure::usage(message).with_hint(tip.unwrap_or_else(|| HELP.to_owned()))
}

/// The error message joined into one line, and the tip if there is one. The message can span several lines,
/// for example when arguments are missing.
fn message_and_tip(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let message = lines.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    (message, tip.map(ToOwned::to_owned))
}

/// The output format that the arguments request. The arguments do not form a valid command, so this looks
/// only for `--output`.
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
        assert_eq!(message_and_tip(text), (message, None));
        let text = "error: unrecognized subcommand 'clint'\n\n  tip: say 'client'\n\nUsage: x\n";
        let expected = ("unrecognized subcommand 'clint'".to_owned(), Some("say 'client'".to_owned()));
        assert_eq!(message_and_tip(text), expected);
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
