//! Reads secrets from files and standard input, each on a thread of its own: a pipe can block its reader forever, and
//! Ctrl-C must end that.

use std::cell::Cell;
use std::env::VarError;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use kxi_auth_core::{NotText, SecretString, decode_text, value_of_text};

use crate::failure::Failure;

/// The most bytes that a secret or a declaration may have.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Standard input, which only one reader can use.
#[derive(Debug, Default)]
pub(crate) struct Stdin {
    /// The flag of the sign-in that standard input is for, whether it is read in the end or not.
    promised: Option<&'static str>,
    reader: Cell<Option<&'static str>>,
}

impl Stdin {
    /// Standard input for the flag `promised` only, if there is one.
    pub(crate) fn promised_to(promised: Option<&'static str>) -> Self {
        Self { promised, reader: Cell::new(None) }
    }

    /// The whole of standard input. `reader` names the flag in errors.
    pub(crate) async fn read(&self, reader: &'static str) -> Result<String, Failure> {
        self.take(reader)?;
        let read = apart(|| text(std::io::stdin().lock())).await?;
        read.map_err(|reason| Failure::usage(format!("cannot read standard input for {reader}: {reason}")))
    }

    /// The same as bytes; one byte more than the limit if the input is longer.
    pub(crate) async fn read_bytes(&self, reader: &'static str) -> Result<Vec<u8>, Failure> {
        self.take(reader)?;
        apart(|| bytes(std::io::stdin().lock()))
            .await?
            .map_err(|error| Failure::usage(format!("cannot read standard input for {reader}: {error}")))
    }

    fn take(&self, reader: &'static str) -> Result<(), Failure> {
        let promised = self.promised.filter(|promised| *promised != reader);
        if let Some(other) = self.reader.replace(Some(reader)).or(promised) {
            return Err(Failure::usage(format!("{other} and {reader} cannot both read standard input")));
        }
        Ok(())
    }

    /// The secret on standard input.
    pub(crate) async fn secret(&self, reader: &'static str) -> Result<SecretString, Failure> {
        secret(&self.read(reader).await?).ok_or_else(|| {
            Failure::usage(format!("standard input is empty; {reader} expects a secret there"))
        })
    }

    /// Whether standard input is for a flag, and not for the user to type.
    pub(crate) fn is_taken(&self) -> bool {
        self.promised.or(self.reader.get()).is_some()
    }
}

/// The text of a file.
pub(crate) async fn read_file(path: &Path, what: &str) -> Result<String, Failure> {
    let read = opened(path, text).await?;
    let read = read.map_err(|error| error.to_string()).flatten();
    read.map_err(|reason| Failure::usage(format!("cannot read the {what} {}: {reason}", path.display())))
}

/// The bytes of a file within the limit.
pub(crate) async fn read_whole_file(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let read = within_limit(read_file_bytes(path, what).await?);
    read.map_err(|reason| Failure::usage(format!("cannot read the {what} {}: {reason}", path.display())))
}

/// The bytes of a file; one byte more than the limit if the file is longer.
pub(crate) async fn read_file_bytes(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let read = opened(path, bytes).await?.flatten();
    read.map_err(|error| Failure::usage(format!("cannot read the {what} {}: {error}", path.display())))
}

/// The secret in a file, or on standard input for `-`.
pub(crate) async fn secret_file(
    path: &Path,
    stdin: &Stdin,
    reader: &'static str,
) -> Result<SecretString, Failure> {
    if path == Path::new("-") {
        return stdin.secret(reader).await;
    }
    secret(&read_file(path, "secret file").await?)
        .ok_or_else(|| Failure::usage(format!("the secret file {} is empty", path.display())))
}

/// The secret in a file, or why it cannot be used. The reason does not name the file, and `-` is a file here.
pub(crate) async fn secret_in(path: &Path) -> Result<Result<SecretString, String>, Failure> {
    let read = opened(path, text).await?;
    let read = read.map_err(|error| error.to_string()).flatten();
    Ok(read.and_then(|text| secret(&text).ok_or_else(|| "it is empty".to_owned())))
}

/// Applies `read` to a file.
async fn opened<T: Send + 'static>(
    path: &Path,
    read: impl FnOnce(std::fs::File) -> T + Send + 'static,
) -> Result<std::io::Result<T>, Failure> {
    let path = PathBuf::from(path);
    apart(move || std::fs::File::open(path).map(read)).await
}

/// The result of work that may block forever. If the future is dropped, its thread stays behind.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::local(format!("cannot read an input: {error}")))
}

fn bytes(source: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a source, without its byte order mark.
pub(crate) fn text(source: impl std::io::Read) -> Result<String, String> {
    let bytes = within_limit(bytes(source).map_err(|error| error.to_string())?)?;
    // The bytes may be a secret and are not shown.
    let text = decode_text(&bytes).map_err(|error| error.to_string())?;
    // A variable cannot hold it, nor can every database.
    if text.contains('\0') { Err("it contains the character NUL".to_owned()) } else { Ok(text.to_owned()) }
}

fn within_limit(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.len() as u64 > LIMIT { Err(format!("it is longer than {} MiB", LIMIT >> 20)) } else { Ok(bytes) }
}

/// The value of a variable, if it is set, or why it cannot be used, without the value.
pub(crate) fn variable(read: Result<String, VarError>) -> Result<Option<String>, String> {
    match read {
        Ok(value) => Ok(Some(value_of_text(&value).to_owned())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => Err(match decode_text(value.as_encoded_bytes()) {
            Err(NotText::Encoding { name, .. }) => format!("is in {name}; it must be in UTF-8"),
            _ => "is not valid UTF-8".to_owned(),
        }),
    }
}

/// A secret without the line end at its end. `None` if nothing is left.
fn secret(text: &str) -> Option<SecretString> {
    let value = value_of_text(text);
    (!value.is_empty()).then(|| SecretString::from(value))
}

#[cfg(test)]
mod tests {
    use kxi_auth_core::ExposeSecret as _;

    use super::*;

    #[test]
    fn one_line_end_is_no_part_of_a_secret() {
        for (text, expected) in [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), (" s ", " s ")] {
            assert_eq!(secret(text).unwrap().expose_secret(), expected);
        }
        assert!(secret("\n").is_none() && secret("").is_none());
    }

    #[test]
    fn what_is_no_text_is_not_shown() {
        assert_eq!(text(&b"hidden\xff"[..]).unwrap_err(), "it is not valid UTF-8");
        assert_eq!(text(&b"hidden\0"[..]).unwrap_err(), "it contains the character NUL");
        assert_eq!(text(&b"h\0i\0"[..]).unwrap_err(), "it is in UTF-16; save it as UTF-8");
    }

    #[test]
    fn files_and_variables_are_read_in_one_way() {
        for (written, expected) in
            [("\u{FEFF}s", "s"), ("s\r\n", "s"), ("\u{FEFF}s\n\n", "s\n"), (" s", " s")]
        {
            let file = secret(&text(written.as_bytes()).unwrap()).unwrap();
            assert_eq!(file.expose_secret(), expected);
            assert_eq!(variable(Ok(written.to_owned())).unwrap().as_deref(), Some(expected));
        }
        assert!(secret("\u{FEFF}\r\n").is_none());
        assert_eq!(variable(Err(VarError::NotPresent)), Ok(None));
    }

    #[test]
    fn an_input_has_a_limit() {
        let endless = std::io::repeat(b'x');
        assert_eq!(text(endless).unwrap_err(), "it is longer than 16 MiB");
    }
}
