//! Secrets on their way into the program and out of it.

mod format;
mod input;
mod inputs;
pub(crate) mod kubernetes_names;
mod output;

pub(crate) use crate::secrets::format::SecretFormat;
pub(crate) use crate::secrets::input::{Stdin, read_file, read_file_bytes, secret_file, secret_in};
pub(crate) use crate::secrets::inputs::Inputs;
pub(crate) use crate::secrets::output::{Delivery, Owner, SecretFile, State};
