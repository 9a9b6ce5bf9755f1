//! A checker that finds nothing would prove nothing: each wrong state has to be found.

use super::*;
use crate::seeded::facts::Ended;
use crate::seeded::mischief::Kind;
use crate::seeded::scenario::{self, Scenario};
use crate::seeded::stored::State;
use crate::seeded::wanted::Roles;

/// A registration of a new client, as all went well; a test changes one thing of it.
struct Desk {
    scenario: Scenario,
    before: State,
    after: State,
    ended: Ended,
    files: std::collections::BTreeMap<String, String>,
    signs_in: BTreeSet<String>,
    fired: Vec<Kind>,
}

const SECRET_A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SECRET_B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn stored(secret: &str) -> Stored {
    Stored { fields: serde_json::Map::new(), secret: secret.to_owned(), roles: Roles::new() }
}

fn failed(kind: &str, message: &str) -> Ended {
    let error = serde_json::json!({"error": {"kind": kind, "message": message}});
    Ended { code: Some(7), stdout: String::new(), stderr: error.to_string() }
}

impl Desk {
    /// A client whose secret is to be rotated and delivered.
    fn new() -> Self {
        let (mut scenario, _) = scenario::draw(0);
        scenario.words = ["client", "rotate-secret", "svc"].map(str::to_owned).to_vec();
        scenario.inputs = [("1.out".to_owned(), SECRET_A.to_owned())].into();
        scenario.shows_secret = false;
        let before = crate::seeded::wanted::Before {
            id: "svc".to_owned(),
            fields: serde_json::Map::new(),
            roles: Roles::new(),
            secret: SECRET_A.to_owned(),
        };
        scenario.before = vec![before];
        let file = crate::seeded::wanted::File { name: "1.out".to_owned(), format: "raw" };
        let (change, roles) = (serde_json::Map::new(), Roles::new());
        let there = There { change, roles, secret: Secret::New, file: Some(file) };
        scenario.wanted = [("svc".to_owned(), Wanted::There(there))].into();
        Self {
            scenario,
            before: [("svc".to_owned(), vec![stored(SECRET_A)])].into(),
            after: [("svc".to_owned(), vec![stored(SECRET_B)])].into(),
            ended: Ended { code: Some(0), stdout: "{}".to_owned(), stderr: String::new() },
            files: [("1.out".to_owned(), SECRET_B.to_owned())].into(),
            signs_in: ["svc".to_owned()].into(),
            fired: vec![Kind::Lost],
        }
    }

    /// The same, failed before it changed anything.
    fn failed() -> Self {
        let mut desk = Self::new();
        desk.after = desk.before.clone();
        desk.files = desk.scenario.inputs.clone();
        desk.ended = failed("unreachable", "GET /x: cannot reach the server");
        desk
    }

    /// The same, in doubt whether the secret is live.
    fn in_doubt() -> Self {
        let mut desk = Self::failed();
        desk.after = [("svc".to_owned(), vec![stored(SECRET_B)])].into();
        desk.files.insert(".1.out.kxi-auth-staged-abcdef".to_owned(), SECRET_B.to_owned());
        let said = "client `svc` may have the new secret: PUT /x (.1.out.kxi-auth-staged-abcdef)";
        desk.ended = failed("incomplete", said);
        desk
    }

    fn violations(&self) -> Vec<String> {
        after_faults(&Facts {
            scenario: &self.scenario,
            plain: &serde_json::Map::new(),
            before: &self.before,
            after: &self.after,
            ended: &self.ended,
            files: &self.files,
            signs_in: &self.signs_in,
            fired: &self.fired,
            password: "the password of the admin",
        })
    }
}

/// A change that makes a good run a bad one, and what its violation has in it.
type Wrong = (fn(&mut Desk), &'static str);

fn found(make: fn() -> Desk, changes: &[Wrong]) {
    assert_eq!(make().violations(), [""; 0]);
    for (change, expected) in changes {
        let mut desk = make();
        change(&mut desk);
        let violations = desk.violations();
        assert!(
            violations.iter().any(|violation| violation.contains(expected)),
            "{expected}: {violations:?}"
        );
    }
}

fn client(desk: &mut Desk) -> &mut Stored {
    &mut desk.after.get_mut("svc").unwrap()[0]
}

#[test]
fn a_success_with_another_state_is_found() {
    found(
        Desk::new,
        &[
            (|desk| desk.after = desk.before.clone(), "does not have the secret that it is to have"),
            (|desk| client(desk).secret = "c".repeat(32), "1.out does not hold the secret"),
            (|desk| drop(desk.files.remove("1.out")), "was not delivered"),
            (|desk| desk.signs_in.clear(), "cannot sign in"),
            (|desk| client(desk).roles.extend(["writer".to_owned()]), "has the roles"),
            (|desk| drop(client(desk).fields.insert("enabled".to_owned(), false.into())), "stored otherwise"),
            (|desk| desk.after.clear(), "is not there"),
            (|desk| desk.after.get_mut("svc").unwrap().push(stored(SECRET_B)), "there are 2 clients"),
            (|desk| drop(desk.after.insert("svc-2".to_owned(), vec![stored("x")])), "was not asked for"),
            (
                |desk| drop(desk.files.insert(".1.out.kxi-auth-new-abcdef".to_owned(), String::new())),
                "is left",
            ),
            (|desk| desk.ended.stderr = format!("warning: {SECRET_B}"), "on standard error"),
            (|desk| desk.ended.stdout = SECRET_A.to_owned(), "on standard output"),
            (|desk| desk.ended.stdout = "the password of the admin".to_owned(), "the admin's password"),
            (|desk| desk.ended.code = Some(101), "panicked"),
            (|desk| desk.ended.code = None, "did not end in time"),
        ],
    );
}

#[test]
fn an_untrue_failure_is_found() {
    found(
        Desk::failed,
        &[
            (|desk| desk.ended = failed("not_found", "client `svc` does not exist"), "of the kind not_found"),
            (|desk| desk.ended = failed("unreachable", "client `svc` does not exist"), "does not exist"),
            (|desk| desk.ended.code = Some(1), "does not fit the kind"),
            (|desk| desk.ended.code = Some(5), "does not fit the kind"),
            (|desk| desk.ended = failed("unauthorized", "401"), "not to be accepted"),
            (|desk| desk.ended.stderr.clear(), "without an error"),
            (|desk| desk.fired.clear(), "nothing befell it"),
            (|desk| client(desk).secret = SECRET_B.to_owned(), "no output holds it"),
            (|desk| client(desk).secret = SECRET_B.to_owned(), "does not say so"),
            (|desk| desk.after.clear(), "is gone"),
            (
                |desk| drop(desk.files.insert("1.out".to_owned(), SECRET_B.to_owned())),
                "was written, and does not hold",
            ),
            (|desk| client(desk).roles.extend(["writer".to_owned()]), "between"),
        ],
    );
}

#[test]
fn a_doubt_that_is_none_or_is_not_said_is_found() {
    found(
        Desk::in_doubt,
        &[
            (|desk| desk.files = desk.scenario.inputs.clone(), "no output holds it"),
            (
                |desk| desk.ended = failed("incomplete", "client `svc` may have the new secret: PUT /x"),
                "not named",
            ),
            (
                |desk| desk.ended.stderr = desk.ended.stderr.replace("may have", "does not have"),
                "is said to be so",
            ),
        ],
    );
}

#[test]
fn a_run_that_does_not_complete_it_is_found() {
    let desk = Desk::failed();
    let violations = after_completion(
        &Facts {
            scenario: &desk.scenario,
            plain: &serde_json::Map::new(),
            before: &desk.before,
            after: &desk.after,
            ended: &desk.ended,
            files: &desk.files,
            signs_in: &desk.signs_in,
            fired: &[],
            password: "the password of the admin",
        },
        false,
    );
    assert!(violations.iter().any(|violation| violation.contains("does not complete it")), "{violations:?}");
}
