//! `completions SHELL`

mod fish;
#[cfg(test)]
mod tests;

use clap::{Arg, Args, Command, ValueHint};
use clap_complete::Shell;

use crate::output::Report;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to print the script for.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, definition: Command) -> Report {
    Report::text(script(definition, args.shell))
}

fn script(mut command: Command, shell: Shell) -> String {
    // Adds the global options to each command.
    command.build();
    // zsh completes nothing after an argument that its script does not declare.
    let mut command = offered(&command, shell == Shell::Zsh);
    if shell == Shell::Fish {
        return fish::script(&command);
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, fish::PROGRAM, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The command without the parts that a shell should not offer. The generators would offer hidden commands,
/// all commands again after `help`, and the placeholders of positional arguments as if they were values.
/// Without `arguments`, only positional arguments with possible values are kept.
fn offered(command: &Command, arguments: bool) -> Command {
    let mut copy = Command::new(command.get_name().to_owned())
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true);
    if let Some(version) = command.get_version() {
        copy = copy.version(version.to_owned());
    }
    if let Some(about) = command.get_about() {
        copy = copy.about(about.clone());
    }
    let known = |arg: &&Arg| !arg.is_hide_set() && (arguments || !arg.is_positional() || has_values(arg));
    let shown = |inner: &&Command| !inner.is_hide_set() && inner.get_name() != "help";
    copy.args(command.get_arguments().filter(known).map(|arg| hinted(arg.clone())))
        .subcommands(command.get_subcommands().filter(shown).map(|inner| offered(inner, arguments)))
}

fn has_values(arg: &Arg) -> bool {
    !arg.get_possible_values().is_empty()
}

/// Completes file names for arguments that expect a file or a folder, and for no others.
fn hinted(arg: Arg) -> Arg {
    if !arg.get_num_args().is_none_or(|count| count.takes_values()) || has_values(&arg) {
        return arg;
    }
    let name = arg.get_value_names().and_then(|names| names.first()).map(clap::builder::Str::as_str);
    let hint = match name {
        Some("FILE") => ValueHint::FilePath,
        Some("DIR") => ValueHint::DirPath,
        _ => ValueHint::Other,
    };
    arg.value_hint(hint)
}
