//! The declaration, from its file or standard input.

use std::path::Path;

use crate::cli::FileArgs;
use crate::context::Context;
use crate::declaration::{self, Faults, Located};
use crate::failure::Failure;
use crate::secrets::read_file_bytes;

/// Reads and checks the file; nothing is sent.
pub(crate) async fn read(context: &Context<'_>, args: &FileArgs) -> Result<Located, Failure> {
    let text = if args.file == Path::new("-") {
        context.stdin.read_bytes("--file").await?
    } else {
        read_file_bytes(&args.file, "declaration").await?
    };
    let name = args.file.display().to_string();
    let located = declaration::parse(&name, &text).map_err(|faults| refused(&name, &faults))?;
    if located.declaration.clients.is_empty() && !args.allow_empty {
        return Err(Failure::usage(format!("{name} declares no client"))
            .with_hint("--allow-empty allows it; with --prune it deletes all clients of its owner"));
    }
    Ok(located)
}

fn refused(name: &str, faults: &Faults) -> Failure {
    Failure::usage(format!("{name} cannot be used")).with_details(faults.lines())
}
