//! Whether what a successful run wrote on standard output is what is stored.

use serde_json::{Value, json};

use crate::seeded::facts::Facts;
use crate::seeded::report::{self, unlike_roles};
use crate::seeded::scenario::OWNER;
use crate::seeded::stored::{DEFAULT_ROLE, Stored};
use crate::seeded::wanted::{ROLES, Roles, Wanted};

/// What the command shows in place of a secret.
const MASK: &str = "********";

/// What a successful run wrote that is not so.
pub(super) fn wrong(facts: &Facts) -> Vec<String> {
    let output = facts.ended.output();
    if facts.scenario.is_apply() {
        return report::untrue(facts, &facts.ended.outcomes());
    }
    let command = facts.scenario.words[1].as_str();
    let Some(id) = facts.scenario.words.get(if command == "roles" { 3 } else { 2 }) else {
        return Vec::new();
    };
    let (before, after) = (facts.first(id), facts.now(id));
    let Some(client) = after.or(before) else { return Vec::new() };
    if command == "token" {
        return of_token(facts, id, client, &output);
    }
    let mut expected =
        vec![("id", json!(id)), ("uuid", json!(client.uuid)), ("realm", json!(facts.place.realm))];
    let mut violations = Vec::new();
    let (old, new) = (roles(before), roles(after));
    if command != "delete" && command != "roles" {
        expected.extend(of_shown(facts, id, client));
    }
    if command == "register" {
        expected.push(("created", json!(before.is_none())));
        expected.push(("updated", json!(is_updated(before, client))));
    }
    match command {
        "delete" => expected.push(("deleted", json!(true))),
        "register" | "roles" => {
            violations.extend(unlike_roles(id, &output["roles_added"], &(&new - &old)));
            violations.extend(unlike_roles(id, &output["roles_revoked"], &(&old - &new)));
        }
        "create" => expected.push(("created", json!(true))),
        "update" => expected.push(("updated", json!(is_updated(before, client)))),
        "rotate-secret" => expected.push(("rotated", json!(true))),
        "get" => {
            expected.extend(of_details(client));
            let default = format!("default-roles-{}", facts.place.realm);
            let named = new.iter().map(|role| if role == DEFAULT_ROLE { &default } else { role });
            violations.extend(unlike_roles(id, &output["roles"], &named.cloned().collect()));
        }
        _ => {}
    }
    let wrong = expected.into_iter().filter(|(name, value)| output[*name] != *value);
    violations.extend(wrong.map(|(name, value)| {
        // A secret is not repeated.
        let value = if name == "secret" { "something else".to_owned() } else { value.to_string() };
        format!("its output is wrong about `{name}`, which is {value}")
    }));
    violations
}

/// What each command shows that has a client with its secret.
fn of_shown(facts: &Facts, id: &str, client: &Stored) -> Vec<(&'static str, Value)> {
    let file = match facts.scenario.wanted.get(id) {
        Some(Wanted::There(there)) => there.file.as_ref(),
        _ => None,
    };
    let secret = if facts.scenario.shows_secret { client.secret.as_str() } else { MASK };
    vec![
        ("host", json!(facts.place.host)),
        ("secret", json!(secret)),
        ("secret_file", file.map_or(Value::Null, |file| json!(file.name))),
    ]
}

/// What `get` shows beside it.
fn of_details(client: &Stored) -> Vec<(&'static str, Value)> {
    let attribute = |name: &str| client.fields.get("attributes").map_or(Value::Null, |all| all[name].clone());
    let lifespan = attribute("access.token.lifespan");
    let lifespan = lifespan.as_str().and_then(|seconds| seconds.parse::<u64>().ok());
    let description = client.fields.get("description").cloned().unwrap_or_default();
    vec![
        ("enabled", json!(true)),
        ("service_account", json!(true)),
        ("description", description),
        ("token_lifespan", json!(lifespan)),
        ("owner", attribute(OWNER)),
    ]
}

/// Whether `client token` shows a token of this client with its roles.
fn of_token(facts: &Facts, id: &str, client: &Stored, output: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    for (what, said, expected) in [
        ("client", &output["client_id"], id),
        ("realm", &output["realm"], facts.place.realm.as_str()),
        ("party of the token", &output["claims"]["azp"], id),
    ] {
        if *said != *expected {
            violations.push(format!("its output is wrong about the {what}, which is {expected}"));
        }
    }
    // The token also has the roles that the default role includes.
    let known = |role: &&str| ROLES.contains(role);
    let said = output["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).filter(known);
    let said: Value = said.collect();
    let has = roles(Some(client)).into_iter().filter(|role| ROLES.contains(&role.as_str()));
    violations.extend(unlike_roles(id, &said, &has.collect()));
    violations
}

fn is_updated(before: Option<&Stored>, after: &Stored) -> bool {
    before.is_some_and(|before| before.fields != after.fields || before.secret != after.secret)
}

/// The roles of a client; without one, the one that each new client has.
fn roles(client: Option<&Stored>) -> Roles {
    let roles = client.and_then(|client| client.roles.clone());
    roles.unwrap_or_else(|| [DEFAULT_ROLE.to_owned()].into())
}
