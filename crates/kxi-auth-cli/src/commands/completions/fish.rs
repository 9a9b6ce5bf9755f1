//! The completion script for fish. The script that `clap_complete` generates is incomplete: it offers nothing
//! after an option that still needs its value, such as `kxi-auth -o `, nothing for positional arguments, and
//! nothing after two words of a command.

use std::fmt::Write as _;

use clap::{Arg, Command, ValueHint};

pub(super) const PROGRAM: &str = "kxi-auth";

/// Functions that determine the command before the cursor. Its words are the words that are neither options
/// nor values of options. `VALUED` stands for the options that take the next word as their value.
const FUNCTIONS: &str = r#"# The words of the command before the cursor.
function __kxi_auth_words
    set -l words (commandline -opc)
    set -l valued VALUED
    set -l is_value 0
    for word in $words[2..-1]
        if test $is_value -eq 1
            set is_value 0
        else if contains -- $word $valued
            set is_value 1
        else if not string match -q -- '-*' $word
            echo -- $word
        end
    end
end

# Whether the words are exactly the arguments.
function __kxi_auth_at
    set -l words (__kxi_auth_words)
    test "$words" = "$argv"
end

# Whether the words begin with the arguments.
function __kxi_auth_below
    set -l words (__kxi_auth_words)
    set -l count (count $argv)
    test (count $words) -ge $count
    and test "$words[1..$count]" = "$argv"
end

complete -c kxi-auth -f
"#;

/// The script for a command that [`offered`](super::offered) returned. Writing to a string cannot fail.
pub(super) fn script(command: &Command) -> String {
    let mut valued = Vec::new();
    collect_valued(command, &mut valued);
    let mut script = FUNCTIONS.replace("VALUED", &valued.join(" "));
    write_command(&mut script, command, &mut Vec::new());
    script
}

fn collect_valued(command: &Command, valued: &mut Vec<String>) {
    for arg in command.get_arguments().filter(|arg| takes_value(arg)) {
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long().map(|long| format!("--{long}"));
        for spelling in short.into_iter().chain(long) {
            if !valued.contains(&spelling) {
                valued.push(spelling);
            }
        }
    }
    for inner in command.get_subcommands() {
        collect_valued(inner, valued);
    }
}

fn takes_value(arg: &Arg) -> bool {
    !arg.is_positional() && arg.get_action().takes_values()
}

fn write_command<'a>(script: &mut String, command: &'a Command, path: &mut Vec<&'a str>) {
    let words = path.join(" ");
    let here = quoted(format!("__kxi_auth_at {words}").trim_end());
    // After a command without subcommands, all further words are its arguments.
    let anywhere =
        if command.has_subcommands() { here.clone() } else { quoted(&format!("__kxi_auth_below {words}")) };
    for arg in command.get_opts().chain(flags(command)) {
        write_option(script, arg, &anywhere);
    }
    for arg in command.get_positionals().take(1) {
        let _ = writeln!(script, "complete -c {PROGRAM} -n {here} -a {}", quoted(&values(arg)));
    }
    for inner in command.get_subcommands() {
        let (name, about) = (inner.get_name(), inner.get_about());
        let about = quoted(&about.map(ToString::to_string).unwrap_or_default());
        let _ = writeln!(script, "complete -c {PROGRAM} -n {here} -a {name} -d {about}");
    }
    for inner in command.get_subcommands() {
        path.push(inner.get_name());
        write_command(script, inner, path);
        path.pop();
    }
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional() && !takes_value(arg))
}

fn write_option(script: &mut String, arg: &Arg, condition: &str) {
    let _ = write!(script, "complete -c {PROGRAM} -n {condition}");
    if let Some(short) = arg.get_short() {
        let _ = write!(script, " -s {short}");
    }
    if let Some(long) = arg.get_long() {
        let _ = write!(script, " -l {long}");
    }
    if let Some(help) = arg.get_help() {
        let _ = write!(script, " -d {}", quoted(&help.to_string()));
    }
    if takes_value(arg) {
        let values = values(arg);
        let _ = match arg.get_value_hint() {
            _ if !values.is_empty() => write!(script, " -x -a {}", quoted(&values)),
            ValueHint::FilePath => write!(script, " -r -F"),
            ValueHint::DirPath => write!(script, " -x -a '(__fish_complete_directories)'"),
            _ => write!(script, " -x"),
        };
    }
    script.push('\n');
}

/// The possible values, one line each, with the meaning after a tab. Fish evaluates the text like a command
/// line, so the meaning is quoted once more.
fn values(arg: &Arg) -> String {
    let values = arg.get_possible_values();
    let line = |value: &clap::builder::PossibleValue| {
        let meaning = value.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{}\\t{}", value.get_name(), quoted(&meaning))
    };
    values.iter().filter(|value| !value.is_hide_set()).map(line).collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
