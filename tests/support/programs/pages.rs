//! The documentation: README, pages, contributor's guide. Its fenced blocks, its tables, and the commands that it
//! shows with their output.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use regex::Regex;

/// The folder of the pages that the README links to.
pub const PAGES: &str = "crates/kxi-auth-cli/docs";

/// The documents outside of that folder.
const OTHERS: [&str; 7] = [
    "README.md",
    "CHANGELOG.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    "crates/kxi-auth-core/ARCHITECTURE.md",
    "specs/README.md",
    "tests/README.md",
];

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// A file of the workspace.
pub fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| path.to_owned())
}

/// Every document: path and text.
pub fn documents() -> Result<Vec<(String, String)>> {
    let mut paths: Vec<String> = OTHERS.map(ToOwned::to_owned).into();
    for entry in std::fs::read_dir(root().join(PAGES))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            paths.push(format!("{PAGES}/{name}"));
        }
    }
    paths.into_iter().map(|path| read(&path).map(|text| (path, text))).collect()
}

/// A fenced block.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// The heading that it stands below, without its marks.
    pub section: &'a str,
    /// The text between the block before it and this one.
    pub prose: &'a str,
    /// `console`, `sh`, `yaml` and so on.
    pub language: &'a str,
    /// What stands within the fence.
    pub content: &'a str,
}

/// The fenced blocks of a page.
pub fn blocks(page: &str) -> Result<Vec<Block<'_>>> {
    let fence = Regex::new(r"(?ms)^```([a-z,_]+)\n(.*?)^```$")?;
    let (mut blocks, mut section, mut end) = (Vec::new(), "", 0);
    for found in fence.captures_iter(page) {
        let (whole, [language, content]) = found.extract();
        let start = found.get(0).map_or(end, |whole| whole.start());
        let prose = &page[end..start];
        // Not in what was fenced, where `#` begins a comment.
        let heading = prose.lines().rfind(|line| line.starts_with('#'));
        section = heading.map_or(section, |heading| heading.trim_start_matches(['#', ' ']));
        blocks.push(Block { section, prose, language, content });
        end = start + whole.len();
    }
    Ok(blocks)
}

/// The rows of the table with this header, without the header.
#[must_use]
pub fn rows<'a>(page: &'a str, header: &str) -> Vec<&'a str> {
    let lines = page.lines().skip_while(|line| !line.starts_with(header));
    lines.take_while(|line| line.starts_with('|')).skip(2).collect()
}

/// A command as a `console` block shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What is typed.
    pub command: String,
    /// All that is then seen, standard error too.
    pub output: String,
}

/// The commands of a `console` block.
#[must_use]
pub fn examples(content: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in content.split_inclusive('\n') {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => {
                examples.push(Example { command: command.trim_end().to_owned(), output: String::new() });
            }
            (None, Some(example)) => example.output.push_str(line),
            (None, None) => {}
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_its_section_and_the_prose_before_it() {
        let page =
            "# One\nfirst\n```sh\n# no heading\nls\n```\nthen\n## Two\n```yaml\na: 1\n```\n```sh\n```\n";
        let found = blocks(page).unwrap();
        let seen: Vec<_> = found.iter().map(|block| (block.section, block.prose, block.language)).collect();
        assert_eq!(
            seen,
            [("One", "# One\nfirst\n", "sh"), ("Two", "\nthen\n## Two\n", "yaml"), ("Two", "\n", "sh")]
        );
        assert_eq!(found[0].content, "# no heading\nls\n");
    }

    #[test]
    fn a_table_is_found_by_its_header() {
        let page = "| A | B |\n|---|---|\n| 1 | 2 |\n\n| A | C |\n|---|---|\n| 3 | 4 |\n| 5 | 6 |\n";
        assert_eq!(rows(page, "| A | C |"), ["| 3 | 4 |", "| 5 | 6 |"]);
        assert_eq!(rows(page, "| D |"), [""; 0]);
    }

    #[test]
    fn an_example_is_a_command_and_what_it_showed() {
        let example =
            |command: &str, output: &str| Example { command: command.into(), output: output.into() };
        assert_eq!(examples("$ a b\n1\n  2\n$ c\n"), [example("a b", "1\n  2\n"), example("c", "")]);
        assert_eq!(examples("…\n"), []);
    }
}
