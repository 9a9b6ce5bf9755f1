//! A checker that finds nothing would prove nothing: each wrong state has to be found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::*;
use crate::seeded::facts::{Earlier, Ended, Place};
use crate::seeded::kind::{CarriedOut, Kind, RetryAfter};
use crate::seeded::lane::Kept;
use crate::seeded::scenario::{self, Scenario};
use crate::seeded::sent::Sent;
use crate::seeded::stored::{State, Stored, with_default};
use crate::seeded::wanted::{Before, File, Roles, Secret, There, Wanted, attribute};

mod apply;
mod one;

const SECRET_A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SECRET_B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const SECRET_C: &str = "cccccccccccccccccccccccccccccccc";

/// All that is known of a run, in which all went well; a test changes one thing of it.
struct Case {
    scenario: Scenario,
    before: State,
    after: State,
    ended: Ended,
    files: BTreeMap<String, Kept>,
    signs_in: BTreeSet<String>,
    requests: Vec<Sent>,
}

/// A change that makes a good run a bad one, and what its violation has in it.
type Wrong = (fn(&mut Case), &'static str);

impl Case {
    /// A run of these words, with nothing before and after it.
    fn new(words: &[&str]) -> Self {
        let (mut scenario, _) = scenario::draw(1);
        scenario.words = words.iter().copied().map(str::to_owned).collect();
        scenario.inputs.clear();
        scenario.before.clear();
        scenario.wanted.clear();
        scenario.shows_secret = false;
        Self {
            scenario,
            before: State::new(),
            after: State::new(),
            ended: Ended { code: Some(0), stdout: "{}".to_owned(), stderr: String::new() },
            files: BTreeMap::new(),
            signs_in: BTreeSet::new(),
            requests: vec![Sent::of_test("PUT", Some(lasting()))],
        }
    }

    /// A client that is there before and after the run.
    fn there(&mut self, id: &str, wanted: Wanted) {
        let client = stored(SECRET_A);
        let Stored { fields, secret, .. } = client.clone();
        self.scenario.before.push(Before { id: id.to_owned(), fields, roles: Roles::new(), secret });
        self.before.insert(id.to_owned(), vec![client.clone()]);
        self.after.insert(id.to_owned(), vec![client]);
        self.signs_in.insert(id.to_owned());
        self.scenario.wanted.insert(id.to_owned(), wanted);
    }

    fn file(&mut self, name: &str, content: &str) {
        self.files.insert(name.to_owned(), Kept { content: content.to_owned(), mode: 0o600 });
    }

    /// A file that was there before the run too.
    fn input(&mut self, name: &str, content: &str) {
        self.scenario.inputs.insert(name.to_owned(), content.to_owned());
        self.file(name, content);
    }

    fn client(&mut self, id: &str) -> &mut Stored {
        &mut self.after.get_mut(id).unwrap()[0]
    }

    /// The client gets a new secret.
    fn rotate(&mut self, id: &str, secret: &str) {
        let client = self.client(id);
        (client.secret, client.set_at) = (secret.to_owned(), Some("1700000000".to_owned()));
    }

    fn assign(&mut self, id: &str, role: &str) {
        self.client(id).roles.get_or_insert_default().insert(role.to_owned());
    }

    fn shows(&mut self, output: &Value) {
        self.ended.stdout = output.to_string();
    }

    fn fails(&mut self, code: i32, kind: &str, message: &str) {
        self.ended.code = Some(code);
        self.ended.stderr = json!({"error": {"kind": kind, "message": message}}).to_string();
    }

    fn verdict(&self, verdict: impl FnOnce(&Facts) -> Vec<String>) -> Vec<String> {
        verdict(&Facts {
            scenario: &self.scenario,
            plain: &Map::new(),
            before: &self.before,
            earlier: Earlier { state: &self.before, until: 1_650_000_000 },
            after: &self.after,
            ended: &self.ended,
            files: &self.files,
            signs_in: &self.signs_in,
            requests: &self.requests,
            judges_retries: true,
            place: &Place { host: "http://host".to_owned(), realm: "insights".to_owned() },
            password: "the password of the admin",
        })
    }

    fn violations(&self) -> Vec<String> {
        self.verdict(after_faults)
    }
}

/// A fault that the retries do not cover.
fn lasting() -> Kind {
    Kind::Page(503, RetryAfter::Late, CarriedOut::Yes)
}

fn stored(secret: &str) -> Stored {
    Stored {
        uuid: "5".to_owned(),
        fields: Map::new(),
        secret: secret.to_owned(),
        set_at: Some("1600000000".to_owned()),
        roles: Some(with_default(&Roles::new())),
    }
}

/// A client that is to have this secret, in this file.
fn there(secret: Secret, file: Option<&str>) -> Wanted {
    let file = file.map(|name| File { name: name.to_owned(), format: "raw" });
    Wanted::There(There { change: Map::new(), roles: Roles::new(), secret, file })
}

/// The unchanged case is good, and each change makes it a bad one.
fn found(make: fn() -> Case, changes: &[Wrong]) {
    assert_eq!(make().violations(), [""; 0]);
    for (change, expected) in changes {
        let mut case = make();
        change(&mut case);
        let violations = case.violations();
        assert!(
            violations.iter().any(|violation| violation.contains(expected)),
            "{expected}: {violations:?}"
        );
    }
}
