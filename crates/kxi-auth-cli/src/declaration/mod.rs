//! The file that `plan` and `apply` read and `export` writes: YAML, or JSON as a part of it.
//!
//! text -> `tree` (form) -> `read` (types, and what is wrong with a single value) -> `check` (what is wrong
//! between clients) -> [`Located`]. Every fault has its line and column, and none of them repeats a word of
//! the text: what stands in the wrong place may be a secret.

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

/// A declaration, and where each part of it stands.
#[derive(Debug)]
pub(crate) struct Located {
    /// What the file says.
    pub(crate) declaration: Declaration,
    file: String,
    places: Places,
}

/// Reads a declaration. `file` is its path, or what stands for it in errors, such as `-`; relative paths in
/// it start at its folder. Of a file that is larger than `MOST_BYTES`, one byte more than these is enough.
///
/// # Errors
///
/// All faults that there are; of faults of form that end the parsing, the first.
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

/// The declaration as YAML, which [`parse`] reads back to the same. It holds no secret unless `config` does.
///
/// # Errors
///
/// A path in it is not valid Unicode.
pub(crate) fn write(declaration: &Declaration) -> Result<String, serde_saphyr::SerializeError> {
    serde_saphyr::to_string(declaration)
}

/// The JSON Schema (2020-12) of such a file.
pub(crate) fn schema() -> serde_json::Value {
    schema::of_declaration()
}

impl Located {
    /// Where a part of the client with this index stands, or if it is not written, what it would belong to.
    pub(crate) fn locate(&self, client: usize, field: Field<'_>) -> Location {
        self.places.clients.get(client).map_or(Location::default(), |places| places.locate(field))
    }

    /// What the core says of clients, each by its index, at the line and column that it speaks of: each
    /// unknown role, the field of `config`, else the id.
    pub(crate) fn faults<'e>(&self, errors: impl IntoIterator<Item = (usize, &'e Error)>) -> Faults {
        let faults = errors.into_iter().flat_map(|(client, error)| match self.places.clients.get(client) {
            Some(places) => places.faults(error),
            None => vec![Fault { at: Location::default(), message: places::message(error) }],
        });
        Faults::new(&self.file, faults.collect())
    }

    /// The file as it is named in errors, for [`Faults::new`].
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// A path of the declaration as this process reaches it: a relative one starts at the file's folder.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        paths::resolve(Path::new(&self.file), path)
    }
}
