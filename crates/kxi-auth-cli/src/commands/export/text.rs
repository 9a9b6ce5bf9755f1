//! The text of a declaration, and whether it is read back to the same.

use crate::declaration::{self, Declaration};
use crate::failure::Failure;
use crate::output::safe_yaml;

/// The declaration as it is printed.
pub(super) fn text(declaration: &Declaration) -> Result<String, Failure> {
    let yaml = declaration::write(declaration)
        .map_err(|error| Failure::local(format!("the clients cannot be written as YAML: {error}")))?;
    safe_yaml(yaml, declaration)
}

/// Whether `plan` and `apply` read the text of this declaration, and as the same.
pub(super) fn is_read_back(declaration: &Declaration) -> bool {
    let read = text(declaration).ok().and_then(|text| declaration::parse("-", text.as_bytes()).ok());
    read.is_some_and(|read| read.declaration == *declaration)
}
