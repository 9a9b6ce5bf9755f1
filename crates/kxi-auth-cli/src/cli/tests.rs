use clap::CommandFactory as _;

use super::*;
use crate::settings::SETTINGS;

fn every_command(look: &mut impl FnMut(&clap::Command, &str)) {
    fn walk(command: &clap::Command, path: &str, look: &mut impl FnMut(&clap::Command, &str)) {
        look(command, path);
        for inner in command.get_subcommands() {
            walk(inner, format!("{path} {}", inner.get_name()).trim(), look);
        }
    }
    walk(&Cli::command(), "", look);
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn no_flag_takes_a_secret() {
    // Flags with these endings name a file or describe it. Their values are not secrets.
    let harmless = ["-file", "-out", "-format", "-name", "-namespace", "-lifespan"];
    every_command(&mut |command, _| {
        for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            let long = arg.get_long().unwrap_or_default();
            let secret = ["password", "secret", "token"].iter().any(|word| long.contains(word));
            let named = harmless.iter().any(|end| long.ends_with(end));
            assert!(!secret || named, "--{long} takes a secret on the command line");
        }
    });
}

#[test]
fn each_command_shows_an_example() {
    every_command(&mut |command, path| {
        let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        // The commands below `user` repeat the hidden top-level ones, with the same examples.
        let path = path.strip_prefix("user ").unwrap_or(path);
        if !command.has_subcommands() && !path.is_empty() {
            assert!(shown.contains(&format!("kxi-auth {path}")), "`{path}` has no example");
        }
    });
}

#[test]
fn each_setting_can_be_given_by_a_variable_or_is_a_switch() {
    for setting in &SETTINGS {
        assert!(setting.variable.is_some() || setting.name.ends_with("-stdin"), "{}", setting.name);
    }
}
