//! Targets: secrets that are read, and the files that they are written to.

use std::env::VarError;
use std::path::PathBuf;

use kxi_auth_core::serde_json::{self, Value};
use kxi_auth_core::{ExposeSecret as _, SecretString};

use crate::secrets::{Delivery, Owner, SecretFormat, text as text_of, variable};

const HOST: &str = "https://x.example.com";
const REALM: &str = "insights";

/// A secret in a file, on standard input or in a variable.
pub(super) fn text(data: &[u8]) {
    let read = text_of(data);
    match &read {
        Err(reason) => assert!(reason.len() < 100, "{reason}"),
        Ok(text) => {
            assert!(!text.contains('\0'), "a NUL is part of a secret");
            let whole = data.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(data);
            assert_eq!(text.as_bytes(), whole, "the text is not what the file has");
        }
    }
    match variable(value_of_a_variable(data)) {
        Err(reason) => assert!(reason.len() < 100, "{reason}"),
        Ok(None) => panic!("a variable that is set counts as missing"),
        Ok(Some(value)) => {
            assert!(data.len() - value.len() <= 5, "more than a mark and a line end is missing");
        }
    }
}

#[cfg(unix)]
fn value_of_a_variable(data: &[u8]) -> Result<String, VarError> {
    use std::os::unix::ffi::OsStringExt;

    String::from_utf8(data.to_vec()).map_err(|_| VarError::NotUnicode(OsStringExt::from_vec(data.to_vec())))
}

#[cfg(not(unix))]
fn value_of_a_variable(data: &[u8]) -> Result<String, VarError> {
    Ok(String::from_utf8_lossy(data).into_owned())
}

/// The secret and the client ID in a secret file, as programs read it back. The input has the secret in its first line.
pub(super) fn file(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let (secret, id) = input.split_once('\n').unwrap_or((input, "svc"));
    if secret.is_empty() || input.contains('\0') {
        return;
    }
    let owner = Owner { host: HOST, realm: REALM, client_id: id };
    for format in [SecretFormat::Raw, SecretFormat::Env, SecretFormat::Json, SecretFormat::Kubernetes] {
        let name = (format == SecretFormat::Kubernetes).then(|| "svc".to_owned());
        let delivery = Delivery { path: PathBuf::from("f"), format, name, namespace: None };
        let Ok(content) = delivery.content(owner, &SecretString::from(secret)) else {
            panic!("{format:?} fails")
        };
        let content = content.expose_secret();
        match format {
            SecretFormat::Raw => assert_eq!(content, secret),
            SecretFormat::Env => is_read_by_a_shell(content, id, secret),
            SecretFormat::Json => {
                let object: Value = serde_json::from_str(content).unwrap_or_default();
                assert_eq!((&object["client_id"], &object["client_secret"]), (&id.into(), &secret.into()));
            }
            SecretFormat::Kubernetes => is_read_by_kubernetes(content, id, secret),
        }
    }
}

/// Unquotes as a POSIX shell does: the value is plain, or in single quotes.
fn is_read_by_a_shell(content: &str, id: &str, secret: &str) {
    let values = [("INSIGHTS_URL", HOST), ("INSIGHTS_REALM", REALM), ("INSIGHTS_CLIENT_ID", id)];
    let mut rest = content;
    for (name, expected) in values.into_iter().chain([("INSIGHTS_CLIENT_SECRET", secret)]) {
        let assignment = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        let Some(word) = assignment else { panic!("no {name}") };
        let (value, after) = unquoted(word);
        assert_eq!(value, expected, "{name}");
        rest = after;
    }
    assert_eq!(rest, "", "there is more in the file");
}

/// The value of a shell's word, and what follows its line.
fn unquoted(word: &str) -> (String, &str) {
    let (mut value, mut quoted, mut escaped) = (String::new(), false, false);
    for (at, c) in word.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\'' => quoted = !quoted,
            '\\' if !quoted => escaped = true,
            '\n' if !quoted => return (value, &word[at + 1..]),
            c => {
                let plain = c.is_ascii_alphanumeric() || "-_.:/@%+,=".contains(c);
                assert!(quoted || plain, "a shell interprets {c:?}");
                value.push(c);
            }
        }
    }
    (value, "")
}

/// The manifest as YAML 1.2, and without a plain scalar that the YAML 1.1 of Kubernetes takes for another type.
fn is_read_by_kubernetes(content: &str, id: &str, secret: &str) {
    let manifest: Value = serde_saphyr::from_str(content).unwrap_or_default();
    let data = &manifest["stringData"];
    assert_eq!(
        (&data["INSIGHTS_CLIENT_ID"], &data["INSIGHTS_CLIENT_SECRET"]),
        (&id.into(), &secret.into()),
        "the manifest is read differently"
    );
    for name in ["  INSIGHTS_CLIENT_ID: ", "  INSIGHTS_CLIENT_SECRET: "] {
        let Some(value) = content.lines().find_map(|line| line.strip_prefix(name)) else {
            continue;
        };
        assert!(!is_another_type(value), "YAML 1.1 does not read {name}as a text:\n{content}");
    }
}

/// Whether a plain scalar is a boolean, null, number or time in YAML 1.1 (yaml.org/type).
fn is_another_type(plain: &str) -> bool {
    const WORDS: [&str; 16] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".nan", ".inf", "-.inf", "+.inf",
        "<<", "=",
    ];
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let number = unsigned.replace('_', "");
    let starts = |first: fn(char) -> bool| number.starts_with(first);
    let is_decimal = starts(|c| c.is_ascii_digit() || c == '.') && number.parse::<f64>().is_ok();
    let is_prefixed = [("0x", 16), ("0o", 8), ("0b", 2)].iter().any(|(prefix, base)| {
        let digits = number.strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| c.is_digit(*base))
    });
    let (whole, fraction) =
        unsigned.split_once('.').map_or((unsigned, None), |(whole, part)| (whole, Some(part)));
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let is_part =
        |part: &str| is_number(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|part| part < 60);
    let mut parts = whole.split(':');
    // `_` is no part of the minutes and seconds of a number to the base of 60.
    let begins = parts.next().is_some_and(|first| {
        let digits = first.starts_with(|c: char| c.is_ascii_digit())
            && first.chars().all(|c| c.is_ascii_digit() || c == '_');
        digits && (fraction.is_some() || !first.starts_with('0'))
    });
    let rest: Vec<&str> = parts.collect();
    let of_sixty = begins && !rest.is_empty() && rest.iter().all(|part| is_part(part));
    let ends = fraction.is_none_or(|part| part.chars().all(|c| c.is_ascii_digit() || c == '_'));
    WORDS.contains(&plain.to_lowercase().as_str()) || is_decimal || is_prefixed || (of_sixty && ends)
}
