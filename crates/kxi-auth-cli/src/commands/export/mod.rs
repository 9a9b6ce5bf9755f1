//! `export`: choose the clients -> declare each -> write one text that `plan` and `apply` read.

mod choose;
mod config;
mod declare;
mod text;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kxi_auth_core::{ClientDetails, ClientManager};

use crate::apply::Visible;
use crate::commands::export::text::{is_read_back, text};
use crate::context::Context;
use crate::declaration::{Declaration, OWNER_ATTRIBUTE};
use crate::failure::Failure;
use crate::output::{Format, Report};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Owner to write to the declaration. Clients of other owners are left out. Default: the owner of the
    /// realm's clients, or the realm's name if they have no owner or several.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,

    /// Also leave out clients without an owner.
    #[arg(long)]
    pub(crate) owned_only: bool,
}

/// How many clients' roles to read at the same time.
const AT_ONCE: usize = 8;

/// The last warning, if parts of exported clients are left out.
const KEPT: &str = "existing clients keep the settings that are left out, but `apply` does not set them \
                    on clients that it creates: set them by hand if you need them";

pub(crate) async fn run(context: &Context<'_>, args: &ExportArgs) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let (declaration, warnings) =
        context.during("reading the clients", async { export(&manager, args).await }).await?;
    let report = match context.format() {
        Format::Table | Format::Yaml => Report::text(text(&declaration)?),
        Format::Json | Format::Jsonl => Report::with_text(&declaration, String::new())?,
    };
    Ok(report.with_warnings(warnings))
}

/// The declaration, and warnings about everything that is not in it.
async fn export(manager: &ClientManager, args: &ExportArgs) -> Result<(Declaration, Vec<String>), Failure> {
    let (visible, owners) = (Visible::default(), Owners::default());
    let (seen, named, owned_only) = (visible.clone(), owners.clone(), args.owned_only);
    // What no declaration can be about is not kept.
    let concerns = move |client: &ClientDetails| {
        seen.note(client);
        named.note(client);
        choose::concerns(client, owned_only)
    };
    let listed = manager.list_clients().with_secret(false).details().filter(concerns).await?;
    let owner = args.owner.clone().or_else(|| owners.only()).unwrap_or_else(|| manager.realm().to_owned());
    check_owner(&owner)?;
    let mut warnings: Vec<String> = visible.warning().map(ToOwned::to_owned).into_iter().collect();
    let clients = choose::choose(listed, &owner, &mut warnings);
    let realm = declare::Realm::read(manager, &owner).await?;
    let declared = stream::iter(clients).map(|client| realm.declare(client)).buffered(AT_ONCE);
    let declared: Vec<declare::ExportedClient> = declared.try_collect().await?;
    let mut clients = Vec::new();
    let mut something_is_left_out = false;
    for outcome in declared {
        something_is_left_out |= outcome.client.is_some() && !outcome.warnings.is_empty();
        clients.extend(outcome.client);
        warnings.extend(outcome.warnings);
    }
    if something_is_left_out {
        warnings.push(KEPT.to_owned());
    }
    Ok((Declaration { owner, clients }, warnings))
}

/// The owners of the realm's clients, two at most.
#[derive(Clone, Default)]
struct Owners(Arc<Mutex<BTreeSet<String>>>);

impl Owners {
    fn note(&self, client: &ClientDetails) {
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = client.attribute(OWNER_ATTRIBUTE).filter(|_| owners.len() < 2) {
            owners.insert(owner.to_owned());
        }
    }

    /// The owner, if there is one and no other.
    fn only(&self) -> Option<String> {
        let owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        owners.first().filter(|_| owners.len() == 1).cloned()
    }
}

/// Rejects an owner that a declaration cannot hold. It comes from the command line, or from an attribute that
/// was set by hand.
fn check_owner(owner: &str) -> Result<(), Failure> {
    if is_read_back(&Declaration { owner: owner.to_owned(), clients: Vec::new() }) {
        return Ok(());
    }
    let message = format!("a declaration cannot have the owner `{}`", owner.escape_debug());
    Err(Failure::usage(message)
        .with_hint("use --owner NAME: not blank, at most 255 characters, no control characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_that_a_file_can_name_is_taken() {
        for good in ["feeds", "null", "a: b #", "Grüße"] {
            assert!(check_owner(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a\tb", "a\u{1b}b", &"x".repeat(256)] {
            let failure = check_owner(bad).unwrap_err();
            assert!(failure.hint().is_some_and(|hint| hint.starts_with("use --owner NAME")), "{bad:?}");
        }
    }
}
