//! A manual page: what `clap_mangen` makes of a command, and the sections that it does not know.

use std::fmt::Write as _;

use clap::Command;
use clap_mangen::Man;

use crate::settings::{Kind, SETTINGS, Setting};

/// Variables that are no settings of the connection.
const FURTHER_VARIABLES: [(&str, &str); 2] = [
    ("NO_COLOR", "No colours, whatever the terminal can show."),
    ("TERM", "What the terminal is. One that is dumb is shown neither colours nor progress."),
];

/// The files that the command finds by itself.
const FILES: [(&str, &str); 2] = [
    (
        "~/.insights/config.toml",
        "Profiles of the connection. The file is KX's own: it is read, never written.",
    ),
    ("~/.insights/cli-config", "Profiles in the older form, INI; read if there is no config.toml."),
];

/// The name of a command's page: its words, joined.
pub(super) fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The page of a command that was built, and that belongs to the one `above`.
pub(super) fn render(command: &Command, above: Option<&Command>) -> std::io::Result<String> {
    let mut made = Vec::new();
    Man::new(command.clone()).render(&mut made)?;
    let mut page = String::new();
    for line in String::from_utf8_lossy(&made).lines() {
        match line {
            // The help behind the options as running text, and the version, which the foot shows too.
            ".SH EXTRA" | ".SH VERSION" => break,
            // Without the date, for there is none, the version would take its place.
            title if title.starts_with(".TH ") => page.push_str(&title_line(command)),
            line => page.push_str(line),
        }
        page.push('\n');
    }
    // What sets the values of an option apart, in a form that every reader of manual pages knows.
    let mut page = page.replace(".br\n\n.br\n", ".sp\n");

    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (codes, others): (Vec<_>, Vec<_>) = sections(&help).partition(|(title, _)| *title == "Exit codes");
    for (_, lines) in codes {
        verbatim(&mut page, "EXIT STATUS", &lines);
    }
    if above.is_none() {
        list(&mut page, "ENVIRONMENT", SETTINGS.iter().filter_map(variable));
        list(&mut page, "", FURTHER_VARIABLES.map(|(name, text)| (name, text.to_owned())));
        list(&mut page, "FILES", FILES.map(|(name, text)| (name, text.to_owned())));
    }
    for (title, lines) in others {
        let title = if title == "Example" { "EXAMPLES".to_owned() } else { title.to_uppercase() };
        verbatim(&mut page, &title, &lines);
    }
    if let Some(above) = above {
        let _ = writeln!(page, ".SH SEE ALSO\n\\fB{}\\fR(1)", escaped(name(above)));
    }
    Ok(page)
}

fn title_line(command: &Command) -> String {
    let version = command.get_version().unwrap_or_default();
    format!(".TH {} 1 \"\" \"kxi\\-auth {version}\" \"\"", escaped(name(command)))
}

/// The paragraphs of the help behind the options: a title with a colon, and indented lines.
fn sections(help: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    help.split("\n\n").filter_map(|paragraph| {
        let (title, lines) = paragraph.split_once(":\n")?;
        Some((title, lines.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect()))
    })
}

fn variable(setting: &'static Setting) -> Option<(&'static str, String)> {
    let mut text = format!("{}.", setting.meaning);
    if let Some(default) = setting.default {
        let _ = write!(text, " Default: {default}.");
    }
    if setting.kind != Kind::Secret {
        let _ = write!(text, " The flag --{} goes before it.", setting.name);
    }
    Some((setting.variable?, text))
}

/// Terms and what they mean, under a heading if it has a text.
fn list<'a>(page: &mut String, heading: &str, items: impl IntoIterator<Item = (&'a str, String)>) {
    if !heading.is_empty() {
        let _ = writeln!(page, ".SH {heading}");
    }
    for (term, text) in items {
        let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(&text));
    }
}

/// Lines that stay lines.
fn verbatim(page: &mut String, heading: &str, lines: &[&str]) {
    let _ = writeln!(page, ".SH {heading}\n.nf");
    for line in lines {
        let _ = writeln!(page, "{}", escaped(line));
    }
    page.push_str(".fi\n");
}

/// Text that holds nothing but itself: a dash is a minus and an apostrophe is straight, so that both can be
/// copied, and a dot at the beginning makes no macro.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\*(Aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_nothing_but_text() {
        assert_eq!(escaped("a-b 'c' \\d"), "a\\-b \\*(Aqc\\*(Aq \\ed");
        assert_eq!(escaped(".TH"), "\\&.TH");
    }
}
