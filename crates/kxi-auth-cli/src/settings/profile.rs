//! The profiles in the configuration files of KX's `kxi` command, which are read and never written.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The profile that is taken when none is named.
const DEFAULT: &str = "default";

/// A profile's settings by their keys; only those that this command knows are kept, for the file can
/// hold a service's secret as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) file: PathBuf,
    pub(crate) name: String,
    values: BTreeMap<&'static str, String>,
}

/// A file that may hold profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `current_profile` and tables `[profiles.<name>]` (kxi 1.12 and later).
    Toml,
    /// A section for each profile (before).
    Ini,
}

const KEYS: [&str; 2] = ["hostname", "realm"];

/// The files in the order in which they are looked for; the first that exists is read.
pub(crate) fn candidates(home: Option<PathBuf>) -> Vec<Candidate> {
    let Some(home) = home.filter(|home| !home.as_os_str().is_empty()) else { return Vec::new() };
    let folder = home.join(".insights");
    vec![
        Candidate { path: folder.join("config.toml"), form: Form::Toml },
        Candidate { path: folder.join("cli-config"), form: Form::Ini },
    ]
}

/// What can be said of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    Missing,
    /// It is there, or its folder hides whether it is.
    Unreadable,
    There,
}

impl Candidate {
    pub(crate) fn state(&self) -> FileState {
        // What is no file, such as a pipe, could keep who opens it waiting.
        let seen = std::fs::metadata(&self.path).and_then(|found| {
            if found.is_file() { std::fs::File::open(&self.path).map(drop) } else { Ok(()) }
        });
        match seen {
            Ok(()) => FileState::There,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => FileState::Unreadable,
            Err(_) => FileState::Missing,
        }
    }
}

impl Profile {
    /// The profile called `wanted`, or the current one, of the first file that exists. A file before it that
    /// is there, and that this user may not read, is told in `unread`.
    pub(crate) fn read(
        candidates: &[Candidate],
        wanted: Option<&str>,
        unread: &mut Vec<PathBuf>,
    ) -> Result<Option<Self>, Failure> {
        for Candidate { path, form } in candidates {
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                // Under another user's home, as with `sudo -u`: nobody asked for a profile.
                Err(error) if error.kind() == ErrorKind::PermissionDenied && wanted.is_none() => {
                    // Of a folder that may not be looked into nobody knows what it holds.
                    if path.symlink_metadata().is_ok() {
                        unread.push(path.clone());
                    }
                    continue;
                }
                Err(error) => {
                    return Err(Failure::usage(format!("cannot read {}: {error}", path.display())));
                }
            };
            return match form {
                Form::Toml => toml(path, &text, wanted),
                Form::Ini => ini(path, &text, wanted),
            };
        }
        match wanted {
            None => Ok(None),
            Some(name) => {
                let looked: Vec<String> =
                    candidates.iter().map(|candidate| candidate.path.display().to_string()).collect();
                let reason = format!("there is no profile `{name}`: no file {}", looked.join(" or "));
                Err(Failure::usage(reason).with_hint("leave --profile out, or name the server by --host"))
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// From the values by their keys; a host without a scheme gets https.
    fn new(file: &Path, name: &str, value: impl Fn(&str) -> Option<String>) -> Self {
        let known = |key: &'static str| Some((key, value(key).filter(|value| !value.is_empty())?));
        let mut values: BTreeMap<_, _> = KEYS.into_iter().filter_map(known).collect();
        if let Some(host) = values.get_mut("hostname")
            && !host.contains("://")
        {
            *host = format!("https://{host}");
        }
        Self { file: file.to_owned(), name: name.to_owned(), values }
    }
}

fn toml(file: &Path, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    // The parser's own message shows the line, which may hold a secret.
    let document: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Failure::usage(format!("{}:{line}: this is not valid TOML", file.display()))
    })?;
    let current = document.get("current_profile").and_then(toml::Value::as_str);
    let name = wanted.or(current).unwrap_or(DEFAULT);
    let profiles = document.get("profiles").and_then(toml::Value::as_table);
    match profiles.and_then(|profiles| profiles.get(name)).and_then(toml::Value::as_table) {
        Some(profile) => {
            let value = |key: &str| profile.get(key).and_then(toml::Value::as_str).map(ToOwned::to_owned);
            Ok(Some(Profile::new(file, name, value)))
        }
        // A file without profiles has nothing to say, unless it was asked.
        None if wanted.is_none() && current.is_none() => Ok(None),
        None => {
            let names = profiles.map(|profiles| profiles.keys().map(String::as_str).collect::<Vec<_>>());
            Err(unknown(file, name, &names.unwrap_or_default()))
        }
    }
}

fn ini(file: &Path, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    // As they are written: names of profiles are case-sensitive. The parser's own message shows the line.
    let document = configparser::ini::Ini::new_cs()
        .read(text.to_owned())
        .map_err(|_| Failure::usage(format!("{}: this is not valid INI", file.display())))?;
    let name = wanted.unwrap_or(DEFAULT);
    match document.get(name) {
        Some(section) => Ok(Some(Profile::new(file, name, |key| section.get(key)?.clone()))),
        None if wanted.is_none() => Ok(None),
        None => {
            let mut names: Vec<&str> = document.keys().map(String::as_str).collect();
            names.sort_unstable();
            Err(unknown(file, name, &names))
        }
    }
}

fn unknown(file: &Path, name: &str, names: &[&str]) -> Failure {
    let hint = match names {
        [] => "it has no profiles".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    Failure::usage(format!("there is no profile `{name}` in {}", file.display())).with_hint(hint)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
