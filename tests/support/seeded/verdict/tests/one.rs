//! Commands for one client.

use super::*;
use crate::seeded::wanted::ROLES;

const STAGED: &str = ".1.out.kxi-auth-staged-abcdef";

/// A client whose secret is rotated and delivered, beside one that has nothing to do with it.
fn rotated() -> Case {
    let mut case = Case::new(&["client", "rotate-secret", "svc"]);
    case.input("1.out", SECRET_A);
    case.there("svc", there(Secret::New, Some("1.out")));
    case.there("other", Wanted::Untouched);
    case.rotate("svc", SECRET_B);
    case.file("1.out", SECRET_B);
    case.shows(&json!({
        "id": "svc", "uuid": "5", "realm": "insights", "host": "http://host", "secret": "********",
        "secret_file": "1.out", "rotated": true
    }));
    case
}

/// The same, failed before it changed anything.
fn failed() -> Case {
    let mut case = rotated();
    case.after = case.before.clone();
    case.file("1.out", SECRET_A);
    case.ended.stdout.clear();
    case.fails(7, "server_failed", "PUT /x: the server responded with 503: busy");
    case
}

/// The same, in doubt whether the secret is live.
fn in_doubt() -> Case {
    let mut case = failed();
    case.rotate("svc", SECRET_B);
    case.file(STAGED, SECRET_B);
    doubt(&mut case, "may have the new secret", STAGED);
    case
}

fn doubt(case: &mut Case, said: &str, file: &str) {
    let message = format!("client `svc` {said}: PUT /x: the server responded with 503: busy");
    let details = format!("the secret that it may have is in {file}");
    let error = json!({"error": {"kind": "incomplete", "message": message, "details": [details]}});
    (case.ended.code, case.ended.stderr) = (Some(7), error.to_string());
}

#[test]
fn a_success_with_another_state_is_found() {
    found(
        rotated,
        &[
            (|case| case.after = case.before.clone(), "does not have the secret that it is to have"),
            (|case| case.rotate("svc", SECRET_C), "1.out does not hold the secret"),
            (|case| drop(case.files.remove("1.out")), "was not delivered"),
            (|case| case.signs_in.clear(), "cannot sign in"),
            (|case| case.assign("svc", "writer"), "has the roles"),
            (|case| case.assign("svc", "account: manage-account"), "has the roles"),
            (|case| case.client("svc").roles = Some(Roles::new()), "has the roles"),
            (|case| case.client("svc").roles = None, "has no service account"),
            (|case| attribute(&mut case.client("svc").fields, "a", "b"), "stored otherwise"),
            (|case| drop(case.after.remove("svc")), "is not there"),
            (|case| case.after.get_mut("svc").unwrap().push(stored(SECRET_B)), "there are 2 clients"),
            (|case| drop(case.after.insert("svc-2".to_owned(), vec![stored("x")])), "was not asked for"),
            (|case| case.ended.code = Some(101), "panicked"),
            (|case| case.ended.code = None, "did not end in time"),
        ],
    );
}

#[test]
fn what_no_run_may_do_is_found_after_a_success_and_after_a_failure() {
    let changes: [Wrong; 8] = [
        (|case| case.client("svc").uuid = "6".to_owned(), "deleted and created again"),
        (|case| case.client("other").uuid = "6".to_owned(), "nothing to do with"),
        (|case| drop(case.after.remove("other")), "nothing to do with"),
        (|case| case.assign("other", "writer"), "nothing to do with"),
        (|case| case.client("other").set_at = Some("0".to_owned()), "does not fit it"),
        (|case| case.files.get_mut("1.out").unwrap().mode = 0o640, "has the permissions 640"),
        (|case| case.file(".1.out.kxi-auth-new-abcdef", ""), "is left"),
        (
            |case| case.scenario.inputs.insert("2.given".to_owned(), String::new()).map_or((), drop),
            "only to read",
        ),
    ];
    found(rotated, &changes);
    found(failed, &changes);
    found(in_doubt, &[(|case| case.client("svc").set_at = Some("1600000000".to_owned()), "does not fit")]);
}

#[test]
fn a_secret_where_it_must_not_be_is_found() {
    found(
        rotated,
        &[
            (|case| case.ended.stderr = format!("warning: {SECRET_B}"), "on standard error"),
            (|case| case.ended.stdout = SECRET_A.to_owned(), "on standard output"),
            (|case| case.ended.stdout = "the password of the admin".to_owned(), "the admin's password"),
        ],
    );
    found(in_doubt, &[(|case| case.ended.stderr.push_str(SECRET_B), "on standard error")]);
}

#[test]
fn a_success_that_shows_something_else_is_found() {
    let shown = || {
        let mut case = rotated();
        case.scenario.shows_secret = true;
        case.ended.stdout = case.ended.stdout.replace("********", SECRET_B);
        case
    };
    found(
        shown,
        &[
            (|case| case.ended.stdout = "{}".to_owned(), "wrong about `uuid`"),
            (|case| case.ended.stdout = case.ended.stdout.replace("http://host", "http://h"), "about `host`"),
            (|case| case.ended.stdout = case.ended.stdout.replace(SECRET_B, SECRET_C), "about `secret`"),
            (|case| case.ended.stdout = case.ended.stdout.replace("1.out", "2.out"), "about `secret_file`"),
            (|case| case.ended.stdout = case.ended.stdout.replace("true", "false"), "about `rotated`"),
        ],
    );
}

#[test]
fn another_client_roles_or_party_in_a_token_is_found() {
    let token = || {
        let mut case = Case::new(&["client", "token", "svc"]);
        case.there("svc", there(Secret::Kept, None));
        let claims = json!({"azp": "svc"});
        let roles = ["offline_access"];
        case.shows(&json!({"client_id": "svc", "realm": "insights", "roles": roles, "claims": claims}));
        case
    };
    found(
        token,
        &[
            (|case| case.ended.stdout.clear(), "wrong about the client"),
            (|case| case.ended.stdout = case.ended.stdout.replace("azp", "sub"), "party of the token"),
            (
                |case| case.ended.stdout = case.ended.stdout.replace("offline_access", ROLES[0]),
                "the roles are",
            ),
        ],
    );
}

#[test]
fn a_stored_client_that_is_shown_otherwise_is_found() {
    let get = || {
        let mut case = Case::new(&["client", "get", "svc"]);
        case.there("svc", there(Secret::Kept, None));
        for state in [&mut case.before, &mut case.after] {
            let fields = &mut state.get_mut("svc").unwrap()[0].fields;
            attribute(fields, "access.token.lifespan", "600");
            fields.insert("description".to_owned(), json!("writes"));
        }
        case.shows(&json!({
            "id": "svc", "uuid": "5", "realm": "insights", "host": "http://host", "secret": "********",
            "enabled": true, "service_account": true, "description": "writes", "token_lifespan": 600,
            "owner": null, "roles": ["default-roles-insights"]
        }));
        case
    };
    found(
        get,
        &[
            (|case| case.ended.stdout = case.ended.stdout.replace("writes", "reads"), "`description`"),
            (|case| case.ended.stdout = case.ended.stdout.replace("600", "60"), "`token_lifespan`"),
            (|case| case.ended.stdout = case.ended.stdout.replace("-roles-insights", ""), "the roles are"),
        ],
    );
}

#[test]
fn an_untrue_failure_is_found() {
    let says = |kind: &str, message: &str| (kind.to_owned(), message.to_owned());
    for (code, (kind, message), expected) in [
        (7, says("not_found", "client `svc` does not exist"), "kind not_found"),
        (7, says("server_failed", "client `svc` does not exist"), "does not exist"),
        (7, says("server_failed", "permission denied"), "permission denied"),
        (7, says("server_failed", "unknown role"), "unknown role"),
        (7, says("server_failed", "conflict over it"), "conflict over"),
        (7, says("server_failed", "cannot sign in as it"), "cannot sign in as"),
        (7, says("server_failed", "it is not a service account"), "not a service account"),
        (7, says("server_failed", "it is stored with a fault"), "stored with a fault"),
        (7, says("timeout", "no response within 1 s"), "kind timeout"),
        (7, says("not_started", "not started"), "kind not_started"),
        (3, says("unauthorized", "401"), "kind unauthorized"),
        (1, says("server_failed", "busy"), "does not fit the error"),
        (5, says("server_failed", "busy"), "does not fit the error"),
    ] {
        let mut case = failed();
        case.fails(code, &kind, &message);
        let violations = case.violations();
        assert!(
            violations.iter().any(|violation| violation.contains(expected)),
            "{expected}: {violations:?}"
        );
    }
    found(
        failed,
        &[
            (|case| case.ended.stderr.clear(), "without an error"),
            (|case| case.requests.clear(), "the retries cover"),
            (|case| case.requests = vec![Sent::of_test("PUT", Some(Kind::Lost)); 3], "the retries cover"),
            (|case| case.rotate("svc", SECRET_B), "no output holds it"),
            (|case| case.rotate("svc", SECRET_B), "does not say so"),
            (|case| case.rotate("svc", SECRET_A), "does not fit it"),
            (|case| drop(case.after.remove("svc")), "is gone"),
            (|case| case.file("1.out", SECRET_B), "was written, and does not hold"),
            (|case| drop(case.files.remove("1.out")), "is gone, and does not hold"),
            (|case| case.assign("svc", "writer"), "between"),
            (|case| case.client("svc").roles = Some(Roles::new()), "between"),
            (|case| case.client("svc").roles = None, "has no service account"),
            (|case| attribute(&mut case.client("svc").fields, "a", "b"), "never asked for"),
        ],
    );
}

#[test]
fn a_doubt_that_is_none_or_is_not_said_is_found() {
    found(
        in_doubt,
        &[
            (|case| drop(case.files.remove(STAGED)), "no output holds it"),
            (|case| doubt(case, "may have the new secret", "nowhere"), "not named"),
            (|case| doubt(case, "may have the new secret", "nowhere"), "no output holds it"),
            (|case| doubt(case, "does not have the new secret", STAGED), "is said to be so"),
            (|case| doubt(case, "was changed", STAGED), "is said to be so"),
            (
                |case| case.requests = vec![Sent::of_test("PUT", Some(Kind::OwnError(503))); 4],
                "is said to be so, and is not: may have the new secret",
            ),
            (|case| doubt(case, "may have been changed", STAGED), "does not say so: its secret"),
            (|case| doubt(case, "was not created", STAGED), "is said to be so"),
            (|case| doubt(case, "has it perhaps", STAGED), "without a known meaning"),
            (|case| case.assign("svc", "writer"), "it has more roles"),
            (|case| case.client("svc").roles = Some(Roles::new()), "it has fewer roles"),
            (|case| case.ended.code = Some(1), "does not fit the error"),
            (|case| case.requests = vec![Sent::of_test("PUT", Some(Kind::SessionEnd)); 2], "such a cause"),
            (|case| case.rotate("svc", SECRET_C), "no output holds it"),
        ],
    );
}

#[test]
fn a_given_or_kept_secret_that_is_another_is_found() {
    for secret in [Secret::Given(SECRET_B.to_owned()), Secret::Kept] {
        let mut case = Case::new(&["client", "update", "svc"]);
        case.there("svc", there(secret.clone(), None));
        if secret != Secret::Kept {
            case.rotate("svc", SECRET_B);
        }
        assert_eq!(case.verdict(unlike_wanted), [""; 0]);
        case.rotate("svc", SECRET_C);
        let violations = case.verdict(unlike_wanted);
        assert!(violations[0].contains("does not have the secret"), "{violations:?}");
        assert!(case.verdict(not_between)[0].contains("a secret that was never asked for"));
    }
}

#[test]
fn a_run_that_does_not_complete_it_is_found() {
    let says = |case: &Case, was_gone| case.verdict(|facts| after_completion(facts, was_gone));
    assert_eq!(says(&rotated(), false), [""; 0]);
    let violations = says(&failed(), false);
    for expected in ["does not complete it", "does not have the secret"] {
        assert!(violations.iter().any(|violation| violation.contains(expected)), "{violations:?}");
    }
    assert!(says(&in_doubt(), false).iter().any(|violation| violation.contains("is left")));

    let mut deletion = Case::new(&["client", "delete", "svc"]);
    deletion.there("svc", Wanted::Gone);
    deletion.after.clear();
    assert_eq!(says(&deletion, false), [""; 0]);
    assert!(says(&deletion, true)[0].contains("does not complete it"));
    deletion.ended.code = Some(5);
    assert_eq!(says(&deletion, true), [""; 0]);
    deletion.after = deletion.before.clone();
    assert!(says(&deletion, true)[0].contains("is still there"));
}

#[test]
fn after_a_kill_a_secret_that_no_file_holds_is_found() {
    let mut case = in_doubt();
    (case.ended.code, case.ended.stderr) = (None, String::new());
    assert_eq!(case.verdict(after_kill), [""; 0]);
    case.files.remove(STAGED);
    assert!(case.verdict(after_kill)[0].contains("no output holds it"));
    case.file(".2.out.kxi-auth-staged-abcdef", SECRET_B);
    assert!(case.verdict(after_kill)[0].contains("no output holds it"), "in the file of another client");
}
