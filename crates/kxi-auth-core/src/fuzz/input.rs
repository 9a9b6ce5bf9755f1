//! Targets: what callers pass, such as the text of a file.

use serde_json::{Map, Value};
use url::Url;

use crate::ClientConfig;
use crate::fuzz::checks::{MARKER, hides, is_discreet, is_fit};
use crate::fuzz::script::secret;
use crate::manager::ClientManager;
use crate::model::text::{decode_text, value_of_text};
use crate::transport::http::url;
use crate::transport::scripted;

/// The text of a secret, a password or a file.
pub(super) fn text(data: &[u8]) {
    match decode_text(data) {
        Ok(text) => {
            let whole = data.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(data);
            assert_eq!(text.as_bytes(), whole, "the text is not what the file has");
            let value = value_of_text(text);
            assert!(
                text.contains(value) && text.len() - value.len() <= 5,
                "more than a mark and a line end is missing"
            );
            // A carriage return before a line feed is a part of the line end.
            let line = value.trim_end_matches('\r');
            let without_mark = line.strip_prefix('\u{FEFF}').unwrap_or(line);
            for end in ["\n", "\r\n"] {
                assert_eq!(value_of_text(&format!("{line}{end}")), without_mark, "a line end stays");
            }
        }
        Err(error) => assert!(error.to_string().len() < 100, "{error}"),
    }
    // Text of ASCII in another encoding is never taken for a secret.
    let ascii: String =
        data.iter().filter(|byte| (1..128).contains(*byte)).map(|byte| char::from(*byte)).collect();
    if !ascii.is_empty() {
        let little: Vec<u8> = ascii.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = ascii.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(
            decode_text(&little).is_err() && decode_text(&big).is_err(),
            "{ascii:?} in UTF-16 is accepted"
        );
        assert_eq!(decode_text(ascii.as_bytes()), Ok(&*ascii));
    }
}

/// The address of a server, a realm and that of the admin. Each line of the input is one of them.
pub(super) fn host(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A parser of URLs skips white space, and reads some parts in lower case.
    if text.replace(char::is_whitespace, "").to_lowercase().contains(MARKER) {
        return;
    }
    let mut lines = text.split('\n');
    let (host, realm, admin) = (lines.next().unwrap_or_default(), lines.next(), lines.next());
    scripted::begin(Vec::new(), false);
    // A password in an address must not be shown.
    let planted = host.replacen("://", &format!("://u:{MARKER}@"), 1);
    let build = |host: &str| {
        let builder = ClientManager::builder().host(host).username("a").password(secret());
        builder.realm(realm.unwrap_or("insights")).admin_realm(admin.unwrap_or("master")).build()
    };
    if let Err(error) = build(&planted) {
        hides(&error.to_string());
        hides(&format!("{error:?}"));
    }
    match build(host) {
        Err(error) => hides(&error.to_string()),
        Ok(manager) => {
            is_discreet(&manager);
            let base = manager.host().to_owned();
            assert_eq!(
                build(&base).map(|again| again.host().to_owned()).ok(),
                Some(base.clone()),
                "read again"
            );
            let connection = manager.connection();
            reaches(&base, &["realms", &connection.realm]);
            reaches(&base, &["realms", &connection.admin_realm]);
        }
    }
    let _ = scripted::end();
}

/// Segments of a path stay below the address, one for each, whatever they contain.
fn reaches(base: &str, segments: &[&str]) {
    let (Ok(base), Ok(whole)) = (Url::parse(base), url(base, segments)) else { panic!("{base} is no URL") };
    assert_eq!((whole.origin(), whole.query(), whole.fragment()), (base.origin(), None, None), "{whole}");
    let count = |url: &Url| url.path().trim_end_matches('/').matches('/').count();
    assert_eq!(count(&whole), count(&base) + segments.len(), "{whole}");
    assert_eq!(Url::parse(whole.as_str()).as_ref(), Ok(&whole), "it is read differently");
}

/// The configuration of a client, as a JSON object.
pub(super) fn config(data: &[u8]) {
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    if data.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()) {
        return;
    }
    fields.values_mut().for_each(plant);
    let config = ClientConfig::from_map(fields);
    is_discreet(&config);
    if let Err(error) = config.check() {
        return is_fit_but_for_length(&error);
    }
    // What was created with a config has no difference to it.
    let mut body = Map::new();
    config.merge_into_new(&mut body);
    let again = ClientConfig::from_map(body.clone());
    assert!(again.check().is_ok(), "what is sent is rejected");
    assert_eq!(config.differs_from(&body), [""; 0], "a create is updated at once");
    assert!(config.check_update(&body).is_ok());
    let mut update = Map::new();
    config.merge_into_update(&body, &mut update);
    assert_eq!(update.keys().collect::<Vec<_>>(), [""; 0], "a create is updated at once");
}

/// Each text with the marker at its beginning.
fn plant(value: &mut Value) {
    match value {
        Value::String(text) => text.insert_str(0, MARKER),
        Value::Array(items) => items.iter_mut().for_each(plant),
        Value::Object(fields) => fields.values_mut().for_each(plant),
        _ => {}
    }
}

/// The message names every wrong field, so it is as long as the input.
fn is_fit_but_for_length(error: &crate::Error) {
    if error.to_string().len() < 4096 {
        is_fit(error);
    }
    hides(&error.to_string());
}
