//! The rules of a recording for JSON: which fields hold what.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::recordings::stand_in::{INSTANT, Kind, USERNAME};

/// Fields whose text is of one kind wherever they stand.
const FIELDS: [(&str, Kind); 10] = [
    ("secret", Kind::Secret),
    ("client_secret", Kind::Secret),
    ("registrationAccessToken", Kind::Secret),
    ("password", Kind::Password),
    ("session_state", Kind::Session),
    ("sid", Kind::Session),
    ("public_key", Kind::Key),
    ("kid", Kind::Key),
    ("client.secret.rotated", Kind::Secret),
    ("token", Kind::Secret),
];

/// Arrays of names that the server keeps as sets: their order is that of a hash or of random ids.
const SETS: [&str; 4] = ["defaultClientScopes", "optionalClientScopes", "roles", "aud"];

/// Seconds since 1970.
const SECONDS: [&str; 3] = ["iat", "auth_time", "nbf"];

/// How long something still lives, in seconds.
const LIFETIMES: [&str; 2] = ["expires_in", "refresh_expires_in"];

/// What the rules replace values with.
pub(crate) trait StandIns {
    /// The name of the administrator who was recorded.
    fn username(&self) -> &str;

    /// The stand-in of a value, a new one if it was not seen before.
    fn stand_in(&mut self, kind: Kind, value: &str) -> String;

    /// Any text: the realm's name, the server's address, tokens and ids within it.
    fn text(&mut self, text: &str) -> String;
}

/// A whole JSON body. In an `unordered` one the elements of the outermost array are sorted by name.
pub(crate) fn document(known: &mut impl StandIns, json: Value, unordered: bool) -> Result<Value> {
    let json = if unordered { sorted_by_name(json) } else { json };
    value(known, None, json)
}

/// Whether a path's JSON array has no order of its own: the server sorts roles only when both
/// `first` and `max` are given.
pub(crate) fn is_unordered(path: &str, query: Option<&str>) -> bool {
    let query = query.unwrap_or("");
    let paged = query.contains("first=") && query.contains("max=");
    let path = path.trim_end_matches("/available").trim_end_matches("/composite");
    !paged && (path.ends_with("/roles") || path.ends_with("/role-mappings/realm"))
}

/// The elements of an array in the order of their names.
pub(crate) fn sorted_by_name(mut json: Value) -> Value {
    if let Value::Array(elements) = &mut json {
        elements.sort_by_key(|element| {
            element.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
        });
    }
    json
}

/// What the core sends, with a stand-in for the time at which it sends it.
pub(crate) fn timeless(mut json: Value) -> Value {
    if let Some(time) = json.pointer_mut("/attributes/client.secret.creation.time") {
        *time = Value::from(INSTANT.to_string());
    }
    json
}

/// One of the readable parts of a token.
pub(crate) fn token_part(known: &mut impl StandIns, part: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(part).context("a token's part is not base64url")?;
    // Each claim comes from a mapper of its own, and these have no order.
    let claims: BTreeMap<String, Value> =
        serde_json::from_slice(&bytes).context("a token's part is not a JSON object")?;
    let claims = object(known, claims.into_iter().collect())?;
    Ok(URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string()))
}

fn value(known: &mut impl StandIns, field: Option<&str>, json: Value) -> Result<Value> {
    Ok(match json {
        Value::Object(fields) => Value::Object(object(known, fields)?),
        Value::Array(mut elements) => {
            if field.is_some_and(|field| SETS.contains(&field)) {
                elements.sort_by_key(Value::to_string);
            }
            let elements: Result<_> =
                elements.into_iter().map(|element| value(known, field, element)).collect();
            Value::Array(elements?)
        }
        Value::String(text) => Value::String(string(known, field.unwrap_or(""), &text)),
        other => other,
    })
}

fn object(known: &mut impl StandIns, fields: Map<String, Value>) -> Result<Map<String, Value>> {
    let issued = fields.get("iat").and_then(Value::as_i64);
    let is_credential = fields.get("type").is_some_and(|kind| kind == "secret" || kind == "password");
    let mut result = Map::new();
    for (name, json) in fields {
        let json = match (&*name, &json) {
            ("value", Value::String(text)) if is_credential => {
                Value::String(known.stand_in(Kind::Secret, text))
            }
            ("exp", Value::Number(number)) => {
                let lifetime = number.as_i64().zip(issued).map_or(0, |(end, start)| end - start);
                Value::from(INSTANT + whole_lifetime(lifetime))
            }
            (name, Value::Number(number)) if LIFETIMES.contains(&name) => {
                Value::from(whole_lifetime(number.as_i64().unwrap_or(0)))
            }
            (name, Value::Number(_)) if SECONDS.contains(&name) => Value::from(INSTANT),
            ("createdTimestamp", Value::Number(_)) => Value::from(INSTANT * 1000),
            _ => value(known, Some(&name), json)?,
        };
        result.insert(known.text(&name), json);
    }
    Ok(result)
}

fn string(known: &mut impl StandIns, field: &str, text: &str) -> String {
    if let Some((_, kind)) = FIELDS.iter().find(|(name, _)| *name == field) {
        return known.stand_in(*kind, text);
    }
    match field {
        "client.secret.creation.time" => INSTANT.to_string(),
        "username" | "preferred_username" if text == known.username() => USERNAME.to_owned(),
        // A set of words, in an order that depends on the database.
        "scope" => {
            let mut words: Vec<&str> = text.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        }
        _ => known.text(text),
    }
}

/// A lifetime is given to the second, and is one short when the clock ticked over meanwhile.
fn whole_lifetime(seconds: i64) -> i64 {
    if seconds % 5 == 4 { seconds + 1 } else { seconds }
}
