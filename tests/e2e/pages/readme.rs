//! The README shows what the command prints: its commands run in their order, on a real Keycloak.

use kxi_auth_tests::programs::pages::{Block, PAGES, blocks, documents, read};

use crate::pages::reader::Reader;

const TOUR: &str = "Five minutes";

/// What the text asks the reader to change in `clients.yaml`: its words, what the file has, and what replaces it.
const EDITS: [(&str, &str, &str); 4] = [
    ("Halve the lifespan in the file", "token_lifespan: 600", "token_lifespan: 300"),
    ("remove `dashboard` from it", "  - id: dashboard\n    roles: [insights.role.viewer]\n", ""),
    ("Write `token_lifespan: soon`", "token_lifespan: 300", "token_lifespan: soon"),
    ("and `format: enw`", "format: env", "format: enw"),
];

/// The file, as the reader changes it.
#[derive(Default)]
struct Declaration {
    text: String,
    edits: usize,
}

impl Declaration {
    /// Makes the changes that the text before a block asks for.
    fn edit(&mut self, block: &Block<'_>) {
        let prose = block.prose.split_whitespace().collect::<Vec<_>>().join(" ");
        for (words, before, after) in EDITS {
            if prose.contains(words) {
                assert!(self.text.contains(before), "{words}: the file has no `{before}`:\n{}", self.text);
                self.text = self.text.replace(before, after);
                self.edits += 1;
            }
        }
    }
}

/// No block is left out: a new block runs too, and has to be right at its place.
#[tokio::test]
async fn the_readme_shows_what_the_command_says() {
    let readme = read("README.md").unwrap();
    let mut reader = Reader::new().await;
    let mut file = Declaration::default();
    for block in blocks(&readme).unwrap() {
        match (block.language, block.section) {
            ("yaml", TOUR) => block.content.clone_into(&mut file.text),
            ("console", _) => {
                file.edit(&block);
                reader.desk.write("clients.yaml", &file.text);
                reader.follow(&block).await;
            }
            ("sh", TOUR) => reader.follow_script(&block).await,
            _ => {}
        }
    }
    assert_eq!(file.edits, EDITS.len(), "README.md asks for other changes to the file than {EDITS:?}");
    let secret = std::fs::read_to_string(reader.desk.path("feed-writer.env")).unwrap();
    assert!(secret.contains("INSIGHTS_CLIENT_SECRET="), "`secret_out` is not a file of variables");
    for id in ["my-service", "feed-writer", "dashboard"] {
        assert!(reader.desk.client(id).await.is_none(), "{id} is not deleted at the end");
    }
    reader.finish("README.md", 9).await;
}

/// A page that shows output has a test that follows it.
#[test]
fn no_other_page_shows_output() {
    let mut showing = documents().unwrap();
    showing.retain(|(_, text)| blocks(text).unwrap().iter().any(|block| block.language == "console"));
    let mut paths: Vec<String> = showing.into_iter().map(|(path, _)| path).collect();
    paths.sort();
    let followed = ["commands.md", "exit-codes.md", "kubernetes.md", "operators.md"]
        .map(|name| format!("{PAGES}/{name}"));
    assert_eq!(paths, [&["README.md".to_owned()], &followed[..]].concat());
}
