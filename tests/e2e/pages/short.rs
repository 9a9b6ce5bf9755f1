//! Pages with few examples: commands, exit codes, Kubernetes.

use kxi_auth_tests::programs::pages::{PAGES, blocks, read};

use crate::pages::reader::Reader;

const DECLARATION: &str = "owner: market-data\nclients: [{id: feed-writer, roles: none}]\n";

#[tokio::test]
async fn the_page_of_commands_can_be_followed() {
    let page = format!("{PAGES}/commands.md");
    let mut reader = Reader::new().await;
    reader.desk.write("new.secret", "a secret of one's own\n");
    for block in blocks(&read(&page).unwrap()).unwrap() {
        match block.language {
            "console" => reader.follow(&block).await,
            _ => reader.follow_script(&block).await,
        }
    }
    assert_eq!(reader.desk.secret("my-service").await, "a secret of one's own");
    reader.finish(&page, 1).await;
}

#[tokio::test]
async fn the_page_of_exit_codes_shows_what_the_command_says() {
    let page = format!("{PAGES}/exit-codes.md");
    let mut reader = Reader::new().await;
    reader.desk.write("clients.yaml", DECLARATION);
    for block in blocks(&read(&page).unwrap()).unwrap() {
        match block.language {
            "console" => reader.follow(&block).await,
            _ => reader.succeed(block.content).await,
        }
    }
    reader.finish(&page, 1).await;
}

#[tokio::test]
async fn the_page_about_kubernetes_shows_what_the_command_says() {
    let page = format!("{PAGES}/kubernetes.md");
    let mut reader = Reader::new().await;
    // A system without certificates.
    reader.export([("SSL_CERT_FILE", "/dev/null")]);
    for block in blocks(&read(&page).unwrap()).unwrap() {
        if block.language == "console" {
            reader.follow(&block).await;
        }
    }
    reader.finish(&page, 1).await;
}
