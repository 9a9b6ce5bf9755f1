//! Targets: the declaration, and the configuration of a client in a file or a flag.

use kxi_auth_core::serde_json::{Map, Value};
use kxi_auth_core::{ClientConfig, ClientManager, SecretString};

use super::{MARKER, is_fit};
use crate::commands::{fields_of, with_field};
use crate::declaration::{Faults, Field, Located, Location, parse, write};

/// A declaration: YAML or JSON.
pub(super) fn declaration(data: &[u8]) {
    let lines = Lines::of(data);
    match parse("f", data) {
        Err(faults) => lines.have_all(&faults),
        Ok(located) => {
            let read = &located.declaration;
            let Ok(written) = write(read) else { panic!("it cannot be written") };
            match parse("f", written.as_bytes()) {
                Ok(again) => assert!(again.declaration == *read, "it is read back differently:\n{written}"),
                Err(faults) => panic!("what was written is rejected: {faults}\n{written}"),
            }
            places(&located, &lines);
        }
    }
}

/// Errors of the library point to a place in the file, too.
fn places(located: &Located, lines: &Lines) {
    let builder = ClientManager::builder().host("https://x.example.com").username("a");
    for (index, client) in located.declaration.clients.iter().enumerate() {
        for field in [Field::Id, Field::Roles, Field::Config, Field::Secret, Field::SecretOut] {
            lines.have(located.locate(index, field));
        }
        let config = ClientConfig::from_map(client.config.clone());
        let manager = MANAGER.with(|manager| {
            manager.get_or_init(|| builder.clone().password(SecretString::from("p")).build().ok()).clone()
        });
        let Some(manager) = manager else { panic!("there is no manager") };
        if let Err(error) = manager.register_client(&client.id).config(config).check() {
            let faults = located.faults([(index, &error)]);
            lines.have_places(&faults);
        }
    }
}

thread_local! {
    /// It takes long to make one.
    static MANAGER: std::cell::OnceCell<Option<ClientManager>> = const { std::cell::OnceCell::new() };
}

/// The lines of a file, as an editor counts them.
struct Lines(Vec<u64>);

impl Lines {
    fn of(data: &[u8]) -> Self {
        let text = String::from_utf8_lossy(data);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Self(text.split('\n').map(|line| line.chars().map(|_| 1).sum()).collect())
    }

    /// A place lies in the file, or right behind the end of a line. It can be unknown.
    fn have(&self, Location { line, column }: Location) {
        let length = usize::try_from(line).ok().and_then(|line| self.0.get(line.checked_sub(1)?));
        let is_there = length.is_some_and(|length| (1..=length + 1).contains(&column));
        assert!(is_there || (line, column) == (0, 0), "{line}:{column} is not in the file");
    }

    fn have_places(&self, faults: &Faults) {
        assert!(!faults.lines().is_empty(), "an error without a fault");
        faults.places().for_each(|place| self.have(place));
    }

    /// Faults have a place, and repeat no value of the text.
    fn have_all(&self, faults: &Faults) {
        self.have_places(faults);
        let shown = format!("{faults}{faults:?}");
        assert!(!shown.contains(MARKER), "a word of the text is shown: {shown}");
        for line in faults.lines() {
            assert!(line.len() < 400 && !line.chars().any(char::is_control), "{line}");
        }
    }
}

/// The file of `--config`.
pub(super) fn config_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let found = fields_of("f", text);
    if let Err(failure) = &found {
        is_fit(failure, 0);
        let place = failure
            .message()
            .strip_prefix("f:")
            .and_then(|rest| rest.split_once(": "))
            .map(|(place, _)| place);
        if let Some((line, column)) = place.and_then(|place| place.split_once(':')) {
            let number = |text: &str| text.parse().unwrap_or(u64::MAX);
            Lines::of(data).have(Location { line: number(line), column: number(column) });
        }
    }
    if let Ok(json) = kxi_auth_core::serde_json::from_str::<Map<String, Value>>(text) {
        // A field that is set twice is an error, and YAML has no control characters.
        let fields = json.len() + json.values().map(fields_in).sum::<usize>();
        let is_yaml =
            fields == colons(text) && !text.contains(|c: char| c.is_control() && !"\t\r\n".contains(c));
        let accepted = found.is_ok() || is_yaml;
        assert!(!accepted || found.ok() == Some(json), "JSON is read differently");
    }
}

/// How many fields the objects in a value have.
fn fields_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(fields_in).sum(),
        Value::Object(fields) => fields.len() + fields.values().map(fields_in).sum::<usize>(),
        _ => 0,
    }
}

/// How many fields are written in JSON.
fn colons(json: &str) -> usize {
    let (mut count, mut in_text, mut escaped) = (0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b':' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

/// A flag `--set FIELD=JSON`.
pub(super) fn set_field(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let planted = text.replacen('=', &format!("={MARKER}"), 1);
    if let Err(failure) = with_field(ClientConfig::new(), &planted) {
        is_fit(&failure, text.len());
    }
    match with_field(ClientConfig::new(), text) {
        Err(failure) => assert!(failure.message().len() < 4096 + text.len()),
        Ok(config) => {
            let shown = format!("{config:?}");
            let (name, _) = text.split_once('=').unwrap_or_default();
            assert!(name == "attributes" || shown.contains(&name.escape_debug().to_string()), "{shown}");
        }
    }
}
