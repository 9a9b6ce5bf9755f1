//! The value of each setting and its source.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::secrets::{self, KeptFiles, MASK, proxy_without_credentials, without_credentials};
use crate::settings::flags::ConnectionArgs;
use crate::settings::profile::{Profile, candidates};
use crate::settings::table::{Kind, SETTINGS, Setting};

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Flag(&'static str),
    /// The environment.
    Variable(&'static str),
    /// A profile in one of KX's configuration files.
    Profile { file: PathBuf, name: String },
    /// Not set anywhere.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag --{name}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Profile { file, name } => write!(f, "profile {name} in {}", file.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting's value, if it has one.
#[derive(Clone)]
pub(crate) struct Resolved {
    pub(crate) setting: &'static Setting,
    /// `true` for a switch that is on.
    pub(super) value: Option<String>,
    pub(crate) source: Source,
}

impl Resolved {
    /// The value for display. A secret, and the credentials in a URL, are masked.
    pub(crate) fn shown(&self) -> Option<String> {
        let value = self.value.as_deref()?;
        Some(match self.setting.kind {
            Kind::Secret => MASK.to_owned(),
            Kind::Value(_) if self.setting.name == "proxy" => proxy_without_credentials(value),
            Kind::Value(_) | Kind::Switch => without_credentials(value),
        })
    }
}

/// All settings.
#[derive(Clone)]
pub(crate) struct Settings {
    /// In the order of the table.
    all: Vec<Resolved>,
    /// The files that may hold profiles.
    files: Vec<PathBuf>,
    /// The existing profile files that this user may not read.
    pub(crate) unread: Vec<PathBuf>,
}

impl Settings {
    /// Reads the settings from the command line, the environment and the profile files in the user's home
    /// directory.
    pub(crate) fn resolve(args: &ConnectionArgs) -> Result<Self, Failure> {
        let env = |name: &str| std::env::var(name);
        args.reject_conflicts()?;
        let wanted = lookup(args, &env, SETTINGS.iter().find(|setting| setting.name == "profile"))?;
        let files = candidates(std::env::home_dir());
        let mut unread = Vec::new();
        let profile = Profile::read(&files, wanted.as_deref(), &mut unread)?;
        let files = files.into_iter().map(|file| file.path).collect();
        Ok(Self { files, unread, ..Self::merge(args, &env, profile.as_ref())? })
    }

    /// Applies the order of precedence. The sources are passed in.
    pub(super) fn merge(
        args: &ConnectionArgs,
        env: &impl Fn(&str) -> Result<String, VarError>,
        profile: Option<&Profile>,
    ) -> Result<Self, Failure> {
        let resolve = |setting: &'static Setting| {
            let (value, source) = if let Some(value) = args.get(setting.name) {
                (Some(value.to_owned()), Source::Flag(setting.name))
            } else if let Some((value, variable)) = variable(setting, env)? {
                (Some(value), Source::Variable(variable))
            } else if let Some((profile, value)) =
                profile.and_then(|profile| Some((profile, profile.get(setting.profile_key?)?)))
            {
                let source = Source::Profile { file: profile.file.clone(), name: profile.name.clone() };
                (Some(value.to_owned()), source)
            } else if let Some(profile) = profile.filter(|_| setting.name == "profile") {
                // The file's current profile, or the profile `default`.
                let source = Source::Profile { file: profile.file.clone(), name: profile.name.clone() };
                (Some(profile.name.clone()), source)
            } else {
                (setting.default.map(ToOwned::to_owned), Source::Default)
            };
            Ok(Resolved { setting, value, source })
        };
        let all = SETTINGS.iter().map(resolve).collect::<Result<_, Failure>>()?;
        Ok(Self { all, files: Vec::new(), unread: Vec::new() })
    }

    /// All settings, for `config show`.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Resolved> {
        self.all.iter()
    }

    pub(crate) fn resolved(&self, name: &str) -> Option<&Resolved> {
        self.all.iter().find(|resolved| resolved.setting.name == name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.resolved(name)?.value.as_deref()
    }

    /// The profile files, and the files that the sign-in and TLS read.
    pub(crate) fn input_files(&self) -> KeptFiles {
        let of_files = self.all.iter().filter(|resolved| resolved.setting.kind == Kind::Value("FILE"));
        let named = of_files.filter_map(|resolved| resolved.value.as_deref()).map(Path::new);
        named.chain(self.files.iter().map(PathBuf::as_path)).collect()
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value == "true")
    }
}

fn lookup(
    args: &ConnectionArgs,
    env: &impl Fn(&str) -> Result<String, VarError>,
    setting: Option<&'static Setting>,
) -> Result<Option<String>, Failure> {
    let Some(setting) = setting else { return Ok(None) };
    if let Some(value) = args.get(setting.name) {
        return Ok(Some(value.to_owned()));
    }
    Ok(variable(setting, env)?.map(|(value, _)| value))
}

/// The value of the setting's variable. An empty variable counts as not set, because that is how shells unset
/// a variable for one command.
fn variable(
    setting: &Setting,
    env: &impl Fn(&str) -> Result<String, VarError>,
) -> Result<Option<(String, &'static str)>, Failure> {
    let Some(name) = setting.variable else { return Ok(None) };
    let read = secrets::variable(env(name));
    let read = read.map_err(|reason| Failure::usage(format!("variable {name} {reason}")))?;
    let Some(value) = read.filter(|value| !value.is_empty()) else { return Ok(None) };
    if setting.kind != Kind::Switch {
        return Ok(Some((value, name)));
    }
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(Some(("true".to_owned(), name))),
        "0" | "false" | "no" | "off" => Ok(Some(("false".to_owned(), name))),
        _ => Err(Failure::usage(format!("variable {name} must be `true` or `false`"))),
    }
}
