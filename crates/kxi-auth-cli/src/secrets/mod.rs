//! Reads secrets, and writes them to files.

mod after;
mod destination;
mod fault;
mod file;
mod folder;
mod format;
mod kept_files;
pub(crate) mod kubernetes_names;
mod mask;
mod place;
mod read;
mod render;
mod staging;

pub(crate) use crate::secrets::after::failed_change;
pub(crate) use crate::secrets::destination::{Delivery, Owner};
pub(crate) use crate::secrets::fault::FileFault;
pub(crate) use crate::secrets::file::{SecretFile, State};
pub(crate) use crate::secrets::folder::Folders;
pub(crate) use crate::secrets::format::SecretFormat;
pub(crate) use crate::secrets::kept_files::KeptFiles;
pub(crate) use crate::secrets::mask::{MASK, proxy_without_credentials, without_credentials};
pub(crate) use crate::secrets::read::{
    Stdin, read_file, read_file_bytes, read_whole_file, secret_file, secret_in, text, variable,
};
