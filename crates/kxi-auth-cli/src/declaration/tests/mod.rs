mod core_errors;
mod form;
mod meaning;
mod round_trip;
mod schema;
mod secrecy;
mod valid;

use super::{Located, parse};

/// A declaration as the documentation shows it.
const EXAMPLE: &str = "\
owner: market-data
clients:
  - id: feed-writer
    roles: [insights.role.developer, all]
    client_roles: {realm-management: [view-clients, all]}
    exact_roles: true
    groups: [/market-data/feeds]
    exact_groups: true
    enabled: false
    token_lifespan: 300
    config:
      description: writes the trade feed
      attributes: {contact: a@example.com}
    secret: {env: FEED_SECRET}
    secret_out:
      file: out/feed-writer.yaml
      format: kubernetes
      namespace: feeds
  - id: reader
    secret: keep
    secret_out: reader.txt
";

fn read(text: &str) -> Located {
    parse("clients.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// The lines of the error.
fn rejected(text: impl AsRef<[u8]>) -> Vec<String> {
    let text = text.as_ref();
    match parse("f", text) {
        Ok(located) => panic!("{:?} from {}", located.declaration, String::from_utf8_lossy(text)),
        Err(faults) => faults.to_string().lines().map(str::to_owned).collect(),
    }
}

/// A file with one client that has its ID on line 3, and these lines from line 4, column 5 on.
fn with(lines: &str) -> String {
    let lines = lines.replace('\n', "\n    ");
    format!("owner: o\nclients:\n  - id: a\n    {lines}\n")
}
