//! Generates the secret and the UUID of a new client. Made here, they show whose create succeeded.

use secrecy::SecretString;

use crate::error::Error;
use crate::model::client_uuid::ClientUuid;

/// The length of a generated secret. 64 characters out of 62 have 381 bits, and no shell, URL or YAML has to quote
/// them.
const SECRET_LENGTH: usize = 64;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new random secret for a client: 64 letters and digits from the operating system's generator.
///
/// The operations generate a secret where they need one. A program that must hold the secret before it becomes live,
/// for example in a file that is ready, generates it itself and passes it to
/// [`RotateSecret::secret`](crate::RotateSecret::secret) or
/// [`RegisterClient::secret_if_new`](crate::RegisterClient::secret_if_new).
///
/// # Errors
///
/// [`Error::Randomness`] if the operating system returns no random bytes.
///
/// # Examples
///
/// ```
/// use kxi_auth_core::ExposeSecret as _;
///
/// let secret = kxi_auth_core::generate_secret()?;
/// assert_eq!(secret.expose_secret().len(), 64);
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
pub fn generate_secret() -> Result<SecretString, Error> {
    let mut secret = String::with_capacity(SECRET_LENGTH);
    let mut bytes = [0_u8; SECRET_LENGTH];
    while secret.len() < SECRET_LENGTH {
        fill(&mut bytes)?;
        // 248 = 4 * 62: larger bytes would make the first letters more likely.
        let letters =
            bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        secret.extend(letters.take(SECRET_LENGTH - secret.len()));
    }
    Ok(SecretString::from(secret))
}

/// A new random UUID (version 4, RFC 9562).
pub(crate) fn uuid() -> Result<ClientUuid, Error> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    ClientUuid::new(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::Randomness { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn secrets_are_long_plain_and_differ() {
        let (one, two) = (generate_secret().unwrap(), generate_secret().unwrap());
        assert_eq!(one.expose_secret().len(), SECRET_LENGTH);
        assert!(one.expose_secret().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one.expose_secret(), two.expose_secret());
    }

    #[test]
    fn uuids_are_version_4() {
        let uuid = uuid().unwrap();
        assert_eq!(uuid.as_str().len(), 36);
        assert_eq!(uuid.as_str().as_bytes()[14], b'4');
    }
}
