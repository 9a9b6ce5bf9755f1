//! `cargo xtask codegen`: from `specs/` to the one generated file of `crates/keycloak-admin-api`.
//!
//! A program of its own, because no other task needs the generator, which takes long to compile.
//!
//! assign ids -> apply patches -> render -> write, or compare with what is committed.

mod fields;
mod freshness;
mod header;
mod ids;
mod patch;
mod place;
mod render;
mod sources;
mod words;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use xtask::spec::sha256;
use xtask::workspace::{self, say};

use sources::Sources;

/// Generate the typed client `crates/keycloak-admin-api` from `specs/`.
#[derive(Parser)]
#[command(name = "cargo xtask codegen")]
struct Args {
    /// Write nothing; list what is stale, and fail if anything is.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let root = workspace::root();
    workspace::exit(if args.check { check(&root) } else { write(&root) })
}

/// Fails, with one line for each stale thing, unless everything generated is up to date.
fn check(root: &Path) -> Result<()> {
    let stale = freshness::stale(root);
    if stale.is_empty() {
        say("codegen: everything is up to date");
        return Ok(());
    }
    bail!("stale:\n  {}", stale.join("\n  "))
}

fn write(root: &Path) -> Result<()> {
    let sources = Sources::read(root)?;
    sources.check_document()?;
    let generated = generate(&sources)?;
    for (path, text) in [(sources::IDS, &generated.ids), (sources::GENERATED, &generated.client)] {
        let file = root.join(path);
        // An unchanged file keeps its time, so that nothing is built again.
        if fs::read_to_string(&file).is_ok_and(|old| old == *text) {
            say(&format!("{path}: unchanged"));
        } else {
            fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
            say(&format!("{path}: written"));
        }
    }
    say(&format!("{} operations", generated.operations));
    Ok(())
}

/// What `specs/` gives.
struct Generated {
    /// How many operations the document has.
    operations: usize,
    /// The list of operation ids, with those of new operations.
    ids: String,
    /// The source file of the client.
    client: String,
}

fn generate(sources: &Sources) -> Result<Generated> {
    let mut document = sources.parse_document()?;
    let operations = ids::operations(&document);
    let assigned = ids::assign(
        &operations,
        &ids::parse(&sources.ids).context(sources::IDS)?,
        &ids::parse(&sources.overrides).context(sources::OVERRIDES)?,
    )?;
    let list = ids::render(&operations, &assigned);
    let operations = operations.len();
    ids::put_into(&mut document, &assigned)?;
    patch::apply(&sources.patches, &mut document)?;
    let body = render::render(&document)?;
    let digests = header::Digests {
        document: sha256(&sources.document),
        ids: sha256(&list),
        overrides: sha256(&sources.overrides),
        patches: sha256(&sources.patches),
        body: sha256(&body),
    };
    Ok(Generated { operations, ids: list, client: digests.header() + &body })
}

#[cfg(test)]
mod tests;
