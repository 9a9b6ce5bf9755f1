use kxi_auth_core::{ClientConfig, ClientManager, Error, SecretString};

use super::*;
use crate::declaration::Field;

const TEXT: &str = "\
owner: o
clients:
  - id: a
    roles:
      - viewer
      - editor
    exact_roles: false
    token_lifespan: 300
    config:
      descriptoin: d
      attributes:
        contact: c
      protocolMappers:
        - name: m
          config: {}
    secret: {file: s}
    secret_out: {file: t}
    client_roles:
      realm-management: [view-users, view-clients]
    groups:
      - /feeds
  - {id: b}
";

#[test]
fn every_part_has_its_place() {
    let located = read(TEXT);
    let place = |field| located.locate(0, field).to_string();
    for (field, expected) in [
        (Field::Id, "3:9"),
        (Field::Roles, "4:5"),
        (Field::Role("editor"), "6:9"),
        (Field::Role("other"), "4:5"),
        (Field::TokenLifespan, "8:21"),
        (Field::Config, "9:5"),
        (Field::Secret, "16:13"),
        (Field::SecretOut, "17:5"),
        (Field::Groups, "20:5"),
        (Field::Group("/feeds"), "21:9"),
        (Field::Group("/other"), "20:5"),
        (Field::RolesOf("realm-management"), "19:7"),
        (Field::RolesOf("other"), "18:5"),
        (Field::ClientRole("realm-management", "view-clients"), "19:38"),
        (Field::ClientRole("realm-management", "other"), "19:7"),
        (Field::ClientRole("other", "view-clients"), "18:5"),
    ] {
        assert_eq!(place(field), expected, "{field:?}");
    }
    assert_eq!(located.locate(1, Field::TokenLifespan).to_string(), "22:5", "what is not written");
}

/// An error that the library returns without sending a request.
fn rejection(
    id: &str,
    change: impl FnOnce(kxi_auth_core::RegisterClient) -> kxi_auth_core::RegisterClient,
) -> Error {
    let manager = ClientManager::builder()
        .host("http://127.0.0.1:1")
        .username("admin")
        .password(SecretString::from("p"))
        .retries(0)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let register = change(manager.register_client(id));
    runtime.block_on(async { register.await.unwrap_err() })
}

#[test]
fn errors_of_the_library_are_reported_at_their_location() {
    let located = read(TEXT);
    let config = &located.declaration.clients[0].config;
    for (error, expected) in [
        (
            rejection("a", |it| it.config(ClientConfig::from_map(config.clone()))),
            "clients.yaml:10:7: invalid config: ",
        ),
        (rejection("a", |it| it.token_lifespan(0)), "clients.yaml:8:21: invalid token lifespan: "),
        (rejection(&"a".repeat(240), |it| it), "clients.yaml:3:9: invalid client id: "),
        (rejection("a", |it| it.secret(SecretString::from(""))), "clients.yaml:16:13: invalid secret: "),
        (
            rejection("admin-cli", |it| it),
            "clients.yaml:3:9: this is a built-in client of kdb Insights Enterprise",
        ),
    ] {
        let faults = located.faults([(0, &error)]).to_string();
        assert!(faults.starts_with(expected), "{faults}");
    }
}

#[test]
fn faults_of_many_clients_are_in_the_order_of_the_text() {
    let located = read(TEXT);
    let (first, second) = (rejection("a", |it| it.token_lifespan(0)), rejection("admin-cli", |it| it));
    let faults = located.faults([(1, &second), (0, &first)]);
    let lines: Vec<_> =
        faults.lines().iter().map(|line| line.split(':').nth(1).unwrap().parse::<u64>().unwrap()).collect();
    assert_eq!(lines, [8, 22]);
    assert_eq!(located.file(), "clients.yaml");
}
