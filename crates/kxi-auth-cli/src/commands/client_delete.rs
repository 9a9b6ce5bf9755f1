//! `client delete ID`

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use kxi_auth_core::ClientManager;
use serde::Serialize;

use crate::args::DeleteArgs;
use crate::failure::Failure;
use crate::output::{Report, Table, plain};

#[derive(Serialize)]
struct Outcome<'a> {
    id: &'a str,
    uuid: &'a str,
    realm: &'a str,
    deleted: bool,
}

pub(crate) async fn run(manager: &ClientManager, args: &DeleteArgs) -> Result<Report, Failure> {
    if !args.yes {
        confirm(&args.id, manager.realm())?;
    }
    let client = manager.delete_client(&args.id).await?;
    let shown = Outcome { id: &client.id, uuid: client.uuid.as_str(), realm: manager.realm(), deleted: true };
    let table = Table::fields([
        ("client", shown.id.into()),
        ("uuid", shown.uuid.into()),
        ("realm", shown.realm.into()),
        ("outcome", "deleted".into()),
    ]);
    Report::new(&shown, table)
}

/// Asks on the terminal; where nobody can answer, `--yes` must be there.
fn confirm(id: &str, realm: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("deleting needs --yes where nobody can be asked".to_owned()));
    }
    let question = format!(
        "Delete the client `{}` and its service account from the realm `{}`? [y/N] ",
        plain(id),
        plain(realm)
    );
    let mut answer = String::new();
    let asked = std::io::stderr().write_all(question.as_bytes());
    let read = asked.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    read.map_err(|error| Failure::Other(format!("cannot ask: {error}")))?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::Other("not deleted: the answer was not yes".to_owned()))
    }
}
