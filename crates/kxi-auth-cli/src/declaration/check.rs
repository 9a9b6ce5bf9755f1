//! Checks the clients of a declaration against each other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::faults::Location;
use super::model::{Declaration, SecretSource};
use super::paths;
use super::places::{Field, Places};
use super::reader::Reader;

/// Reports client IDs that clash, and secrets that would overwrite another file. `file` is the path of the
/// declaration.
pub(super) fn check(declaration: &Declaration, places: &Places, file: &Path, reader: &mut Reader) {
    unique_ids(declaration, places, reader);
    let inputs = inputs(declaration, places, file);
    outputs(declaration, places, file, &inputs, reader);
}

/// The username of a service account holds the client ID in lower case. For a second client with the same
/// username, the server responds with 409 (observed on Keycloak 26.7.3).
fn unique_ids(declaration: &Declaration, places: &Places, reader: &mut Reader) {
    let mut first: HashMap<String, (&str, Location)> = HashMap::new();
    for (client, places) in declaration.clients.iter().zip(&places.clients) {
        let at = places.locate(Field::Id);
        // An ID that could not be read is reported already.
        if client.id.is_empty() {
            continue;
        }
        match first.get(&client.id.to_lowercase()) {
            Some((id, Location { line, .. })) if *id == client.id => {
                reader.fault(at, format!("this client is declared already on line {line}"));
            }
            Some((_, Location { line, .. })) => {
                let message = format!(
                    "this client ID differs only in case from the one on line {line}; their service accounts \
                     would have the same username"
                );
                reader.fault(at, message);
            }
            None => {
                first.insert(client.id.to_lowercase(), (client.id.as_str(), at));
            }
        }
    }
}

/// The files that secrets are read from, and the first location of each.
fn inputs(declaration: &Declaration, places: &Places, file: &Path) -> HashMap<PathBuf, Location> {
    let mut inputs = HashMap::new();
    for (client, places) in declaration.clients.iter().zip(&places.clients) {
        if let (SecretSource::File(path), Some(at)) = (&client.secret, places.secret_file) {
            inputs.entry(paths::normal(file, path)).or_insert(at);
        }
    }
    inputs
}

fn outputs(
    declaration: &Declaration,
    places: &Places,
    file: &Path,
    inputs: &HashMap<PathBuf, Location>,
    reader: &mut Reader,
) {
    let own = paths::normal(Path::new(""), file);
    let mut first = HashMap::new();
    for (client, places) in declaration.clients.iter().zip(&places.clients) {
        let (Some(output), Some(at)) = (&client.secret_out, places.output_file) else { continue };
        if output.file.as_os_str().is_empty() {
            continue;
        }
        let path = paths::normal(file, &output.file);
        if path == own {
            reader.fault(at, "this is the declaration itself; the secret would overwrite it");
        }
        if let Some(input) = inputs.get(&path) {
            let message = format!("the secret of line {} is read from the same file", input.line);
            reader.fault(at, message);
        }
        match first.get(&path) {
            Some(Location { line, .. }) => {
                reader.fault(at, format!("the secret of line {line} is written to the same file"));
            }
            None => {
                first.insert(path, at);
            }
        }
    }
}
