//! A manual page: the output of `clap_mangen` for a command, and the sections that it lacks.

use std::fmt::Write as _;

use clap::Command;
use clap_mangen::Man;

use crate::settings::{Kind, SETTINGS, Setting};

/// Variables that are not connection settings.
const FURTHER_VARIABLES: [(&str, &str); 2] = [
    ("NO_COLOR", "Set this to turn colors off."),
    ("TERM", "The terminal type. On the type dumb, no colors and no progress are shown."),
];

/// The files that the command reads without a flag.
const FILES: [(&str, &str); 2] = [
    (
        "~/.insights/config.toml",
        "Connection profiles. This file belongs to KX's kxi command: it is read, never written.",
    ),
    (
        "~/.insights/cli-config",
        "Connection profiles in the older INI format. Read if config.toml does not exist.",
    ),
];

/// The name of a command's page: the words of the command, joined by dashes.
pub(super) fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The page of a command. clap must have built the command already. `above` is its parent command.
pub(super) fn render(command: &Command, above: Option<&Command>) -> std::io::Result<String> {
    let mut made = Vec::new();
    Man::new(command.clone()).render(&mut made)?;
    let mut page = String::new();
    for line in String::from_utf8_lossy(&made).lines() {
        match line {
            // EXTRA is the after-help as running text, which is added below as sections. The footer already
            // shows the version.
            ".SH EXTRA" | ".SH VERSION" => break,
            // clap_mangen omits the empty date, so that the version would take its place.
            title if title.starts_with(".TH ") => page.push_str(&title_line(command)),
            line => page.push_str(line),
        }
        page.push('\n');
    }
    // Separates the possible values of an option with a request that every manual page reader supports.
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

/// The sections of the after-help. Each consists of a title with a colon and indented lines.
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
        let _ = write!(text, " The flag --{} takes precedence.", setting.name);
    }
    Some((setting.variable?, text))
}

/// Terms and their meanings, under a heading unless it is empty.
fn list<'a>(page: &mut String, heading: &str, items: impl IntoIterator<Item = (&'a str, String)>) {
    if !heading.is_empty() {
        let _ = writeln!(page, ".SH {heading}");
    }
    for (term, text) in items {
        let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(&text));
    }
}

/// Lines that are shown unchanged, without filling.
fn verbatim(page: &mut String, heading: &str, lines: &[&str]) {
    let _ = writeln!(page, ".SH {heading}\n.nf");
    for line in lines {
        let _ = writeln!(page, "{}", escaped(line));
    }
    page.push_str(".fi\n");
}

/// Escapes text for roff. Dashes and apostrophes stay ASCII so that they can be copied, and a dot at the
/// beginning does not start a request.
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
