//! Secrets on their way into the program and out of it.

mod input;
mod output;

pub(crate) use crate::secrets::input::{Stdin, read_file, secret_file};
pub(crate) use crate::secrets::output::{Delivery, Owner, SecretFile};
