//! `plan`, `apply` and `schema` without a server: what is wrong with a declaration is said before anything
//! is sent. An exit code of 7 would mean that something was.

use std::io::Write as _;
use std::process::{Command, Stdio};

use kxi_auth_tests::programs::command::{binary, kxi_auth, shown};

use crate::NOWHERE;

/// Runs it in a folder that holds these files, with this on standard input.
fn run(files: &[(&str, &[u8])], words: &[&str], input: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "pw").unwrap();
    command.current_dir(folder.path()).args(words).env("EMPTY", "").env("INSIGHTS_RETRIES", "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it closes it.
    let _ = child.stdin.take().unwrap().write_all(input);
    let shown = shown(&child.wait_with_output().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), files.len(), "nothing is left behind");
    shown
}

fn plan(text: &str) -> String {
    run(&[("clients.yaml", text.as_bytes())], &["plan", "-f", "clients.yaml"], b"")
}

#[test]
fn every_fault_has_its_line_and_column() {
    let text = "\
owner: feeds
clients:
- id: a
  rolse: all
  token_lifespan: soon
  secret: planted-in-the-wrong-place
- id: A
  roles: [x, x]
  secret_out: {file: out, format: xml, namespace: n}
- id: c
  config: {secret: planted-as-well, clientId: d}
  exact_roles: 'true'
- roles: everything
";
    insta::assert_snapshot!("faults", plan(text));
    insta::assert_snapshot!("faults_json", {
        run(&[("clients.yaml", text.as_bytes())], &["apply", "-f", "clients.yaml", "-o", "json"], b"")
    });
    insta::assert_snapshot!("no_yaml", plan("owner: feeds\nclients: [\n"));
}

#[test]
fn files_that_cannot_be_used() {
    insta::assert_snapshot!("empty_file", plan(""));
    insta::assert_snapshot!("no_clients", plan("owner: feeds\n"));
    insta::assert_snapshot!("no_file", run(&[], &["plan", "-f", "clients.yaml"], b""));
    let odd: &[u8] = b"owner: feeds\nclients:\n- id: \"a\xff\"\n";
    insta::assert_snapshot!("no_utf8", run(&[("clients.yaml", odd)], &["plan", "-f", "clients.yaml"], b""));
    insta::assert_snapshot!(
        "concurrency",
        run(&[], &["plan", "-f", "clients.yaml", "--concurrency", "0"], b"")
    );
}

#[test]
fn standard_input_is_read_once() {
    insta::assert_snapshot!("faults_of_stdin", run(&[], &["plan", "-f", "-"], b"owner: feeds\nclients: 7\n"));
    let declaration = b"{\"owner\": \"feeds\", \"clients\": [{\"id\": \"a\"}]}";
    let words = ["apply", "-f", "-", "--admin-password-stdin"];
    insta::assert_snapshot!("two_readers", run(&[], &words, declaration));
    // It is used: the next thing that happens is a request.
    let said = run(&[], &["apply", "-f", "-"], declaration);
    assert!(said.starts_with("exit code: 7\n"), "{said}");
}

#[test]
fn secrets_that_cannot_be_read() {
    let text = "\
owner: feeds
clients:
- {id: a, secret: {env: NOT_SET}}
- {id: b, secret: {env: EMPTY}}
- {id: c, secret: {file: no-such-file}}
- {id: d, secret: {file: empty}}
- {id: e, secret: {file: '-'}}
- {id: f, secret: {file: binary}}
";
    let files: &[(&str, &[u8])] =
        &[("clients.yaml", text.as_bytes()), ("empty", b"\n"), ("binary", b"planted\xff")];
    insta::assert_snapshot!("unreadable_secrets", run(files, &["plan", "-f", "clients.yaml"], b""));
}

#[test]
fn places_that_take_no_secret_file() {
    let text = "\
owner: feeds
clients:
- {id: a, secret_out: no/such/folder}
- {id: b, secret_out: .}
- {id: c, secret_out: clients.yaml/c}
- {id: d, secret_out: d}
";
    let files: &[(&str, &[u8])] = &[("clients.yaml", text.as_bytes())];
    insta::assert_snapshot!("odd_places", run(files, &["apply", "-f", "clients.yaml"], b""));
}

/// However the path is spelt.
#[test]
fn no_secret_overwrites_what_is_read() {
    let text = "\
owner: feeds
clients:
- {id: a, secret_out: FOLDER/clients.yaml}
- {id: b, secret: {file: input}, secret_out: FOLDER/input}
- {id: c, secret_out: out}
- {id: d, secret_out: FOLDER/out}
- {id: e, secret_out: FOLDER/password}
- {id: f, secret_out: new/}
";
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let files =
        [("clients.yaml", text.replace("FOLDER", place)), ("input", "i".into()), ("password", "p".into())];
    for (name, content) in &files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut command = kxi_auth(NOWHERE, "insights", "admin", "").unwrap();
    command.current_dir(&folder).env("INSIGHTS_ADMIN_PASSWORD_FILE", "password");
    let said = shown(&command.args(["apply", "-f", "clients.yaml"]).output().unwrap());
    insta::assert_snapshot!("overwritten_inputs", said.replace(place, "[folder]"));
    for (name, content) in &files {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), *content);
    }
}

#[test]
fn the_schema_is_json_whoever_asks() {
    let schema = |words: &[&str]| {
        let output = Command::new(binary().unwrap()).env_clear().arg("schema").args(words).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!("schema", schema(&[]));
    assert_eq!(schema(&["-o", "json"]), schema(&[]));
}
