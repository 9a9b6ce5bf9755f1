//! The README shows what the command says: its commands are run in their order, on a real Keycloak.

use kxi_auth_tests::programs::pages::{Block, blocks, documents, read};

use crate::pages::reader::Reader;

const TOUR: &str = "Five minutes";

/// What the prose tells to do with `clients.yaml`: its words, what is to be found in the file, and what to
/// put there.
const EDITS: [(&str, &str, &str); 4] = [
    ("Halve the lifespan in the file", "token_lifespan: 600", "token_lifespan: 300"),
    ("take `dashboard` out of it", "  - id: dashboard\n    roles: [insights.role.viewer]\n", ""),
    ("Write `token_lifespan: soon`", "token_lifespan: 300", "token_lifespan: soon"),
    ("and `format: enw`", "format: env", "format: enw"),
];

/// The file as it is while the reader goes on.
#[derive(Default)]
struct Declaration {
    text: String,
    edits: usize,
}

impl Declaration {
    /// Does what is told before a block.
    fn edit(&mut self, block: &Block<'_>) {
        let prose = block.prose.split_whitespace().collect::<Vec<_>>().join(" ");
        for (told, before, after) in EDITS {
            if prose.contains(told) {
                assert!(self.text.contains(before), "{told}: the file has no `{before}`:\n{}", self.text);
                self.text = self.text.replace(before, after);
                self.edits += 1;
            }
        }
    }
}

/// No block is left out: one that is added is run too, and has to be right where it stands.
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
    assert_eq!(file.edits, EDITS.len(), "README.md tells of other changes to the file than {EDITS:?}");
    let secret = std::fs::read_to_string(reader.desk.path("feed-writer.env")).unwrap();
    assert!(secret.contains("INSIGHTS_CLIENT_SECRET="), "`secret_out` is no file of variables");
    for id in ["my-service", "feed-writer", "dashboard"] {
        assert!(reader.desk.client(id).await.is_none(), "{id} is not cleared up");
    }
    reader.finish("README.md", 9).await;
}

/// A page that shows output has a test that follows it.
#[test]
fn no_other_page_shows_output() {
    let mut showing = documents().unwrap();
    showing.retain(|(_, text)| blocks(text).unwrap().iter().any(|block| block.language == "console"));
    let paths: Vec<&str> = showing.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["README.md", crate::pages::operators::PAGE]);
}
