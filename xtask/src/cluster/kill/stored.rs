//! What a node has stored, against what was asked: read past the load balancer and without `kxi-auth`.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::asked::{Asked, Client, OWNER, ROLES};
use crate::keycloak::{self, Admin, Connection};

/// The clients of each realm.
const BUILT_IN: [&str; 6] =
    ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
/// How many are read at once: the server's work for a page grows with its square.
const PAGE: usize = 50;

/// Every difference, as a sentence; none if all is as asked.
pub(super) fn differences(
    node: &Connection,
    realm: &str,
    asked: &Asked,
    folder: &Path,
) -> Result<Vec<String>> {
    let stored = clients(node, realm)?;
    let mut differences = names(&stored, asked);
    for client in &asked.clients {
        let Some(found) = stored.iter().find(|stored| stored["clientId"] == *client.id) else { continue };
        let id = &client.id;
        differences.extend(fields(found, client).into_iter().map(|field| format!("{id}: another {field}")));
        if let Some(reason) = secret(node, realm, found, client, folder)? {
            differences.push(format!("{id}: {reason}"));
        }
    }
    differences.extend(roles(node, realm, asked)?);
    differences.extend(left_over(folder, asked)?);
    Ok(differences)
}

fn clients(node: &Connection, realm: &str) -> Result<Vec<Value>> {
    let url = format!("{}/admin/realms/{realm}/clients", node.base_url);
    pages(node, &format!("{url}?"))
}

/// Every item of a list, read in pages.
fn pages(node: &Connection, url: &str) -> Result<Vec<Value>> {
    let admin = Admin::sign_in(node)?;
    let mut all = Vec::new();
    loop {
        let page = admin.json(&format!("{url}first={}&max={PAGE}", all.len()))?;
        let page = page.as_array().context("no list")?;
        all.extend(page.iter().cloned());
        if page.len() < PAGE {
            return Ok(all);
        }
    }
}

/// Clients that are missing, doubled, or there without being asked for.
fn names(stored: &[Value], asked: &Asked) -> Vec<String> {
    let mut names: Vec<&str> = stored.iter().filter_map(|client| client["clientId"].as_str()).collect();
    names.retain(|name| !BUILT_IN.contains(name));
    names.sort_unstable();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    let expected: BTreeSet<&str> = asked.clients.iter().map(|client| client.id.as_str()).collect();
    let doubled =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| format!("{} is doubled", pair[0]));
    let missing = expected.difference(&distinct).map(|name| format!("{name} is missing"));
    let unasked = distinct.difference(&expected).map(|name| format!("{name} was not asked for"));
    doubled.chain(missing).chain(unasked).collect()
}

/// The fields of a client that are not as asked.
fn fields(stored: &Value, asked: &Client) -> Vec<&'static str> {
    let attributes = &stored["attributes"];
    [
        ("state", stored["enabled"] == true),
        ("kind", stored["serviceAccountsEnabled"] == true && stored["publicClient"] == false),
        ("description", stored["description"] == *asked.description),
        ("owner", attributes["kxi-auth.owner"] == OWNER),
        ("lifespan", attributes["access.token.lifespan"] == asked.lifespan.to_string().as_str()),
    ]
    .into_iter()
    .filter(|(_, is_as_asked)| !is_as_asked)
    .map(|(name, _)| name)
    .collect()
}

/// What is wrong with the file of a client's secret. That it signs in is tried.
fn secret(
    node: &Connection,
    realm: &str,
    stored: &Value,
    asked: &Client,
    folder: &Path,
) -> Result<Option<String>> {
    let file = folder.join(asked.secret_file());
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(Some("no secret file".to_owned())) };
    let written = text.trim_end_matches('\n');
    if stored["secret"] != written {
        return Ok(Some("the file has another secret".to_owned()));
    }
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode != 0o600 {
        return Ok(Some(format!("the secret file has the mode {mode:o}")));
    }
    let url = format!("{}/realms/{realm}/protocol/openid-connect/token", node.base_url);
    let form = [("grant_type", "client_credentials"), ("client_id", &asked.id), ("client_secret", written)];
    let response = keycloak::http(Duration::from_mins(1)).post(&url).send_form(form)?;
    Ok((response.status() != 200).then(|| format!("signing in is responded to with {}", response.status())))
}

/// The service accounts that have other roles than asked, by the members of each role.
fn roles(node: &Connection, realm: &str, asked: &Asked) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    // The server gives its default role to each account. Its members show accounts without a client, too.
    let default = format!("default-roles-{realm}");
    for role in ROLES.into_iter().chain([default.as_str()]) {
        let path = role.replace(',', "%2C");
        let url = format!("{}/admin/realms/{realm}/roles/{path}/users?", node.base_url);
        let members = pages(node, &url)?;
        let members: BTreeSet<&str> = members.iter().filter_map(|user| user["username"].as_str()).collect();
        let expected = asked.clients.iter().filter(|client| role == default || client.roles.contains(&role));
        let expected: BTreeSet<String> =
            expected.map(|client| format!("service-account-{}", client.id)).collect();
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        differences.extend(members.symmetric_difference(&expected).map(|user| {
            let what = if members.contains(user) { "has" } else { "lacks" };
            format!("{user} {what} the role {role}")
        }));
    }
    Ok(differences)
}

/// Files beside the secrets that nothing asked for, such as temporary ones.
fn left_over(folder: &Path, asked: &Asked) -> Result<Vec<String>> {
    let expected: BTreeSet<String> = asked.clients.iter().map(Client::secret_file).collect();
    let mut differences = Vec::new();
    for entry in std::fs::read_dir(folder.join("secrets"))? {
        let name = format!("secrets/{}", entry?.file_name().to_string_lossy());
        if !expected.contains(&name) {
            differences.push(format!("{name} is left"));
        }
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_that_is_missing_doubled_or_unasked_is_named() {
        let asked = Asked::of(3);
        let of = |names: &[&str]| names.iter().map(|name| json!({"clientId": name})).collect::<Vec<_>>();
        assert_eq!(names(&of(&["account", "svc-0000", "svc-0001", "svc-0002"]), &asked), [""; 0]);
        let wrong = names(&of(&["svc-0000", "svc-0000", "svc-0002", "other"]), &asked);
        assert_eq!(wrong, ["svc-0000 is doubled", "svc-0001 is missing", "other was not asked for"]);
    }

    #[test]
    fn each_field_counts() {
        let asked = Asked::of(1).clients.remove(0);
        let right = json!({
            "enabled": true, "serviceAccountsEnabled": true, "publicClient": false,
            "description": "client 0 of 1",
            "attributes": {"kxi-auth.owner": OWNER, "access.token.lifespan": "60"},
        });
        assert_eq!(fields(&right, &asked), [""; 0]);
        assert_eq!(fields(&json!({}), &asked), ["state", "kind", "description", "owner", "lifespan"]);
    }

    #[test]
    fn a_temporary_file_that_is_left_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Asked::of(1);
        asked.write(folder.path()).unwrap();
        std::fs::write(folder.path().join("secrets/svc-0000.secret"), "").unwrap();
        assert_eq!(left_over(folder.path(), &asked).unwrap(), [""; 0]);
        std::fs::write(folder.path().join("secrets/.staged"), "").unwrap();
        assert_eq!(left_over(folder.path(), &asked).unwrap(), ["secrets/.staged is left"]);
    }
}
