//! The profiles in the configuration files of KX's `kxi` command. These files are read and never written.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::secrets::text;

/// The profile that is used if no name is given.
const DEFAULT: &str = "default";

/// A profile's settings by key. Unknown keys are dropped, because the file can also hold a service account's
/// secret.
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
    /// A section for each profile (before kxi 1.12).
    Ini,
}

const KEYS: [&str; 3] = ["hostname", "admin-url", "realm"];

/// The profile files in order of precedence. The first file that exists is read.
pub(crate) fn candidates(home: Option<PathBuf>) -> Vec<Candidate> {
    let Some(home) = home.filter(|home| !home.as_os_str().is_empty()) else { return Vec::new() };
    let folder = home.join(".insights");
    vec![
        Candidate { path: folder.join("config.toml"), form: Form::Toml },
        Candidate { path: folder.join("cli-config"), form: Form::Ini },
    ]
}

/// What is known about a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    Missing,
    /// The file exists but is not readable, or its folder hides whether it exists.
    Unreadable,
    There,
}

impl Candidate {
    pub(crate) fn state(&self) -> FileState {
        // Only regular files are opened: opening a pipe, for example, could block.
        let opened = std::fs::metadata(&self.path).and_then(|found| {
            if found.is_file() { std::fs::File::open(&self.path).map(drop) } else { Ok(()) }
        });
        match opened {
            Ok(()) => FileState::There,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => FileState::Unreadable,
            Err(_) => FileState::Missing,
        }
    }
}

impl Candidate {
    /// The profile `wanted`, or the current profile, in the text of the file.
    pub(crate) fn parse(&self, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
        match self.form {
            Form::Toml => toml(&self.path, text, wanted),
            Form::Ini => ini(&self.path, text, wanted),
        }
    }
}

impl Profile {
    /// Reads the profile `wanted`, or the current profile, from the first file that exists. If no profile is
    /// wanted, files that exist but that this user may not read are skipped and added to `unread`.
    pub(crate) fn read(
        candidates: &[Candidate],
        wanted: Option<&str>,
        unread: &mut Vec<PathBuf>,
    ) -> Result<Option<Self>, Failure> {
        for candidate @ Candidate { path, .. } in candidates {
            let file = match std::fs::File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                // With `sudo -u`, HOME can be another user's. Without --profile, that is not an error.
                Err(error) if error.kind() == ErrorKind::PermissionDenied && wanted.is_none() => {
                    // In a folder without access, it is unknown whether the file exists.
                    if path.symlink_metadata().is_ok() {
                        unread.push(path.clone());
                    }
                    continue;
                }
                Err(error) => {
                    return Err(Failure::usage(format!("cannot read {}: {error}", path.display())));
                }
            };
            let text = text(file)
                .map_err(|reason| Failure::usage(format!("cannot read {}: {reason}", path.display())))?;
            return candidate.parse(&text, wanted);
        }
        match wanted {
            None => Ok(None),
            Some(name) => {
                let looked: Vec<String> =
                    candidates.iter().map(|candidate| candidate.path.display().to_string()).collect();
                let reason =
                    format!("profile `{name}` does not exist: there is no file {}", looked.join(" or "));
                Err(Failure::usage(reason).with_hint("omit --profile and set the server with --host"))
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Creates a profile from the values by key. An address without a scheme gets https.
    fn new(file: &Path, name: &str, value: impl Fn(&str) -> Option<String>) -> Self {
        let known = |key: &'static str| Some((key, value(key).filter(|value| !value.is_empty())?));
        let mut values: BTreeMap<_, _> = KEYS.into_iter().filter_map(known).collect();
        for (_, address) in values.iter_mut().filter(|(key, _)| **key != "realm") {
            if !address.contains("://") {
                *address = format!("https://{address}");
            }
        }
        Self { file: file.to_owned(), name: name.to_owned(), values }
    }
}

fn toml(file: &Path, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    // The parser's own message quotes the line, which may hold a secret.
    let document: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Failure::usage(format!("{}:{line}: not valid TOML", file.display()))
    })?;
    let current = document.get("current_profile").and_then(toml::Value::as_str);
    let name = wanted.or(current).unwrap_or(DEFAULT);
    let profiles = document.get("profiles").and_then(toml::Value::as_table);
    match profiles.and_then(|profiles| profiles.get(name)).and_then(toml::Value::as_table) {
        Some(profile) => {
            let value = |key: &str| profile.get(key).and_then(toml::Value::as_str).map(ToOwned::to_owned);
            Ok(Some(Profile::new(file, name, value)))
        }
        // A file without profiles is an error only if a profile is requested.
        None if wanted.is_none() && current.is_none() => Ok(None),
        None => {
            let names = profiles.map(|profiles| profiles.keys().map(String::as_str).collect::<Vec<_>>());
            Err(unknown(file, name, &names.unwrap_or_default()))
        }
    }
}

fn ini(file: &Path, text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    // `new_cs` keeps the case, because profile names are case-sensitive. The parser's own message quotes the
    // line, which may hold a secret.
    let document = configparser::ini::Ini::new_cs()
        .read(text.to_owned())
        .map_err(|_| Failure::usage(format!("{}: not valid INI", file.display())))?;
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
        [] => "the file has no profiles".to_owned(),
        names => format!("the file has the profiles {}", names.join(", ")),
    };
    Failure::usage(format!("profile `{name}` does not exist in {}", file.display())).with_hint(hint)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
