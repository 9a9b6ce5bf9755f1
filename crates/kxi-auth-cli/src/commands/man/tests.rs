use clap::CommandFactory as _;

use super::page::render;
use super::*;
use crate::cli::Cli;
use crate::settings::SETTINGS;

#[test]
fn every_variable_is_on_the_main_page() {
    let mut command = Cli::command();
    command.build();
    let page = render(&command, None).unwrap();
    for variable in SETTINGS.iter().filter_map(|setting| setting.variable) {
        assert!(page.contains(&format!("\n\\fB{variable}\\fR\n")), "{variable}");
    }
}

#[test]
fn every_command_that_does_something_has_an_example() {
    fn check(command: &Command) {
        let inner: Vec<_> = command.get_subcommands().filter(|inner| !inner.is_hide_set()).collect();
        let page = render(command, Some(command)).unwrap();
        assert!(!inner.is_empty() || page.contains("\n.SH EXAMPLES\n.nf\n"), "{page}");
        inner.into_iter().for_each(check);
    }
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    check(&command);
}
