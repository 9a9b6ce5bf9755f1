//! The page for operators shows what the command says.
//!
//! Its sections are about different people in different situations, so each block is prepared by itself; one
//! that nothing here prepares for fails the test.

use kxi_auth_tests::programs::pages::{Block, blocks, examples, read};

use crate::pages::reader::Reader;

pub(super) const PAGE: &str = "crates/kxi-auth-cli/docs/operators.md";

/// Brings about what the page presumes before a `console` block; false if nothing here tells what that is.
async fn prepare(reader: &mut Reader, block: &Block<'_>) -> bool {
    let realm = reader.desk.realm.name().to_owned();
    let command = examples(block.content).swap_remove(0).command;
    let words: Vec<&str> = command.split(' ').take(3).collect();
    reader.export([]);
    match (block.section, words.join(" ").as_str()) {
        ("As a client, without a person", "kxi-auth client register") | ("Rotation", "kxi-auth apply -f") => {
        }
        ("As a client, without a person", "kxi-auth client list") => reader.export([
            ("INSIGHTS_ADMIN_CLIENT_ID", "kxi-auth-admin"),
            ("INSIGHTS_ADMIN_CLIENT_SECRET_FILE", "kxi-auth-admin.secret"),
            ("INSIGHTS_ADMIN_REALM", &realm),
        ]),
        ("As a user", "kxi-auth doctor") => {
            let roles = ["view-clients", "view-users", "view-realm"];
            reader.desk.realm.add_admin("readonly", "its password", &roles).await.unwrap();
            reader.export([
                ("INSIGHTS_ADMIN_USERNAME", "readonly"),
                ("INSIGHTS_ADMIN_PASSWORD", "its password"),
                ("INSIGHTS_ADMIN_REALM", &realm),
            ]);
        }
        // A system without certificates.
        ("Container image", "kxi-auth role list") => reader.export([("SSL_CERT_FILE", "/dev/null")]),
        ("Rotation", "kxi-auth client rotate-secret") => {
            reader.succeed("kxi-auth client register my-service").await;
        }
        _ => return false,
    }
    true
}

/// The client is there with a secret that was drawn for it, and the file then gives another one.
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
                assert!(prepared, "nothing tells how to come to this in {PAGE}:\n{}", block.content);
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
