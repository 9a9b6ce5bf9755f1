//! What becomes of a staged secret when the change that was to make it live has failed.

use kxi_auth_core::{Error, Step};

use crate::failure::Failure;
use crate::secrets::file::SecretFile;

/// Whether the server has the secret that was to become live.
#[derive(Debug, PartialEq, Eq)]
enum Live {
    Yes,
    No,
    Perhaps,
}

/// The failure of a change. A staged secret that became live is put in place, one that may be live is kept, and any
/// other is removed.
pub(crate) fn failed_change(error: Error, client_id: &str, file: Option<SecretFile>) -> Failure {
    let live = Live::after(&error);
    let failure = Failure::from(error);
    let Some(file) = file else { return failure };
    match live {
        Live::No => file.discard(),
        Live::Yes => match file.put_in_place(client_id) {
            Ok(Some(path)) => return failure.with_detail(format!("its secret is in {}", path.display())),
            Ok(None) => {}
            Err(unwritten) => return failure.with_detail(unwritten.message().to_owned()),
        },
        Live::Perhaps => {
            if let Some(path) = file.keep() {
                return failure.with_detail(format!("the secret that it may have is in {}", path.display()));
            }
        }
    }
    failure
}

impl Live {
    fn after(error: &Error) -> Self {
        let sets_secret = |step: &Step| matches!(step, Step::Create | Step::SetSecret);
        match error {
            // The server stored another secret.
            Error::Incomplete(incomplete) if incomplete.failed == Step::SetSecret && !incomplete.in_doubt => {
                Self::No
            }
            Error::Incomplete(incomplete) if incomplete.done.iter().any(sets_secret) => Self::Yes,
            Error::Incomplete(incomplete) if incomplete.in_doubt && sets_secret(&incomplete.failed) => {
                Self::Perhaps
            }
            _ => Self::No,
        }
    }
}
