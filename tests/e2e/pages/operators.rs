//! The page for operators shows what the command prints.
//!
//! Its sections are about different people in different situations, so each block has a preparation of its own. A
//! block without one fails the test.

use kxi_auth_tests::programs::pages::{Block, blocks, examples, read};

use crate::pages::reader::Reader;

const PAGE: &str = "crates/kxi-auth-cli/docs/operators.md";

/// Brings about what the page presumes before a `console` block; false if it is not known here.
async fn prepare(reader: &mut Reader, block: &Block<'_>) -> bool {
    let realm = reader.desk.realm.name().to_owned();
    let command = examples(block.content).swap_remove(0).command;
    let shows_denial = block.content.contains("\nfailed ");
    let words: Vec<&str> = command.split(' ').take(3).collect();
    reader.export([]);
    match (block.section, words.join(" ").as_str()) {
        ("As a client, without a person", "kxi-auth client register") | ("Rotation", "kxi-auth apply -f") => {
        }
        ("As a client, without a person", "kxi-auth client list") => {
            let revoke =
                "kxi-auth client roles revoke kxi-auth-admin --client-role realm-management manage-clients";
            reader.succeed(revoke).await;
            reader.export([
                ("INSIGHTS_ADMIN_CLIENT_ID", "kxi-auth-admin"),
                ("INSIGHTS_ADMIN_CLIENT_SECRET_FILE", "kxi-auth-admin.secret"),
                ("INSIGHTS_ADMIN_REALM", &realm),
            ]);
        }
        ("Check the setup", "kxi-auth doctor") if !shows_denial => {}
        ("Check the setup", "kxi-auth doctor") => {
            let roles = ["view-clients", "view-users", "view-realm"];
            reader.desk.realm.add_admin("readonly", "its password", &roles).await.unwrap();
            reader.export([
                ("INSIGHTS_ADMIN_USERNAME", "readonly"),
                ("INSIGHTS_ADMIN_PASSWORD", "its password"),
                ("INSIGHTS_ADMIN_REALM", &realm),
            ]);
        }
        ("Rotation", "kxi-auth client rotate-secret") => {
            reader.succeed("kxi-auth client register my-service").await;
        }
        _ => return false,
    }
    true
}

/// The client exists with a random secret, and the file then declares another one.
async fn declare_next(reader: &Reader, declaration: &str) {
    let (before, after) = declaration.split_once("    secret: {file: feed-writer.next}\n").unwrap();
    reader.desk.write("clients.yaml", &format!("{before}{after}"));
    reader.succeed("kxi-auth apply -f clients.yaml").await;
    reader.desk.write("feed-writer.next", "a secret of one's own\n");
    reader.desk.write("clients.yaml", declaration);
}

#[tokio::test]
async fn the_page_for_operators_shows_what_the_command_says() {
    let page = read(PAGE).unwrap();
    let mut reader = Reader::new().await;
    for block in blocks(&page).unwrap() {
        match (block.language, block.section) {
            ("console", _) => {
                let prepared = prepare(&mut reader, &block).await;
                assert!(prepared, "no preparation is known for this block in {PAGE}:\n{}", block.content);
                reader.follow(&block).await;
            }
            ("sh", "Rotation") => reader.follow_script(&block).await,
            ("yaml", "Rotation") => declare_next(&reader, block.content).await,
            _ => {}
        }
    }
    assert_eq!(reader.desk.secret("feed-writer").await, "a secret of one's own");
    reader.finish(PAGE, 6).await;
}
