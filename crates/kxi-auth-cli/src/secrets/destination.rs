//! Where a secret goes.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::secrets::format::SecretFormat;
use crate::secrets::kubernetes_names::{is_label, is_subdomain};

/// Where a secret goes, and in what form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) path: PathBuf,
    pub(crate) format: SecretFormat,
    /// Of the Kubernetes Secret; the client id if there is none.
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
}

/// What a secret belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) host: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) client_id: &'a str,
}

impl Delivery {
    /// Rejects a name and a namespace that the format does not have, or that Kubernetes would reject.
    pub(super) fn check(&self, client_id: &str) -> Result<(), Failure> {
        if self.format != SecretFormat::Kubernetes {
            return match (&self.name, &self.namespace) {
                (None, None) => Ok(()),
                _ => Err(Failure::usage("only a Kubernetes Secret has a name and a namespace")
                    .with_hint("add --secret-format kubernetes")),
            };
        }
        let name = self.name.as_deref().unwrap_or(client_id);
        if !is_subdomain(name) {
            return Err(Failure::usage(format!("`{name}` is not a valid name of a Kubernetes Secret"))
                .with_hint("choose one with --secret-name: lower-case letters, digits, `-` and `.`"));
        }
        match self.namespace.as_deref().filter(|namespace| !is_label(namespace)) {
            Some(namespace) => {
                Err(Failure::usage(format!("`{namespace}` is not a valid Kubernetes namespace")))
            }
            None => Ok(()),
        }
    }
}
