//! Operation ids. Upstream gives none, and the generated client's methods are named by them.
//!
//! Once given, an id stays: `specs/operation-ids.toml` is committed, and only operations that are
//! not in it are named by the rule here. `specs/operation-id-overrides.toml` has the last word.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::words;

/// `GET /admin/realms` -> `realm_list`.
pub(crate) type Ids = BTreeMap<String, String>;

/// One operation of the document.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: &'a Value,
}

impl Operation<'_> {
    /// How the id list names it: `GET /admin/realms`.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// Every operation of the document, in its order.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        return Vec::new();
    };
    paths
        .iter()
        .filter_map(|(path, item)| Some((path, item.as_object()?)))
        .flat_map(|(path, item)| {
            item.iter()
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, body)| Operation { method, path, body })
        })
        .collect()
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads an id list or the table of overrides.
pub(crate) fn parse(text: &str) -> Result<Ids> {
    toml::from_str(text).context("the list of operation ids is not understood")
}

/// The ids of all operations: the override, else the committed one, else the rule's.
pub(crate) fn assign(operations: &[Operation<'_>], committed: &Ids, overrides: &Ids) -> Result<Ids> {
    let keys: HashSet<String> = operations.iter().map(Operation::key).collect();
    if let Some(key) = overrides.keys().find(|key| !keys.contains(*key)) {
        bail!(
            "specs/operation-id-overrides.toml names `{key}`, which the document does not have: remove the line"
        );
    }
    let mut ids = Ids::new();
    for key in keys {
        if let Some(id) = overrides.get(&key).or_else(|| committed.get(&key)) {
            ids.insert(key, id.clone());
        }
    }
    let mut taken: HashSet<String> = ids.values().cloned().collect();
    for (key, id) in name_by_rule(operations, &ids, &taken) {
        taken.insert(id.clone());
        ids.insert(key, id);
    }
    refuse_doubles(&ids)?;
    Ok(ids)
}

/// Names what has no id yet. Of several operations that would get the same one, the shortest path
/// keeps it, and the others say by which parameter they differ.
fn name_by_rule(operations: &[Operation<'_>], named: &Ids, taken: &HashSet<String>) -> Vec<(String, String)> {
    let mut groups: BTreeMap<String, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in operations {
        if !named.contains_key(&operation.key()) {
            groups.entry(rule(operation)).or_default().push(operation);
        }
    }
    let mut new = Vec::new();
    for (id, mut group) in groups {
        group.sort_by_key(|operation| (operation.path.matches('/').count(), operation.path));
        let keeps = usize::from(!taken.contains(&id));
        for (index, operation) in group.into_iter().enumerate() {
            let name = match words::last_parameter(operation.path) {
                Some(parameter) if index >= keeps => format!("{id}_by_{parameter}"),
                _ => id.clone(),
            };
            new.push((operation.key(), name));
        }
    }
    new
}

/// The id that method and path alone give: the literals of the path in the singular, then a verb.
fn rule(operation: &Operation<'_>) -> String {
    let path = operation
        .path
        .strip_prefix("/admin/realms/{realm}/")
        .or_else(|| operation.path.strip_prefix("/admin/"))
        .unwrap_or(operation.path);
    let mut id = words::literals(path).join("_");
    if !id.is_empty() {
        id.push('_');
    }
    id + verb(operation)
}

fn verb(operation: &Operation<'_>) -> &'static str {
    let has_body = operation.body.get("requestBody").is_some();
    let returns_array = operation
        .body
        .pointer("/responses/200/content/application~1json/schema/type")
        .is_some_and(|kind| kind == "array");
    let answers = |status: &str| operation.body.pointer(&format!("/responses/{status}")).is_some();
    match operation.method {
        "get" if returns_array => "list",
        "get" => "get",
        "post" if answers("201") => "create",
        "post" if has_body && answers("204") => "add",
        "post" => "post",
        "put" if has_body => "update",
        // Without a body it links what the path ends with.
        "put" if operation.path.ends_with('}') => "add",
        "put" => "put",
        "delete" if has_body => "remove",
        "delete" => "delete",
        "patch" => "patch",
        "head" => "head",
        "options" => "options",
        _ => "trace",
    }
}

fn refuse_doubles(ids: &Ids) -> Result<()> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (key, id) in ids {
        if let Some(other) = seen.insert(id, key) {
            bail!(
                "`{other}` and `{key}` have the same operation id `{id}`: give one of them another in specs/operation-id-overrides.toml"
            );
        }
    }
    Ok(())
}

/// The id list as it is committed: in the document's order, one operation a line.
pub(crate) fn render(operations: &[Operation<'_>], ids: &Ids) -> String {
    let mut text = String::from(HEAD);
    for operation in operations {
        let key = operation.key();
        if let Some(id) = ids.get(&key) {
            // Neither can hold a quote or a backslash that would need escaping: ids are
            // identifiers, and a URL path template has none.
            let _ = writeln!(text, "\"{key}\" = \"{id}\"");
        }
    }
    text
}

const HEAD: &str = "\
# The operation id of every operation, in the document's order; the generated methods bear these names.
# `cargo xtask codegen` adds a line for a new operation and removes that of a vanished one; an id that
# is here stays. To change one, use operation-id-overrides.toml.
";

/// Writes the ids into the document.
pub(crate) fn put_into(document: &mut Value, ids: &Ids) -> Result<()> {
    for (key, id) in ids {
        let (method, path) =
            key.split_once(' ').with_context(|| format!("`{key}` is not a method and a path"))?;
        let pointer = format!("/paths/{}/{}", super::place::escape(path), method.to_lowercase());
        let operation = document
            .pointer_mut(&pointer)
            .and_then(Value::as_object_mut)
            .with_context(|| format!("the document has no operation `{key}`"))?;
        operation.insert("operationId".to_owned(), Value::String(id.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id_of(path: &str, method: &str, body: &Value) -> String {
        rule(&Operation { method, path, body })
    }

    #[test]
    fn the_verb_says_what_the_operation_does() {
        let list =
            json!({"responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}});
        let created = json!({"requestBody": {}, "responses": {"201": {}}});
        let empty = json!({"responses": {"204": {}}});
        let body = json!({"requestBody": {}, "responses": {"204": {}}});
        let answer = json!({"requestBody": {}, "responses": {"200": {}}});
        let roles = "/admin/realms/{realm}/roles";
        let role = "/admin/realms/{realm}/roles/{role-name}";
        assert_eq!(id_of(roles, "get", &list), "role_list");
        assert_eq!(id_of(role, "get", &answer), "role_get");
        assert_eq!(id_of(roles, "post", &created), "role_create");
        assert_eq!(id_of(roles, "post", &body), "role_add");
        assert_eq!(id_of(roles, "post", &answer), "role_post");
        assert_eq!(id_of(role, "put", &body), "role_update");
        assert_eq!(id_of(role, "put", &empty), "role_add");
        assert_eq!(id_of(roles, "put", &empty), "role_put");
        assert_eq!(id_of(role, "delete", &empty), "role_delete");
        assert_eq!(id_of(role, "delete", &body), "role_remove");
    }

    #[test]
    fn what_lies_above_a_realm_keeps_its_name() {
        let body = json!({});
        assert_eq!(id_of("/admin/realms/{realm}", "get", &body), "realm_get");
        assert_eq!(id_of("/admin/realms", "get", &body), "realm_get");
        assert_eq!(id_of("/admin/realms/{realm}/keys", "get", &body), "key_get");
    }

    fn document() -> Value {
        json!({"paths": {
            "/admin/realms/{realm}/texts/{locale}/{key}": {"get": {}},
            "/admin/realms/{realm}/texts/{locale}": {"get": {}, "parameters": []},
        }})
    }

    const SHORT: &str = "GET /admin/realms/{realm}/texts/{locale}";
    const LONG: &str = "GET /admin/realms/{realm}/texts/{locale}/{key}";

    #[test]
    fn of_two_equal_ids_the_longer_path_says_by_what_it_differs() {
        let document = document();
        let ids = assign(&operations(&document), &Ids::new(), &Ids::new()).unwrap();
        assert_eq!(ids[SHORT], "text_get");
        assert_eq!(ids[LONG], "text_get_by_key");
    }

    #[test]
    fn an_id_that_is_committed_stays_and_new_ones_make_way() {
        let document = document();
        let committed = Ids::from([(LONG.to_owned(), "text_get".to_owned())]);
        let ids = assign(&operations(&document), &committed, &Ids::new()).unwrap();
        assert_eq!(ids[LONG], "text_get");
        assert_eq!(ids[SHORT], "text_get_by_locale");
    }

    #[test]
    fn an_override_beats_the_committed_id() {
        let document = document();
        let committed = Ids::from([(LONG.to_owned(), "old".to_owned())]);
        let overrides = Ids::from([(LONG.to_owned(), "better".to_owned())]);
        let ids = assign(&operations(&document), &committed, &overrides).unwrap();
        assert_eq!(ids[LONG], "better");
    }

    #[test]
    fn operations_that_are_gone_leave_the_list_and_an_override_of_one_is_an_error() {
        let document = document();
        let gone = Ids::from([("GET /gone".to_owned(), "gone".to_owned())]);
        let ids = assign(&operations(&document), &gone, &Ids::new()).unwrap();
        assert!(!ids.contains_key("GET /gone"));
        let error = assign(&operations(&document), &Ids::new(), &gone).unwrap_err();
        assert!(error.to_string().contains("`GET /gone`"), "{error}");
    }

    #[test]
    fn the_same_id_twice_is_an_error_that_names_both() {
        let document = document();
        let both = [SHORT, LONG].map(|key| (key.to_owned(), "same".to_owned()));
        let error = assign(&operations(&document), &Ids::from(both), &Ids::new()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(SHORT) && text.contains(LONG) && text.contains("`same`"), "{text}");
    }

    #[test]
    fn the_list_is_in_the_documents_order_and_reads_back() {
        let document = document();
        let operations = operations(&document);
        let ids = assign(&operations, &Ids::new(), &Ids::new()).unwrap();
        let text = render(&operations, &ids);
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [format!("\"{LONG}\" = \"text_get_by_key\""), format!("\"{SHORT}\" = \"text_get\"")]
        );
        assert_eq!(parse(&text).unwrap(), ids);
    }
}
