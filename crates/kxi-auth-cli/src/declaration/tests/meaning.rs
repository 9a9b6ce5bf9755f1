use super::*;

#[test]
fn owners() {
    let long = "o".repeat(256);
    for (owner, expected) in [
        ("'  '", "f:1:8: `owner` is blank"),
        ("\"a\\tb\"", "f:1:8: `owner` contains a control character"),
        (long.as_str(), "f:1:8: `owner` has 256 characters; at most 255 are allowed"),
    ] {
        assert_eq!(rejected(format!("owner: {owner}")), [expected]);
    }
    assert_eq!(read(&format!("owner: {}", "é".repeat(255))).declaration.owner.chars().count(), 255);
}

#[test]
fn ids_are_unique_and_not_blank() {
    let text = "owner: o\nclients:\n  - id: a\n  - id: b\n  - id: a\n  - id: ' '\n  - id: ' '\n  - id: A\n";
    assert_eq!(
        rejected(text),
        [
            "f:5:9: this client is declared already on line 3",
            "f:6:9: `id` is blank",
            "f:7:9: `id` is blank",
            "f:8:9: this client ID differs only in case from the one on line 3; their service accounts would have \
             the same username",
        ]
    );
}

#[test]
fn token_lifespans_are_those_of_the_core() {
    for good in [1, 2_147_483_647] {
        let located = read(&with(&format!("token_lifespan: {good}")));
        assert_eq!(located.declaration.clients[0].token_lifespan, Some(good));
    }
    for bad in ["0", "-1", "2147483648"] {
        assert_eq!(
            rejected(with(&format!("token_lifespan: {bad}"))),
            ["f:4:21: `token_lifespan` must be from 1 to 2147483647 seconds"]
        );
    }
}

#[test]
fn roles_are_named_once() {
    assert_eq!(
        rejected(with("roles:\n  - a\n  - b\n  - a\n  - ''")),
        ["f:7:9: this role is listed already at 5:9", "f:8:9: the name of a role is blank",]
    );
}

#[test]
fn config_holds_nothing_that_has_a_field_of_its_own() {
    let text = with(
        "config:\n  clientId: x\n  id: x\n  secret: hunter2\n  attributes:\n    kxi-auth.owner: x\n    \
         access.token.lifespan: \"1\"\n    kept: x",
    );
    assert_eq!(
        rejected(text),
        [
            "f:5:7: the client ID belongs in the field `id`, outside `config`",
            "f:6:7: the server chooses this; the client ID belongs in the field `id`, outside `config`",
            "f:7:7: a secret must not be in this file; the field `secret` outside `config` says where it comes from",
            "f:9:9: `apply` sets this attribute from `owner`",
            "f:10:9: use the field `token_lifespan` of the client instead",
        ]
    );
}

#[test]
fn sources_and_destinations_are_named() {
    for (lines, expected) in [
        ("secret: {env: ''}", "f:4:19: the variable's name is blank"),
        ("secret: {env: A=B}", "f:4:19: this is not a valid name of an environment variable"),
        ("secret: {file: ' '}", "f:4:20: the path is blank"),
        ("secret: {file: \"a\\0\"}", "f:4:20: this is not a valid path"),
        ("secret: {env: A, file: b}", "f:4:13: `secret` accepts either `env` or `file`, not both"),
        ("secret_out: ''", "f:4:17: the path is blank"),
        ("secret_out: \"a\\0\"", "f:4:17: this is not a valid path"),
        ("secret_out: {file: ''}", "f:4:24: the path is blank"),
        ("secret_out: {format: json}", "f:4:17: `secret_out` has no `file`"),
    ] {
        assert_eq!(rejected(with(lines)), [expected], "{lines}");
    }
}

#[test]
fn names_are_those_of_kubernetes_and_for_it_alone() {
    let out = |rest: &str| with(&format!("secret_out: {{file: x, {rest}}}"));
    assert!(
        read(&out("format: kubernetes, name: a.b-c, namespace: d")).declaration.clients[0]
            .secret_out
            .is_some()
    );
    assert!(
        rejected(out("format: kubernetes, name: A"))[0].starts_with("f:4:53: `name` must be at most 253")
    );
    assert!(
        rejected(out("format: kubernetes, namespace: a.b"))[0].contains("`namespace` must be at most 63")
    );
    assert_eq!(
        rejected(out("format: json, name: a, namespace: b")),
        [
            "f:4:41: `name` is only for `format: kubernetes`",
            "f:4:50: `namespace` is only for `format: kubernetes`",
        ]
    );
    assert_eq!(rejected(out("name: a"))[0], "f:4:27: `name` is only for `format: kubernetes`");
    let unnamed = "owner: o\nclients: [{secret_out: {file: x, format: kubernetes}, id: A_b}]";
    assert!(
        rejected(unnamed)[0]
            .starts_with("f:2:24: the client ID is not a valid name of a Secret; set `name` to")
    );
}

#[test]
fn no_file_is_written_over() {
    let text = "\
owner: o
clients:
  - id: a
    secret: {file: in/a}
    secret_out: out/a
  - id: b
    secret_out: {file: ./out/../out/a}
  - id: c
    secret_out: in//a
  - id: d
    secret: {file: in/a}
    secret_out: ../conf/f.yaml
";
    let faults = parse("conf/f.yaml", text.as_bytes()).unwrap_err();
    assert_eq!(
        faults.to_string().lines().collect::<Vec<_>>(),
        [
            "conf/f.yaml:7:24: the secret of line 5 is written to the same file",
            "conf/f.yaml:9:17: the secret of line 4 is read from the same file",
            "conf/f.yaml:12:17: this is the declaration itself; the secret would overwrite it",
        ]
    );
    let one = with("secret: {file: x}\nsecret_out: {file: ./x}");
    assert_eq!(rejected(one), ["f:5:24: the secret of line 4 is read from the same file"]);
}
