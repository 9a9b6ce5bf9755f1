//! The connection arguments, built from the table of settings, so that the help, the variables,
//! `config show` and the README always agree.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::failure::Failure;
use crate::settings::table::{Kind, SETTINGS, Setting};

/// The connection flags given on the command line, by the setting's name.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionArgs {
    values: BTreeMap<&'static str, String>,
}

impl ConnectionArgs {
    /// The value of this setting's flag; `true` for a switch.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The sign-in flags that read standard input: the `-stdin` flags, and the `-file` flags with `-`.
    pub(crate) fn readers_of_stdin(&self) -> impl Iterator<Item = &'static str> {
        let names = [
            ("admin-password", "--admin-password-stdin"),
            ("admin-client-secret", "--admin-client-secret-stdin"),
        ];
        let reads = |name: &str| {
            self.get(&format!("{name}-stdin")).is_some() || self.get(&format!("{name}-file")) == Some("-")
        };
        names.into_iter().filter(move |(name, _)| reads(name)).map(|(_, flag)| flag)
    }

    /// Rejects conflicting flags. clap itself compares only flags on the same side of the command's name.
    pub(super) fn reject_conflicts(&self) -> Result<(), Failure> {
        for setting in SETTINGS.iter().filter(|setting| self.get(setting.name).is_some()) {
            if let Some(other) = setting.instead_of.iter().find(|other| self.get(other).is_some()) {
                let reason = format!("--{} cannot be used with --{other}", setting.name);
                return Err(Failure::usage(reason));
            }
        }
        let readers: Vec<&str> = self.readers_of_stdin().collect();
        match readers.as_slice() {
            [one, other] => Err(Failure::usage(format!("{one} and {other} cannot both read standard input"))),
            _ => Ok(()),
        }
    }

    fn read(&mut self, matches: &ArgMatches) {
        for setting in flags() {
            let value = match setting.kind {
                Kind::Switch => matches.get_flag(setting.name).then(|| "true".to_owned()),
                Kind::Value(_) | Kind::Secret => matches.get_one::<String>(setting.name).cloned(),
            };
            if let Some(value) = value {
                self.values.insert(setting.name, value);
            }
        }
    }
}

impl Args for ConnectionArgs {
    fn augment_args(command: Command) -> Command {
        command.next_help_heading("Connection").args(flags().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConnectionArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut args = Self::default();
        args.read(matches);
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.read(matches);
        Ok(())
    }
}

/// The settings that have a flag: all except the secrets.
fn flags() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.kind != Kind::Secret)
}

fn arg(setting: &'static Setting) -> Arg {
    let arg = Arg::new(setting.name)
        .long(setting.name)
        .global(true)
        .help(help(setting))
        .conflicts_with_all(setting.instead_of);
    // KX's own commands name this flag like the key in their profiles.
    let arg = match setting.profile_key.filter(|key| *key != setting.name) {
        Some(key) => arg.alias(key),
        None => arg,
    };
    match setting.kind {
        Kind::Value(name) => arg.value_name(name).action(ArgAction::Set),
        Kind::Switch | Kind::Secret => arg.action(ArgAction::SetTrue),
    }
}

fn help(setting: &Setting) -> String {
    let default = setting.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
    let variable = setting.variable.map(|variable| format!(" [env: {variable}]")).unwrap_or_default();
    format!("{}{default}{variable}", setting.meaning)
}
