//! An `apply` of a new client, a changed one, one that is as declared, and one that is no longer declared.

use super::*;

/// As all went well.
fn applied() -> Case {
    let mut case = Case::new(&["apply", "-f", "clients.yaml", "--prune", "--concurrency", "1"]);
    for (id, wanted) in [
        ("changed", there(Secret::New, Some("2.out"))),
        ("same", there(Secret::Kept, None)),
        ("old", Wanted::Gone),
        ("other", Wanted::Untouched),
    ] {
        case.there(id, wanted);
    }
    case.scenario.wanted.insert("new".to_owned(), there(Secret::New, Some("1.out")));
    case.after.insert("new".to_owned(), vec![stored(SECRET_C)]);
    case.signs_in.insert("new".to_owned());
    case.file("1.out", SECRET_C);
    case.rotate("changed", SECRET_B);
    case.file("2.out", SECRET_B);
    case.after.remove("old");
    reports(
        &mut case,
        &[
            done("new", "create", true),
            done("changed", "update", true),
            done("same", "unchanged", false),
            done("old", "delete", false),
        ],
    );
    case
}

/// The same, of which the new client failed, and the old one was not deleted because of it.
fn failed() -> Case {
    let mut case = applied();
    case.after.remove("new");
    case.files.remove("1.out");
    case.after.insert("old".to_owned(), case.before["old"].clone());
    let new = not_done("new", "create", "server_failed", "POST /x: the server responded with 503: busy");
    let old = not_done("old", "delete", "skipped", "not deleted, because an earlier step failed");
    reports(&mut case, &[new, done("changed", "update", true), done("same", "unchanged", false), old]);
    case.fails(7, "incomplete", "2 of 4 clients do not match the declaration");
    case
}

fn done(id: &str, action: &str, has_file: bool) -> Value {
    let file = if has_file { json!("x.out") } else { Value::Null };
    json!({"id": id, "action": action, "ok": true, "roles_added": [], "roles_revoked": [], "secret_file": file})
}

fn not_done(id: &str, action: &str, kind: &str, message: &str) -> Value {
    json!({"id": id, "action": action, "ok": false, "error": {"kind": kind, "message": message}})
}

fn reports(case: &mut Case, outcomes: &[Value]) {
    case.shows(&json!(outcomes));
}

/// As it is if a run failed before its first write.
fn without_report(case: &mut Case) {
    edit(case, Vec::clear);
    case.fails(7, "server_failed", "GET /x: the server responded with 503: busy");
}

/// Changes what the run reports.
fn edit(case: &mut Case, change: impl FnOnce(&mut Vec<Value>)) {
    let mut outcomes = case.ended.outcomes();
    change(&mut outcomes);
    reports(case, &outcomes);
}

#[test]
fn a_wrong_report_of_a_success_is_found() {
    found(
        applied,
        &[
            (|case| edit(case, |outcomes| drop(outcomes.remove(2))), "`same` is not in the report"),
            (|case| edit(case, |outcomes| outcomes.push(done("new", "create", true))), "2 times"),
            (
                |case| edit(case, |outcomes| outcomes.push(done("z", "create", true))),
                "not in the declaration",
            ),
            (|case| edit(case, |outcomes| outcomes.push(done("other", "unchanged", false))), "1 times"),
            (|case| edit(case, |outcomes| outcomes[0] = done("new", "update", true)), "reported as update"),
            (|case| edit(case, |outcomes| outcomes[1] = done("changed", "unchanged", true)), "as unchanged"),
            (|case| edit(case, |outcomes| outcomes[2] = done("same", "update", false)), "as update"),
            (|case| edit(case, |outcomes| outcomes[2] = done("same", "deliver", false)), "as deliver"),
            (|case| edit(case, |outcomes| outcomes[1] = done("changed", "update", false)), "its secret file"),
            (
                |case| edit(case, |outcomes| outcomes[0]["roles_added"] = json!(["writer"])),
                "the roles are said",
            ),
            (
                |case| edit(case, |outcomes| outcomes[2]["roles_revoked"] = json!(["writer"])),
                "the roles are said",
            ),
            (|case| drop(case.after.insert("old".to_owned(), case.before["old"].clone())), "is still there"),
            (|case| drop(case.after.remove("same")), "is not there"),
        ],
    );
}

#[test]
fn a_wrong_report_of_a_failure_is_found() {
    found(
        failed,
        &[
            (|case| edit(case, |outcomes| drop(outcomes.remove(1))), "`changed` is not in the report"),
            (|case| edit(case, |outcomes| drop(outcomes.remove(1))), "`changed` was changed, and"),
            (
                |case| edit(case, |outcomes| outcomes[0] = done("new", "create", false)),
                "said to be done, but",
            ),
            (|case| drop(case.after.remove("old")), "`old` was changed"),
            (|case| drop(case.after.insert("new".to_owned(), vec![stored(SECRET_C)])), "`new` was changed"),
            (|case| drop(case.after.insert("new".to_owned(), vec![stored(SECRET_C)])), "no output holds it"),
            (|case| case.ended.code = Some(1), "its outcomes make it Some(7)"),
            (|case| case.requests.clear(), "the retries cover"),
            (|case| case.fails(7, "incomplete", "client `new` does not exist"), "does not exist"),
            (|case| edit(case, |outcomes| outcomes[0]["error"]["kind"] = json!("timeout")), "kind timeout"),
            (without_report, "`changed` was changed, and the run does not say so"),
        ],
    );
}

#[test]
fn a_client_in_doubt_is_only_one_that_may_be_there() {
    let in_doubt = || {
        let mut case = failed();
        case.requests.push(Sent::of_test("POST", Some(lasting())));
        case.after.insert("new".to_owned(), vec![stored(SECRET_C)]);
        case.file(".1.out.kxi-auth-staged-abcdef", SECRET_C);
        edit(&mut case, |outcomes| {
            let message = "client `new` may have been created: POST /x: the server responded with 503: busy";
            outcomes[0] = not_done("new", "create", "incomplete", message);
            outcomes[0]["error"]["details"] = json!([".1.out.kxi-auth-staged-abcdef"]);
        });
        case
    };
    found(
        in_doubt,
        &[
            (|case| edit(case, |outcomes| outcomes[0]["error"]["details"] = json!([])), "no output holds it"),
            (
                |case| edit(case, |outcomes| outcomes[2]["error"] = outcomes[0]["error"].take()),
                "no output holds it",
            ),
            (
                |case| case.ended.stdout = case.ended.stdout.replace("may have been", "was not"),
                "is said to be so, and is not: was not created",
            ),
            (
                |case| case.ended.stdout = case.ended.stdout.replace("been created", "been changed"),
                "does not say so: it was created",
            ),
        ],
    );
}
