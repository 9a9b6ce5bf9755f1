//! Reads a declaration from the tree, with the location of each part.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use kxi_auth_core::{Error, ExactRoles, Roles, TOKEN_LIFESPAN_ATTRIBUTE, TOKEN_LIFESPANS, check_group_path};
use serde_json::Map;

use super::attributes::OWNER_ATTRIBUTE;
use super::faults::Location;
use super::limits::LONGEST_OWNER;
use super::model::{Declaration, DeclaredClient, SecretOutput, SecretSource};
use super::places::{ClientPlaces, Places, RolesOfClient};
use super::reader::{Fields, Reader, list};
use super::tree::{Entry, Node, Value};
use crate::secrets::SecretFormat;
use crate::secrets::kubernetes_names as names;

pub(super) const DECLARATION: [&str; 2] = ["owner", "clients"];
pub(super) const CLIENT: [&str; 11] = [
    "id",
    "roles",
    "client_roles",
    "exact_roles",
    "groups",
    "exact_groups",
    "enabled",
    "token_lifespan",
    "config",
    "secret",
    "secret_out",
];
pub(super) const SECRET: [&str; 2] = ["env", "file"];
pub(super) const SECRET_OUT: [&str; 4] = ["file", "format", "name", "namespace"];

/// Reads the whole tree. Wrong parts are left out of the result and reported to the reader.
pub(super) fn declaration(node: &Node, reader: &mut Reader) -> (Declaration, Places) {
    let (mut declaration, mut places) = (Declaration::default(), Places::default());
    let Some(fields) = reader.fields(node, "the file", &DECLARATION) else {
        return (declaration, places);
    };
    match fields.get("owner") {
        Some(entry) => {
            places.owner = entry.node.at;
            declaration.owner = owner(&entry.node, reader).unwrap_or_default();
        }
        None => reader.fault(node.at, "`owner` is missing; it names the owner of the clients"),
    }
    if let Some(entry) = fields.get("clients") {
        let clients = reader.list(&entry.node, "`clients`").iter();
        (declaration.clients, places.clients) = clients.map(|item| client(item, reader)).unzip();
    }
    (declaration, places)
}

fn owner(node: &Node, reader: &mut Reader) -> Option<String> {
    let owner = reader.text(node, "`owner`")?;
    let length = owner.chars().count();
    if length > LONGEST_OWNER {
        reader
            .fault(node.at, format!("`owner` has {length} characters; at most {LONGEST_OWNER} are allowed"));
    }
    if owner.chars().any(char::is_control) {
        reader.fault(node.at, "`owner` contains a control character");
    }
    Some(owner.to_owned())
}

fn client(node: &Node, reader: &mut Reader) -> (DeclaredClient, ClientPlaces) {
    let mut client = DeclaredClient::default();
    let mut places = ClientPlaces { client: node.at, ..ClientPlaces::default() };
    let Some(fields) = reader.fields(node, "the client", &CLIENT) else {
        return (client, places);
    };
    match fields.get("id") {
        Some(entry) => {
            places.id = Some(entry.node.at);
            client.id = reader.text(&entry.node, "`id`").unwrap_or_default().to_owned();
        }
        None => reader.fault(node.at, "the client has no `id`"),
    }
    if let Some(entry) = fields.get("roles") {
        places.roles = Some(entry.at);
        client.roles = roles(&entry.node, &mut places, reader);
    }
    if let Some(entry) = fields.get("client_roles") {
        places.client_roles = Some(entry.at);
        client.client_roles = client_roles(&entry.node, &mut places, reader);
    }
    if let Some(entry) = fields.get("exact_roles") {
        client.exact_roles = exact_roles(&entry.node, reader);
    }
    if let Some(entry) = fields.get("groups") {
        places.groups = Some(entry.at);
        client.groups = groups(&entry.node, &mut places, reader);
    }
    if let Some(entry) = fields.get("exact_groups") {
        client.exact_groups = reader.boolean(&entry.node, "`exact_groups`").unwrap_or_default();
    }
    if let Some(entry) = fields.get("enabled") {
        client.enabled = reader.boolean(&entry.node, "`enabled`");
    }
    if let Some(entry) = fields.get("token_lifespan") {
        places.token_lifespan = Some(entry.node.at);
        client.token_lifespan = token_lifespan(&entry.node, reader);
    }
    if let Some(entry) = fields.get("config") {
        places.config = Some(entry.at);
        client.config = config(&entry.node, &mut places, reader);
    }
    if let Some(entry) = fields.get("secret") {
        places.secret = Some(entry.node.at);
        client.secret = secret(&entry.node, &mut places, reader).unwrap_or_default();
    }
    if let Some(entry) = fields.get("secret_out") {
        places.secret_out = Some(entry.at);
        client.secret_out = secret_out(&entry.node, &client.id, &mut places, reader);
    }
    (client, places)
}

fn roles(node: &Node, places: &mut ClientPlaces, reader: &mut Reader) -> Roles {
    let items = match &node.value {
        Value::Text(word) if word == "all" => return Roles::All,
        Value::Text(word) if word == "none" => return Roles::None,
        Value::List(items) => items,
        _ => {
            reader.wrong(node, "`roles`", "`all`, `none` or a list of role names");
            return Roles::default();
        }
    };
    places.role_items = unique_names(items, "role", reader);
    Roles::named(places.role_items.iter().map(|(name, _)| name.as_str()))
}

fn groups(node: &Node, places: &mut ClientPlaces, reader: &mut Reader) -> Vec<String> {
    let items = reader.list(node, "`groups`");
    places.group_items = unique_names(items, "group", reader);
    for (path, at) in &places.group_items {
        if let Err(Error::InvalidParameter { reason, .. }) = check_group_path(path) {
            reader.fault(*at, reason);
        }
    }
    places.group_items.iter().map(|(path, _)| path.clone()).collect()
}

/// The names of roles or the paths of groups, each with its location. One that is listed twice is a fault.
fn unique_names(items: &[Node], what: &str, reader: &mut Reader) -> Vec<(String, Location)> {
    let (mut first, mut names) = (HashMap::new(), Vec::new());
    for item in items {
        let Some(name) = reader.text(item, &format!("the name of a {what}")) else { continue };
        match first.insert(name, item.at) {
            Some(first) => reader.fault(item.at, format!("this {what} is listed already at {first}")),
            None => names.push((name.to_owned(), item.at)),
        }
    }
    names
}

fn client_roles(
    node: &Node,
    places: &mut ClientPlaces,
    reader: &mut Reader,
) -> BTreeMap<String, Vec<String>> {
    let Value::Map(entries) = &node.value else {
        reader.wrong(node, "`client_roles`", "a mapping of client IDs to lists of role names");
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    for Entry { key, at, node } in entries {
        if key.trim().is_empty() {
            reader.fault(*at, "this client ID is blank");
        }
        let Value::List(items) = &node.value else {
            reader.wrong(node, "the roles of a client", "a list of role names");
            continue;
        };
        let names = unique_names(items, "role", reader);
        all.insert(key.clone(), names.iter().map(|(name, _)| name.clone()).collect());
        places.client_role_items.push(RolesOfClient { client: key.clone(), at: *at, roles: names });
    }
    all
}

fn exact_roles(node: &Node, reader: &mut Reader) -> ExactRoles {
    match &node.value {
        Value::Bool(exact) => (*exact).into(),
        Value::Text(word) if word == "all" => ExactRoles::All,
        _ => {
            reader.wrong(node, "`exact_roles`", "`true`, `false` or `all`");
            ExactRoles::Off
        }
    }
}

fn token_lifespan(node: &Node, reader: &mut Reader) -> Option<i64> {
    let seconds = reader.integer(node, "`token_lifespan`")?;
    if !TOKEN_LIFESPANS.contains(&seconds) {
        let range = format!("from {} to {} seconds", TOKEN_LIFESPANS.start(), TOKEN_LIFESPANS.end());
        reader.fault(node.at, format!("`token_lifespan` must be {range}"));
    }
    Some(seconds)
}

fn config(node: &Node, places: &mut ClientPlaces, reader: &mut Reader) -> Map<String, serde_json::Value> {
    let Value::Map(entries) = &node.value else {
        reader.wrong(node, "`config`", "a mapping of fields of `ClientRepresentation`");
        return Map::new();
    };
    for Entry { key, at, node } in entries {
        match (key.as_str(), &node.value) {
            ("clientId", _) => reader.fault(*at, "the client ID belongs in the field `id`, outside `config`"),
            ("id", _) => reader.fault(
                *at,
                "the server chooses this; the client ID belongs in the field `id`, outside `config`",
            ),
            ("secret", _) => {
                let message = "a secret must not be in this file; the field `secret` outside `config` says \
                               where it comes from";
                reader.fault(*at, message);
            }
            ("attributes", Value::Map(attributes)) => own_attributes(attributes, reader),
            _ => {}
        }
    }
    reader.json_object(entries, "", &mut |path, at| {
        places.config_fields.entry(path).or_insert(at);
    })
}

/// Rejects attributes that `config` must not set.
fn own_attributes(attributes: &[Entry], reader: &mut Reader) {
    for Entry { key, at, .. } in attributes {
        match key.as_str() {
            OWNER_ATTRIBUTE => reader.fault(*at, "`apply` sets this attribute from `owner`"),
            TOKEN_LIFESPAN_ATTRIBUTE => {
                reader.fault(*at, "use the field `token_lifespan` of the client instead");
            }
            _ => {}
        }
    }
}

fn secret(node: &Node, places: &mut ClientPlaces, reader: &mut Reader) -> Option<SecretSource> {
    const EXPECTED: &str =
        "`generate`, `keep`, `{env: NAME}` or `{file: PATH}`; the secret itself must not be in this file";
    match &node.value {
        Value::Text(word) if word == "generate" => return Some(SecretSource::Generate),
        Value::Text(word) if word == "keep" => return Some(SecretSource::Keep),
        Value::Map(_) => {}
        _ => {
            reader.wrong(node, "`secret`", EXPECTED);
            return None;
        }
    }
    let fields = reader.fields(node, "`secret`", &SECRET)?;
    match (fields.get("env"), fields.get("file")) {
        (Some(env), None) => {
            let name = reader.text(&env.node, "the variable's name")?;
            if name.contains(|c: char| c == '=' || c == '\0' || c.is_whitespace()) {
                reader.fault(env.node.at, "this is not a valid name of an environment variable");
            }
            Some(SecretSource::Env(name.to_owned()))
        }
        (None, Some(file)) => {
            places.secret_file = Some(file.node.at);
            let path = path(&file.node, reader)?;
            Some(SecretSource::File(path))
        }
        (Some(_), Some(_)) => {
            reader.fault(node.at, "`secret` accepts either `env` or `file`, not both");
            None
        }
        (None, None) => {
            reader.fault(node.at, format!("`secret` must be {EXPECTED}"));
            None
        }
    }
}

fn path(node: &Node, reader: &mut Reader) -> Option<PathBuf> {
    let path = reader.text(node, "the path")?;
    if path.contains('\0') {
        reader.fault(node.at, "this is not a valid path");
    }
    Some(PathBuf::from(path))
}

fn secret_out(
    node: &Node,
    client_id: &str,
    places: &mut ClientPlaces,
    reader: &mut Reader,
) -> Option<SecretOutput> {
    if let Value::Text(_) = node.value {
        places.output_file = Some(node.at);
        let file = path(node, reader)?;
        return Some(SecretOutput { file, ..SecretOutput::default() });
    }
    let Value::Map(_) = node.value else {
        reader.wrong(node, "`secret_out`", "a path, or a mapping with `file` and `format`");
        return None;
    };
    let fields = reader.fields(node, "`secret_out`", &SECRET_OUT)?;
    let mut output = SecretOutput::default();
    match fields.get("file") {
        Some(entry) => {
            places.output_file = Some(entry.node.at);
            output.file = path(&entry.node, reader).unwrap_or_default();
        }
        None => reader.fault(node.at, "`secret_out` has no `file`"),
    }
    if let Some(entry) = fields.get("format") {
        output.format = format(&entry.node, reader)?;
    }
    kubernetes(node, fields, client_id, &mut output, reader);
    Some(output)
}

fn format(node: &Node, reader: &mut Reader) -> Option<SecretFormat> {
    let found = match &node.value {
        Value::Text(text) => SecretFormat::of_name(text),
        _ => None,
    };
    if found.is_none() {
        reader.wrong(node, "`format`", &format!("one of {}", list(&SecretFormat::names())));
    }
    found
}

/// The fields of a Kubernetes Secret.
fn kubernetes(
    node: &Node,
    fields: Fields<'_>,
    client_id: &str,
    output: &mut SecretOutput,
    reader: &mut Reader,
) {
    for field in ["name", "namespace"] {
        let Some(entry) = fields.get(field) else { continue };
        if output.format != SecretFormat::Kubernetes {
            reader.fault(entry.at, format!("`{field}` is only for `format: kubernetes`"));
        }
        let Some(text) = reader.text(&entry.node, &format!("`{field}`")) else { continue };
        if field == "name" {
            if !names::is_subdomain(text) {
                reader.fault(entry.node.at, format!("`name` must be {}", names::SUBDOMAIN));
            }
            output.name = Some(text.to_owned());
        } else {
            if !names::is_label(text) {
                reader.fault(entry.node.at, format!("`namespace` must be {}", names::LABEL));
            }
            output.namespace = Some(text.to_owned());
        }
    }
    let is_unnamed = output.format == SecretFormat::Kubernetes && fields.get("name").is_none();
    if is_unnamed && !client_id.is_empty() && !names::is_subdomain(client_id) {
        let message =
            format!("the client ID is not a valid name of a Secret; set `name` to {}", names::SUBDOMAIN);
        reader.fault(node.at, message);
    }
}
