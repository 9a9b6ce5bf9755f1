//! Checks that every field exists and has the right type, against the fields of the generated type.

use keycloak_admin_api::fields::{CLIENT_REPRESENTATION, Kind, Representation};
use serde_json::{Map, Value};

use crate::desired::config::{ClientConfig, rules};
use crate::error::Error;
use crate::model::names::nearest_name;

impl ClientConfig {
    /// Rejects a config that must not be sent, with all faults in one error. The error names fields, never a value.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut faults = Faults::default();
        fields(&CLIENT_REPRESENTATION, &self.fields, "", &mut faults);
        rules::check(&self.fields, &self.attributes, &mut faults.others);
        faults.into_result()
    }
}

#[derive(Default)]
struct Faults {
    /// Each unknown field in backticks, with the nearest that exists.
    unknown: Vec<String>,
    /// Whole sentences.
    others: Vec<String>,
}

impl Faults {
    fn into_result(mut self) -> Result<(), Error> {
        if !self.unknown.is_empty() {
            let s = if self.unknown.len() == 1 { "" } else { "s" };
            self.others.insert(0, format!("unknown field{s} {}", self.unknown.join(", ")));
        }
        if self.others.is_empty() { Ok(()) } else { Err(Error::invalid("config", self.others.join("; "))) }
    }
}

/// `at` is the path of the object: empty, or `protocolMappers[0].`.
fn fields(of: &Representation, object: &Map<String, Value>, at: &str, faults: &mut Faults) {
    for (name, value) in object {
        let place = format!("{at}{}", name.escape_debug());
        match of.field(name) {
            Some(field) => check_kind(field.kind, value, &place, faults),
            None => faults.unknown.push(match nearest_name(name, of.fields.iter().map(|field| field.name)) {
                Some(near) => format!("`{place}` (did you mean `{near}`?)"),
                None => format!("`{place}`"),
            }),
        }
    }
}

fn check_kind(kind: Kind, value: &Value, at: &str, faults: &mut Faults) {
    match (kind, value) {
        (_, Value::Null) => {
            faults.others.push(format!("`{at}` is null, which the server ignores; leave it out"));
        }
        (Kind::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_kind(*kind, item, &format!("{at}[{index}]"), faults);
            }
        }
        (Kind::Map(kind), Value::Object(members)) => {
            for (name, member) in members {
                check_kind(*kind, member, &format!("{at}.{}", name.escape_debug()), faults);
            }
        }
        (Kind::Object(of), Value::Object(object)) => fields(of, object, &format!("{at}."), faults),
        (kind, value) if !is_of(kind, value) => {
            faults.others.push(format!("`{at}` must be {}", described(kind)));
        }
        _ => {}
    }
}

fn is_of(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Boolean => value.is_boolean(),
        Kind::Int32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Int64 => value.is_i64(),
        Kind::Text => value.is_string(),
        Kind::List(_) => value.is_array(),
        Kind::Map(_) | Kind::Object(_) => value.is_object(),
        _ => true,
    }
}

fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "true or false",
        Kind::Int32 => "an integer of 32 bits",
        Kind::Int64 => "an integer of 64 bits",
        Kind::Text => "a string",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::Object(_) => "an object",
        _ => "another value",
    }
}
