//! The committed files, and that every edit of one is noticed.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::sources::{GENERATED, IDS, OVERRIDES, PATCHES, Sources};
use crate::{freshness, generate, ids};
use xtask::spec::{self, Provenance};
use xtask::workspace;

/// The check of `cargo xtask codegen --check`, as an ordinary test.
#[test]
fn what_is_committed_is_fresh() {
    let stale = freshness::stale(&workspace::root());
    assert!(stale.is_empty(), "run `cargo xtask codegen`:\n{}", stale.join("\n"));
}

#[test]
fn every_operation_of_the_document_is_generated() {
    let sources = Sources::read(&workspace::root()).unwrap();
    let document = sources.parse_document().unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize =
        paths.map(|item| item.as_object().unwrap().keys().filter(|key| *key != "parameters").count()).sum();
    assert!(operations > 400, "{operations} are too few for Keycloak");
    let client = generate(&sources).unwrap().client;
    for (key, id) in ids::parse(&sources.ids).unwrap() {
        assert!(client.contains(&format!("pub async fn {id}<'a")), "{key}: no method {id}");
    }
    assert_eq!(client.matches("pub async fn ").count(), operations);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let sources = Sources::read(&workspace::root()).unwrap();
    let (first, second) = (generate(&sources).unwrap(), generate(&sources).unwrap());
    assert_eq!(first.ids, second.ids);
    assert!(first.client == second.client);
}

/// A copy of everything that is checked, to edit.
fn copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for path in [spec::POM, spec::README, spec::DOCUMENT, IDS, OVERRIDES, PATCHES, GENERATED] {
        let to = copy.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(workspace::root().join(path), to).unwrap();
    }
    copy
}

fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`");
    fs::write(root.join(path), text.replacen(from, to, 1)).unwrap();
}

#[track_caller]
fn is_stale(root: &Path, expected: &[&str]) {
    let stale = freshness::stale(root).join("\n");
    for part in expected {
        assert!(stale.contains(part), "`{part}` is missing in: {stale}");
    }
}

#[test]
fn an_edit_of_the_generated_file_is_noticed() {
    let copy = copy();
    edit(copy.path(), GENERATED, "pub async fn client_list", "pub async fn client_lost");
    is_stale(copy.path(), &["generated.rs: edited by hand", "first difference in line"]);
}

#[test]
fn an_edit_of_the_document_is_noticed() {
    let copy = copy();
    let recorded = Provenance::read(copy.path()).unwrap().sha256;
    edit(copy.path(), spec::DOCUMENT, "Get clients belonging", "Fetch clients belonging");
    is_stale(
        copy.path(),
        &[
            &format!("specs/README.md records {recorded}"),
            "keycloak-admin.json: changed since",
            "generated.rs: not what",
        ],
    );
}

#[test]
fn an_edit_of_the_ids_is_noticed() {
    let copy = copy();
    edit(copy.path(), IDS, "\"role_list\"", "\"role_all\"");
    is_stale(copy.path(), &["operation-ids.toml: changed since", "generated.rs: not what"]);
    let copy = self::copy();
    edit(copy.path(), IDS, "\"GET /admin/realms/{realm}/roles\" = \"role_list\"\n", "");
    is_stale(copy.path(), &["operation-ids.toml: changed since", "operation-ids.toml: not what"]);
}

#[test]
fn an_edit_of_the_overrides_is_noticed() {
    let copy = copy();
    edit(copy.path(), OVERRIDES, "client_secret_regenerate", "client_secret_renew");
    is_stale(copy.path(), &["operation-ids.toml: not what", "generated.rs: not what"]);
}

/// The committed id stays without its override, so that what is generated does not change.
#[test]
fn a_deleted_override_is_noticed() {
    let copy = copy();
    edit(copy.path(), OVERRIDES, "\"GET /admin/realms/{realm}/workflows\" = \"workflow_list\"\n", "");
    is_stale(copy.path(), &["operation-id-overrides.toml: changed since"]);
}

#[test]
fn an_edit_of_the_patches_is_noticed() {
    let copy = copy();
    edit(copy.path(), PATCHES, "properties/codeSecret/format", "properties/realm/format");
    is_stale(copy.path(), &["patches.toml: changed since", "generated.rs: not what"]);
    let copy = self::copy();
    let patches = fs::read_to_string(copy.path().join(PATCHES)).unwrap();
    let line = patches.lines().find(|line| line.starts_with("count = ")).unwrap();
    let count: usize = line["count = ".len()..].parse().unwrap();
    edit(copy.path(), PATCHES, line, &format!("count = {}", count + 1));
    let counts = format!("expected {} places, found {count}", count + 1);
    is_stale(copy.path(), &["nothing can be generated", &counts]);
}

#[test]
fn another_version_in_the_pom_is_noticed() {
    let copy = copy();
    let made = Provenance::read(copy.path()).unwrap().version;
    edit(copy.path(), spec::POM, &format!("<keycloak.version>{made}"), "<keycloak.version>0.0.1");
    let both = format!("specs/pom.xml asks for Keycloak 0.0.1, but the document is that of {made}");
    is_stale(copy.path(), &[&both]);
}

#[test]
fn a_missing_file_is_named() {
    let copy = copy();
    fs::remove_file(copy.path().join(GENERATED)).unwrap();
    is_stale(copy.path(), &["generated.rs: missing"]);
    fs::remove_file(copy.path().join(PATCHES)).unwrap();
    is_stale(copy.path(), &["cannot read specs/patches.toml"]);
}

#[test]
fn a_removed_operation_leaves_and_a_new_one_gets_an_id_of_the_rule() {
    let copy = copy();
    let path = "\"/admin/realms/{realm}/logout-all\" :";
    edit(copy.path(), spec::DOCUMENT, path, "\"/admin/realms/{realm}/gadgets/logout\" :");
    let generated = generate(&Sources::read(copy.path()).unwrap()).unwrap();
    assert!(generated.ids.contains("\"POST /admin/realms/{realm}/gadgets/logout\" = \"gadget_logout_post\""));
    assert!(!generated.ids.contains("logout_all_post"));
    assert!(generated.ids.contains("= \"client_secret_regenerate\""));
}
