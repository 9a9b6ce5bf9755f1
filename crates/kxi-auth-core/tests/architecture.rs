//! Holds the crate to ARCHITECTURE.md: data flows one way through the rooms, no files form a circle, and what
//! only some files may touch stays there.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms by floor. A file imports from its own room and from lower floors only.
const FLOORS: [&[&str]; 10] = [
    &["error"],
    &["model"],
    &["transport"],
    &["admin"],
    &["desired", "manager"],
    &["roles", "diagnostics"],
    &["clients"],
    &["blocking"],
    // Only in tests and in the fuzz targets.
    &["fuzz"],
    &["lib"],
];

const MOST_LINES: usize = 400;

/// The files that may call `expose_secret`, each for one purpose.
const EXPOSES_A_SECRET: [&str; 8] = [
    "admin/clients.rs",         // signs in as a client
    "fuzz/reads.rs",            // compares it
    "desired/validate.rs",      // measures its length
    "model/access_token.rs",    // decodes the claims
    "model/auth_client.rs",     // `with_exposed_secret`
    "model/stored_client.rs",   // compares it with the stored one, and measures its length
    "transport/http.rs",        // the proxy's URL
    "transport/token_cache.rs", // signs in as the admin
];

/// The files that may use the generated client besides `admin/`.
const USES_THE_GENERATED_CLIENT: [&str; 3] = [
    "transport/call.rs",       // sends a request, and takes its failure apart
    "transport/exchange.rs",   // reads the response for it
    "desired/config/check.rs", // the table of field names and types
];

struct File {
    /// Relative to `src`, with forward slashes.
    path: String,
    /// Without comments and without the unit tests at its end.
    code: String,
    lines: usize,
}

impl File {
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// `clients::bulk::queue` for `clients/bulk/queue.rs`, `clients::bulk` for `clients/bulk/mod.rs`.
    fn module(&self) -> String {
        self.path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
    }

    /// What follows `crate::` in each path of the file.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for after in self.code.split("crate::").skip(1) {
            let path: String =
                after.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
            let rest = &after[path.len()..];
            match rest.strip_prefix('{').and_then(|group| group.split('}').next()) {
                Some(names) => paths.extend(names.split(',').map(|name| format!("{path}{}", name.trim()))),
                None => paths.push(path),
            }
        }
        paths
    }
}

fn files() -> Vec<File> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut open) = (Vec::new(), vec![src.clone()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let relative = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(file(relative, &text));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn file(path: String, text: &str) -> File {
    let tests_begin = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let code = text[..tests_begin].lines().filter(|line| !line.trim_start().starts_with("//"));
    File { path, code: code.collect::<Vec<_>>().join("\n"), lines: text.lines().count() }
}

/// The files of the library itself, without the files of tests.
fn library() -> Vec<File> {
    files().into_iter().filter(|file| !file.path.ends_with("tests.rs")).collect()
}

fn floor(room: &str) -> usize {
    FLOORS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("`{room}` has no floor"))
}

#[test]
fn every_import_goes_down() {
    for file in library() {
        for path in file.paths() {
            let room = path.split("::").next().unwrap();
            // What `lib.rs` hands on is named without a room, as in `crate::Error`.
            if room == file.room() || room.starts_with(char::is_uppercase) {
                continue;
            }
            assert!(floor(room) < floor(file.room()), "{} imports `{path}` from above", file.path);
        }
    }
}

#[test]
fn no_files_form_a_circle() {
    let files = library();
    let modules: BTreeSet<String> = files.iter().map(File::module).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let own = file.module();
        let longest = |path: &String| {
            let segments: Vec<&str> = path.split("::").collect();
            (1..=segments.len())
                .rev()
                .map(|end| segments[..end].join("::"))
                .find(|name| modules.contains(name))
        };
        let named = file.paths().iter().filter_map(longest).filter(|module| *module != own).collect();
        imports.insert(own, named);
    }
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 200, "the imports are read");
    // Files that import nothing that is left, or that nothing that is left imports, are taken away: what remains
    // forms circles.
    loop {
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        imports.retain(|module, named| {
            imported.contains(module) && named.iter().any(|name| left.contains(name))
        });
        if imports.len() == before {
            break;
        }
    }
    assert_eq!(imports.into_keys().collect::<Vec<_>>(), [""; 0], "these files form circles");
}

#[test]
fn generated_types_stop_at_the_admin_room() {
    for file in library().iter().filter(|file| file.room() != "admin") {
        let uses = file.code.contains("keycloak_admin_api");
        assert!(!uses || USES_THE_GENERATED_CLIENT.contains(&file.path.as_str()), "{}", file.path);
        // Those of the TLS library are others.
        let code = file.code.replace("pki_types::", "");
        assert!(!code.contains("types::"), "{} uses a generated type", file.path);
    }
}

#[test]
fn a_secret_is_exposed_only_where_it_must_be() {
    for file in library() {
        let exposes = file.code.contains("expose_secret");
        assert!(!exposes || EXPOSES_A_SECRET.contains(&file.path.as_str()), "{}", file.path);
    }
}

#[test]
fn pages_are_made_in_one_place() {
    // There a page is read in a task of its own, and a realm that shows no client is an error.
    let makes = |file: &File| file.code.contains("Pages::new(");
    let made: Vec<String> = library().into_iter().filter(makes).map(|file| file.path).collect();
    assert_eq!(made, ["clients/pages.rs"]);
}

/// A request that the room `admin` sends must not succeed with any 2xx: see "Empty successes" in `specs/patches.toml`.
#[test]
fn what_the_library_writes_has_one_status() {
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keycloak-admin-api/src/generated.rs");
    let generated = fs::read_to_string(generated).unwrap();
    let sent: BTreeSet<String> = files()
        .iter()
        .filter(|file| file.room() == "admin")
        .flat_map(|file| file.code.split("api.").skip(1).map(name).collect::<Vec<_>>())
        .filter(|name| generated.contains(&format!("pub async fn {name}<")))
        .collect();
    assert!(sent.len() > 10 && sent.contains("client_create"), "{sent:?}");
    for name in sent {
        let method = generated.split(&format!("pub async fn {name}<")).nth(1).unwrap();
        let method = method.split("pub async fn ").next().unwrap();
        assert!(method.contains("response.status()") && !method.contains("200..=299"), "{name}");
    }
}

/// The identifier that the code begins with.
fn name(code: &str) -> String {
    code.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn no_file_is_long() {
    for file in files() {
        assert!(file.lines <= MOST_LINES, "{} has {} lines", file.path, file.lines);
    }
}
