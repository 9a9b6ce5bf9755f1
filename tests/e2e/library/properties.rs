//! Any unicode comes back as it was given, or is refused before anything is sent: client ids, secrets
//! and config maps that are drawn at random, the same ones in each run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use kxi_auth_core::{ClientConfig, ClientManager, Error, ExposeSecret as _, Roles, SecretString};
use kxi_auth_tests::keycloak::realm::TestRealm;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::setup::{manager, realm, stored_client};

const CASES: u32 = 48;
const OTHER: &str = "another client";

/// What a client is registered with.
#[derive(Debug, Clone)]
struct Drawn {
    id: String,
    secret: String,
    description: Option<String>,
    name: Option<String>,
    attributes: BTreeMap<String, String>,
}

/// Mostly a few characters of any kind; sometimes one so often that a limit is near.
fn text(limit: usize, often: [char; 4]) -> impl Strategy<Value = String> {
    let near = [limit / 2, limit / 2 + 1, limit, limit + 1];
    prop_oneof![
        6 => "\\PC{1,20}",
        3 => prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
        1 => "[ \t\u{a0}]{1,3}",
        2 => (prop::sample::select(often.to_vec()), prop::sample::select(near.to_vec()))
            .prop_map(|(c, length)| c.to_string().repeat(length)),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let plain = |limit| text(limit, ['a', 'é', 'İ', '\u{1F511}']);
    // Of other characters: what is traced is searched for it, and ids are.
    let secret = text(255, ['b', 'ß', 'ı', '\u{1F512}']);
    let attributes = prop::collection::btree_map(plain(255), plain(255), 0..4);
    let texts = (plain(239), secret, prop::option::of(plain(255)), prop::option::of(plain(255)), attributes);
    texts.prop_map(|(id, secret, description, name, attributes)| Drawn {
        id,
        secret,
        description,
        name,
        attributes,
    })
}

impl Drawn {
    /// Whether the server would fail on it, drop a part of it, or take it for something else.
    fn is_refused(&self) -> bool {
        let too_long = |text: &str, limit| text.encode_utf16().count() > limit;
        let blank = |text: &str| !text.is_empty() && text.chars().all(|c| c <= ' ');
        let texts = [Some(&self.secret), self.description.as_ref(), self.name.as_ref()];
        let attributes = self.attributes.iter().flat_map(|(name, value)| [name, value]);
        let unstorable = texts.into_iter().flatten().chain(attributes).any(|text| text.contains('\0'));
        self.id.trim().is_empty()
            || self.id.chars().any(char::is_control)
            || too_long(&self.id.to_lowercase(), 239)
            || self.secret.is_empty()
            || unstorable
            || texts.into_iter().flatten().chain(self.attributes.keys()).any(|text| too_long(text, 255))
            || self.attributes.values().any(|value| blank(value))
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        if let Some(text) = &self.description {
            config = config.description(text);
        }
        if let Some(text) = &self.name {
            config = config.name(text);
        }
        self.attributes.iter().fold(config, |config, (name, value)| config.attribute(name, value))
    }
}

/// Registers, reads, signs in, registers again, and updates another client to the same. Whether that
/// was done, not refused.
async fn comes_back(
    realm: &TestRealm,
    manager: &ClientManager,
    drawn: &Drawn,
) -> Result<bool, TestCaseError> {
    let secret = SecretString::from(drawn.secret.clone());
    let register = || {
        manager.register_client(&drawn.id).secret(secret.clone()).config(drawn.config()).roles(Roles::None)
    };
    let registered = register().await;
    if drawn.is_refused() {
        prop_assert!(matches!(registered, Err(Error::InvalidParameter { .. })), "{registered:?}");
        return Ok(false);
    }
    let failed = |error: Error| TestCaseError::fail(error.to_string());
    let client = registered.map_err(failed)?;
    let stored = stored_client(realm, client.uuid.as_str()).await;
    check_stored(drawn, &stored)?;

    let found = manager.get_client(&drawn.id).await.map_err(failed)?;
    prop_assert_eq!((&found.id, &found.uuid), (&drawn.id, &client.uuid));
    prop_assert_eq!(found.secret.as_ref().map(SecretString::expose_secret), Some(drawn.secret.as_str()));
    manager.client_token(&drawn.id, &secret).await.map_err(failed)?;
    let again = register().await.map_err(failed)?;
    prop_assert!(!again.created);
    prop_assert_eq!(stored_client(realm, client.uuid.as_str()).await, stored);

    // The same by an update of a client that has none of it.
    let other = manager.register_new_client(OTHER).await.map_err(failed)?;
    manager.update_client(&other).secret(secret).config(drawn.config()).await.map_err(failed)?;
    let drawn = Drawn { id: other.id.clone(), ..drawn.clone() };
    check_stored(&drawn, &stored_client(realm, other.uuid.as_str()).await)?;
    Ok(true)
}

fn check_stored(drawn: &Drawn, stored: &Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(&stored["clientId"], &json!(drawn.id));
    prop_assert_eq!(&stored["secret"], &json!(drawn.secret));
    for (field, given) in [("description", &drawn.description), ("name", &drawn.name)] {
        // An empty text is none: what has none is not updated.
        if let Some(text) = given {
            prop_assert_eq!(stored[field].as_str().unwrap_or_default(), text);
        }
    }
    // An empty value is how an attribute is removed.
    for (name, value) in &drawn.attributes {
        let expected = if value.is_empty() { Value::Null } else { json!(value) };
        prop_assert_eq!(&stored["attributes"][name], &expected);
    }
    Ok(())
}

#[test]
fn any_unicode_comes_back_as_it_was_or_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let realm = runtime.block_on(realm());
    let manager = manager(&realm);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let came_back = Mutex::new(BTreeSet::new());
    runner
        .run(&drawn(), |drawn| {
            let outcome = runtime.block_on(async {
                let outcome = comes_back(&realm, &manager, &drawn).await;
                // Ids that are the same in lower case cannot be there together.
                for id in [&drawn.id, OTHER] {
                    let _ = manager.delete_client(id).await;
                }
                outcome
            });
            if outcome? {
                came_back.lock().unwrap().insert(drawn.id);
            }
            Ok(())
        })
        .unwrap();
    let accepted = came_back.into_inner().unwrap().len();
    assert!(accepted >= 16 && accepted < CASES as usize, "{accepted} of {CASES} were accepted");
    runtime.block_on(realm.delete()).unwrap();
}
