//! Whether what is committed is what `specs/` gives.

use std::fs;
use std::path::Path;

use crate::header::Digests;
use crate::sources::{GENERATED, IDS, OVERRIDES, PATCHES, Sources};
use crate::{Generated, generate};
use xtask::spec::{self, sha256};

/// One line for each thing that is stale; none if all is well. Writes nothing.
pub(crate) fn stale(root: &Path) -> Vec<String> {
    let sources = match Sources::read(root) {
        Ok(sources) => sources,
        Err(error) => return vec![format!("{error:#}")],
    };
    let mut stale = Vec::new();
    if let Err(error) = sources.check_document() {
        stale.push(format!("{error:#}"));
    }
    let committed = fs::read_to_string(root.join(GENERATED)).unwrap_or_default();
    stale.extend(by_digest(&sources, &committed));
    match generate(&sources) {
        Ok(generated) => stale.extend(by_content(&sources, &committed, &generated)),
        Err(error) => stale.push(format!("nothing can be generated: {error:#}")),
    }
    stale
}

/// The sources that the committed file does not come from, by its header.
fn by_digest(sources: &Sources, committed: &str) -> Vec<String> {
    let Some((digests, body)) = Digests::parse(committed) else {
        return vec![format!("{GENERATED}: missing, or without its header")];
    };
    let made_from = [
        (spec::DOCUMENT, &sources.document, &digests.document),
        (IDS, &sources.ids, &digests.ids),
        (OVERRIDES, &sources.overrides, &digests.overrides),
        (PATCHES, &sources.patches, &digests.patches),
    ];
    let mut stale: Vec<String> = made_from
        .into_iter()
        .filter(|(_, text, recorded)| sha256(text) != **recorded)
        .map(|(path, ..)| format!("{path}: changed since {GENERATED} was made"))
        .collect();
    if sha256(body) != digests.body {
        stale.push(format!("{GENERATED}: edited by hand"));
    }
    stale
}

/// The result of generating the file again.
fn by_content(sources: &Sources, committed: &str, generated: &Generated) -> Vec<String> {
    let files = [(IDS, sources.ids.as_str(), &generated.ids), (GENERATED, committed, &generated.client)];
    files
        .into_iter()
        .filter(|(_, committed, generated)| committed != generated)
        .map(|(path, committed, generated)| {
            let line = first_difference(committed, generated);
            format!("{path}: not what `cargo xtask codegen` writes (first difference in line {line})")
        })
        .collect()
}

fn first_difference(left: &str, right: &str) -> usize {
    let same = left.lines().zip(right.lines()).take_while(|(left, right)| left == right);
    same.count() + 1
}
