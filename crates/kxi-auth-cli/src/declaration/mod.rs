//! The declaration, which `plan` and `apply` read and `export` writes: YAML, or JSON as a subset of it.
//!
//! text -> `tree` (syntax) -> `read` (types, and faults of single values) -> `check` (faults between clients)
//! -> [`Located`]. Every fault has its line and column. No fault repeats a word of the text, because a value
//! in the wrong place may be a secret.

mod attributes;
mod check;
mod faults;
mod forms;
mod limits;
mod model;
mod paths;
mod places;
mod read;
mod reader;
mod schema;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;

use std::path::{Path, PathBuf};

use kxi_auth_core::Error;

pub(crate) use self::attributes::OWNER_ATTRIBUTE;
pub(crate) use self::faults::{Fault, Faults, Location};
pub(crate) use self::model::{Declaration, DeclaredClient, SecretSource};
pub(crate) use self::places::Field;

use self::places::Places;
use self::reader::Reader;

/// A declaration, and the location of each part of it.
#[derive(Debug)]
pub(crate) struct Located {
    /// The content of the file.
    pub(crate) declaration: Declaration,
    file: String,
    places: Places,
}

/// Reads a declaration. `file` is its path, or its name in errors, such as `-`. Relative paths in the
/// declaration start at the folder of the file. Of a file larger than `MOST_BYTES`, callers need to pass only
/// one byte more than the limit.
///
/// # Errors
///
/// All faults. A fault of the syntax ends the parsing, so only the first one is returned.
pub(crate) fn parse(file: &str, text: &[u8]) -> Result<Located, Faults> {
    let root = tree::parse(text).map_err(|fault| Faults::new(file, vec![fault]))?;
    let mut reader = Reader::default();
    tree::duplicate_keys(&root, &mut reader.faults);
    let (declaration, places) = read::declaration(&root, &mut reader);
    check::check(&declaration, &places, Path::new(file), &mut reader);
    if reader.faults.is_empty() {
        Ok(Located { declaration, file: file.to_owned(), places })
    } else {
        Err(Faults::new(file, reader.faults))
    }
}

/// The declaration as YAML, which [`parse`] reads back unchanged. It contains no secret unless `config` does.
///
/// # Errors
///
/// A path in it is not valid Unicode.
pub(crate) fn write(declaration: &Declaration) -> Result<String, serde_saphyr::SerializeError> {
    serde_saphyr::to_string(declaration)
}

/// The JSON Schema (2020-12) of a declaration.
pub(crate) fn schema() -> serde_json::Value {
    schema::of_declaration()
}

impl Located {
    /// The location of a part of the client with this index. If the part is not written, the location of its
    /// parent.
    pub(crate) fn locate(&self, client: usize, field: Field<'_>) -> Location {
        self.places.clients.get(client).map_or(Location::default(), |places| places.locate(field))
    }

    /// Faults for the library's errors, each given with the index of its client. A fault points to the
    /// unknown role, to the wrong field, or otherwise to the client ID.
    pub(crate) fn faults<'e>(&self, errors: impl IntoIterator<Item = (usize, &'e Error)>) -> Faults {
        let faults = errors.into_iter().flat_map(|(client, error)| match self.places.clients.get(client) {
            Some(places) => places.faults(error),
            None => vec![Fault { at: Location::default(), message: places::message(error) }],
        });
        Faults::new(&self.file, faults.collect())
    }

    /// The name of the file in errors, for [`Faults::new`].
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// A path of the declaration, for this process. A relative path starts at the folder of the file.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        paths::resolve(Path::new(&self.file), path)
    }
}
