//! The text of a declaration, and a check that it can be read back.

use crate::declaration::{self, Declaration};
use crate::failure::Failure;
use crate::output::safe_yaml;

/// The text of a declaration.
pub(super) fn text(declaration: &Declaration) -> Result<String, Failure> {
    let yaml = declaration::write(declaration)
        .map_err(|error| Failure::local(format!("cannot write the clients as YAML: {error}")))?;
    safe_yaml(yaml, declaration)
}

/// Whether `plan` and `apply` can read the text of this declaration and get the same declaration.
pub(super) fn is_read_back(declaration: &Declaration) -> bool {
    let read = text(declaration).ok().and_then(|text| declaration::parse("-", text.as_bytes()).ok());
    read.is_some_and(|read| read.declaration == *declaration)
}
