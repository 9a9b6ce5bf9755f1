//! From what went over the wire to what a fixture says: stand-ins for all that differs from run
//! to run or is secret, and nothing else changed.
//!
//! Everything here is a rule about a named field or a recognizable form. An answer that says
//! something else than its fixture must still differ after it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail, ensure};
use regex::Regex;
use reqwest::header::HeaderMap;
use url::form_urlencoded;

use crate::keycloak::realm::Server;
use crate::recordings::fixture::{Body, Exchange, Request, Response};
use crate::recordings::json_rules::{self, StandIns};
use crate::recordings::stand_in::{self, JWT, Kind, UUID, pattern};

/// One exchange as the recorder saw it.
#[derive(Clone)]
pub struct Raw {
    /// The number of the group of requests that it was sent in, unless it was sent by itself.
    pub together: Option<usize>,
    /// The request's method, path and query, headers and body.
    pub request: RawRequest,
    /// The answer's status code.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body.
    pub body: Vec<u8>,
}

/// A request as the recorder saw it.
#[derive(Clone)]
pub struct RawRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query, as sent.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, perhaps empty.
    pub body: Vec<u8>,
}

/// The stand-ins of one scenario.
pub struct Normalizer {
    realm: String,
    addresses: Vec<String>,
    username: String,
    numbers: HashMap<(Kind, String), usize>,
    counts: HashMap<Kind, usize>,
    secrets: BTreeSet<String>,
}

/// The folder of the login pages' resources is named by a tag that each database draws for itself.
static RESOURCES: LazyLock<Regex> = LazyLock::new(|| pattern(r"/resources/[a-z0-9]{5}/"));

const REQUEST_HEADERS: [&str; 1] = ["content-type"];
const RESPONSE_HEADERS: [&str; 4] = ["content-type", "location", "retry-after", "www-authenticate"];

impl Normalizer {
    /// For a scenario that ran in `realm`, its requests sent to `recorder` (`host:port`) in front
    /// of `server`.
    #[must_use]
    pub fn new(realm: &str, recorder: &str, server: &Server) -> Self {
        Self {
            realm: realm.to_owned(),
            addresses: vec![recorder.to_owned(), server.authority()],
            username: server.username().to_owned(),
            numbers: HashMap::new(),
            counts: HashMap::new(),
            secrets: BTreeSet::from([server.password().to_owned()]),
        }
    }

    /// One exchange, as its fixture says it.
    pub fn exchange(&mut self, raw: &Raw) -> Result<Exchange> {
        let what = format!("{} {}", raw.request.method, raw.request.path);
        let unordered = json_rules::is_unordered(&raw.request.path, raw.request.query.as_deref());
        // In the order of the wire, which is what the stand-ins are numbered by.
        let path = self.text(&raw.request.path);
        let query = raw.request.query.as_ref().map(|query| self.text(query));
        let mut headers = self.headers(&raw.request.headers, &REQUEST_HEADERS)?;
        if let Some(value) = raw.request.headers.get("authorization") {
            let value = value.to_str().context("an authorization header is no text")?;
            headers.insert("authorization".to_owned(), self.authorization(value));
        }
        let body = self
            .body(&raw.request.headers, &raw.request.body, unordered)
            .with_context(|| format!("the body of the request {what}"))?;
        let request = Request { method: raw.request.method.clone(), path, query, headers, body };
        let headers = self.headers(&raw.headers, &RESPONSE_HEADERS)?;
        let body = self
            .body(&raw.headers, &raw.body, unordered)
            .with_context(|| format!("the body of the answer to {what}"))?;
        let response = Response { status: raw.status, headers, body };
        Ok(Exchange { together: raw.together, request, response })
    }

    /// Refuses a fixture's text in which anything secret survived, or this machine's address.
    pub fn check(&self, text: &str) -> Result<()> {
        for secret in &self.secrets {
            let forms = written_forms(secret);
            ensure!(
                !forms.iter().any(|form| text.contains(form)),
                "a secret value would be written: a rule of normalize.rs or json_rules.rs is missing"
            );
        }
        for place in self.addresses.iter().chain([&self.realm]) {
            ensure!(!text.contains(place.as_str()), "{place} would be written");
        }
        for found in ["127.0.0.1", "localhost", "[::1]"] {
            ensure!(!text.contains(found), "an address of this machine ({found}) would be written");
        }
        Ok(())
    }

    /// A token whose parts can still be read, and whose signature is a stand-in.
    fn token(&mut self, token: &str) -> Result<String> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { bail!("a token has three parts") };
        self.secrets.insert(signature.to_owned());
        let header = json_rules::token_part(self, header)?;
        let claims = json_rules::token_part(self, claims)?;
        Ok(format!("{header}.{claims}.{}", self.stand_in(Kind::Token, token)))
    }

    /// The scheme, and which of the tokens seen so far it carries.
    fn authorization(&mut self, value: &str) -> String {
        let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
        format!("{scheme} {}", self.stand_in(Kind::Token, credential))
    }

    fn headers(&mut self, headers: &HeaderMap, kept: &[&str]) -> Result<BTreeMap<String, String>> {
        let mut result = BTreeMap::new();
        for name in kept {
            if let Some(value) = headers.get(*name) {
                let value = value.to_str().with_context(|| format!("the header {name}"))?;
                result.insert((*name).to_owned(), self.text(value));
            }
        }
        Ok(result)
    }

    fn body(&mut self, headers: &HeaderMap, body: &[u8], unordered: bool) -> Result<Option<Body>> {
        if body.is_empty() {
            return Ok(None);
        }
        let Ok(text) = std::str::from_utf8(body) else { return Ok(Some(Body::from_bytes(body))) };
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let text = if kind.starts_with("application/json") {
            let json = serde_json::from_str(text).context("it is not the JSON it claims to be")?;
            // Otherwise writing it again would change more than the values.
            ensure!(
                serde_json::to_string(&json)? == text,
                "this JSON does not survive being read and written"
            );
            json_rules::document(self, json, unordered)?.to_string()
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            self.form(text)
        } else {
            self.text(text)
        };
        Ok(Some(Body::Text(text)))
    }

    fn form(&mut self, text: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = match &*name {
                "password" => self.stand_in(Kind::Password, &value),
                "client_secret" => self.stand_in(Kind::Secret, &value),
                "username" if *value == self.username => stand_in::USERNAME.to_owned(),
                _ => self.text(&value),
            };
            form.append_pair(&name, &value);
        }
        form.finish()
    }
}

impl StandIns for Normalizer {
    fn username(&self) -> &str {
        &self.username
    }

    fn stand_in(&mut self, kind: Kind, value: &str) -> String {
        if matches!(kind, Kind::Secret | Kind::Password | Kind::Token) {
            self.secrets.insert(value.to_owned());
        }
        let next = self.counts.get(&kind).map_or(1, |count| count + 1);
        let number = *self.numbers.entry((kind, value.to_owned())).or_insert(next);
        if number == next {
            self.counts.insert(kind, next);
        }
        kind.stand_in(number)
    }

    fn text(&mut self, text: &str) -> String {
        let mut text = text.replace(&self.realm, stand_in::REALM);
        for address in &self.addresses {
            text = text.replace(address.as_str(), stand_in::ADDRESS);
            text = text.replace(&address.replace(':', "%3A"), stand_in::ADDRESS);
        }
        // What the server saw of its peer.
        text = text.replace("127.0.0.1", stand_in::ADDRESS);
        let text = RESOURCES.replace_all(&text, "/resources/stand-in/");
        let tokens = replace_all(&JWT, &text, |token| {
            self.token(token).unwrap_or_else(|_| self.stand_in(Kind::Token, token))
        });
        replace_all(&UUID, &tokens, |uuid| {
            // One that is a stand-in already came out of a token.
            if uuid.starts_with("00000000-0000-4000-8000-") {
                uuid.to_owned()
            } else {
                self.stand_in(Kind::Uuid, uuid)
            }
        })
    }
}

/// How a secret may stand in a fixture's text: as it is, in a form, in JSON, in JSON within JSON.
fn written_forms(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = escaped(secret);
    // A short one, such as the password `admin`, is part of innocent words.
    if secret.len() < 8 {
        let fields = ["secret", "password", "value", "client_secret"];
        let field = |name: &&str| format!("\\\"{name}\\\":\\\"{}\\\"", escaped(&json));
        return fields
            .iter()
            .map(field)
            .chain([format!("password={form}"), format!("secret={form}")])
            .collect();
    }
    vec![secret.to_owned(), form, escaped(&json), json]
}

fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn replace_all(pattern: &Regex, text: &str, mut with: impl FnMut(&str) -> String) -> String {
    pattern.replace_all(text, |found: &regex::Captures<'_>| with(&found[0])).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zk3q8sYt1LmP0aBv";

    fn normalizer() -> Result<Normalizer> {
        let server = Server::new("http://127.0.0.1:8080/auth", "admin", "admin".into())?;
        Ok(Normalizer::new("kxi-test-0123456789abcdef", "127.0.0.1:4711", &server))
    }

    fn raw(path: &str, kind: &str, request: &str, answer: &str) -> Result<Raw> {
        let headers: HeaderMap = [(reqwest::header::CONTENT_TYPE, kind.parse()?)].into_iter().collect();
        Ok(Raw {
            together: None,
            request: RawRequest {
                method: "POST".to_owned(),
                path: path.to_owned(),
                query: None,
                headers,
                body: request.as_bytes().to_vec(),
            },
            status: 200,
            headers: [(reqwest::header::CONTENT_TYPE, "application/json".parse()?)].into_iter().collect(),
            body: answer.as_bytes().to_vec(),
        })
    }

    #[test]
    fn one_value_has_one_stand_in_wherever_it_stands() -> Result<()> {
        let mut normalizer = normalizer()?;
        let id = "9b2c1b84-2f0f-4a36-8f0e-1a53c7a1c1de";
        let exchange = normalizer.exchange(&raw(
            &format!("/auth/admin/realms/kxi-test-0123456789abcdef/clients/{id}"),
            "application/json",
            &format!(r#"{{"id":"{id}","secret":"{SECRET}"}}"#),
            &format!(r#"{{"url":"http://127.0.0.1:4711/{id}","type":"secret","value":"{SECRET}"}}"#),
        )?)?;
        let stand_in = Kind::Uuid.stand_in(1);
        assert_eq!(exchange.request.path, format!("/auth/admin/realms/insights/clients/{stand_in}"));
        let text = |body: &Option<Body>| body.as_ref().and_then(Body::text).unwrap_or("").to_owned();
        assert_eq!(
            text(&exchange.request.body),
            format!(r#"{{"id":"{stand_in}","secret":"stand-in-secret-1"}}"#)
        );
        assert_eq!(
            text(&exchange.response.body),
            format!(
                r#"{{"url":"http://server.stand-in/{stand_in}","type":"secret","value":"stand-in-secret-1"}}"#
            )
        );
        Ok(())
    }

    #[test]
    fn a_token_stays_readable_and_its_times_and_signature_do_not() -> Result<()> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

        let part = |json: &str| BASE64.encode(json);
        let claims =
            r#"{"typ":"Bearer","iat":1795442411,"exp":1795442470,"realm_access":{"roles":["b","a"]}}"#;
        let token = format!("{}.{}.{SECRET}", part(r#"{"alg":"RS256","kid":"live"}"#), part(claims));
        let mut normalizer = normalizer()?;
        let shown = normalizer.text(&token);
        let parts: Vec<_> = shown.split('.').collect();
        assert_eq!(parts[2], "stand-in-token-1");
        assert_eq!(
            String::from_utf8(BASE64.decode(parts[1])?)?,
            r#"{"exp":1700000060,"iat":1700000000,"realm_access":{"roles":["a","b"]},"typ":"Bearer"}"#
        );
        assert_eq!(normalizer.authorization(&format!("Bearer {token}")), "Bearer stand-in-token-1");
        assert!(normalizer.check(&format!("…{SECRET}…")).is_err(), "the signature is a secret");
        assert!(normalizer.check(&shown).is_ok());
        Ok(())
    }

    #[test]
    fn a_secret_that_no_rule_knows_is_not_written() -> Result<()> {
        let mut normalizer = normalizer()?;
        let secret = format!("{SECRET} \"&");
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("password", &secret).finish();
        let kind = "application/x-www-form-urlencoded";
        let answer = serde_json::json!({"unknown field": secret}).to_string();
        let exchange = normalizer.exchange(&raw("/token", kind, &form, &answer)?)?;
        let text = serde_json::to_string(&exchange)?;
        assert!(text.contains("password=stand-in-password-1"), "{text}");
        assert!(normalizer.check(&text).is_err(), "{text}");
        assert!(normalizer.check("password=admin").is_err());
        assert!(normalizer.check("/admin/realms http://127.0.0.1:4711").is_err());
        assert!(normalizer.check("/admin/realms").is_ok());
        Ok(())
    }
}
