use super::*;

#[test]
fn invalid_yaml_has_a_place_and_a_reason() {
    for (text, expected) in [
        ("", "f:1:1: the file is empty; it needs at least `owner`"),
        ("# nothing\n", "f:1:1: the file is empty; it needs at least `owner`"),
        ("~", "f:1:1: the file is empty; it needs at least `owner`"),
        ("owner: o\n---\nowner: p\n", "f:3:1: a second document starts here; the file must have only one"),
        ("owner: o\nclients:\n\t- id: a\n", "f:3:2: YAML is not indented with tabs; use spaces"),
        ("owner: 'o\n", "f:1:8: this quote is never closed"),
        ("owner: o\nclients: [{id: a}\n", "f:2:10: this bracket is never closed"),
        ("owner: @o\n", "f:1:8: a value cannot start with this character; put it in quotes"),
        ("owner: *o\n", "f:1:8: this alias names an anchor that does not exist"),
        (
            "owner: a: b\n",
            "f:1:9: a field needs `: ` after its name; a value that contains `: ` needs quotes",
        ),
        (
            "owner: \"\\q\"\n",
            "f:1:8: this is not a valid escape sequence; write `\\\\` for a backslash, or use single quotes",
        ),
        ("owner: !!int abc\n", "f:1:14: this value does not match its tag"),
        ("? [a]\n: b\n", "f:1:3: the name of a field must be a string"),
    ] {
        assert_eq!(rejected(text), [expected], "{text}");
    }
}

#[test]
fn invalid_utf_8_is_reported_with_its_location() {
    assert_eq!(
        rejected(b"owner: o\n# \xC3\xA9\xE9\n"),
        ["f:2:4: the file is not UTF-8 from here on; save it as UTF-8"]
    );
    assert_eq!(
        rejected(b"owner: o\r#\r\n# \xC3\xA9\xE9\n"),
        ["f:3:4: the file is not UTF-8 from here on; save it as UTF-8"]
    );
    assert_eq!(rejected(b"\xFF\xFEo\0w\0"), ["f:1:1: the file is in UTF-16; save it as UTF-8"]);
}

#[test]
fn the_deepest_file_needs_little_stack() {
    let nested =
        |levels: usize| with(&format!("config: {{a: {}{}}}", "[".repeat(levels), "]".repeat(levels)));
    let parsing = move || {
        // The file, `clients`, a client and its `config` are the first four levels.
        read(&nested(19));
        assert_eq!(rejected(nested(22))[0], "f:4:37: the file is too deeply nested");
        // Each anchor is one level deeper than the anchor before it.
        let chain = |link: usize| format!("a{link}: &a{link} [*a{}]\n", link - 1);
        let chained: String = (1..60).map(chain).collect();
        assert!(rejected(format!("a0: &a0 []\n{chained}"))[0].ends_with("nested"));
    };
    std::thread::Builder::new().stack_size(1024 * 1024).spawn(parsing).unwrap().join().unwrap();
}

#[test]
fn what_is_too_large_is_rejected_early() {
    let huge = vec![b'#'; crate::declaration::limits::MOST_BYTES + 1];
    assert_eq!(rejected(huge), ["f: the file is larger than 16 MiB; split it"]);

    let deep = format!("owner: o\nclients: {}", "[".repeat(10_000));
    assert!(rejected(deep)[0].contains("too deeply nested"));

    let level = |level: usize| format!("a{level}: &a{level} [{}]", format!("*a{}, ", level - 1).repeat(10));
    let levels: Vec<_> = (1..=9).map(level).collect();
    let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", levels.join("\n"));
    assert!(rejected(bomb)[0].contains("aliases"));

    let wide = format!("owner: &o {}\nclients: [{}]", "x".repeat(1_000_000), "*o, ".repeat(9_000));
    assert!(rejected(wide)[0].contains("aliases"));

    let selfish = "owner: o\nclients: &c [*c]\n";
    assert_eq!(rejected(selfish), ["f:2:14: this alias contains itself"]);
}

#[test]
fn all_wrong_types_are_reported_together() {
    let text = "\
owner: 7
clients:
  - id: 1
    roles: viewer
    exact_roles: yes
    token_lifespan: \"300\"
    config: text
    secret: hunter2
    secret_out: [a]
  - b
  - id:
    roles: [a, 2, null]
    token_lifespan: 1.5
    secret: {env: true}
    secret_out: {file: x, format: yaml}
";
    let secret =
        "`generate`, `keep`, `{env: NAME}` or `{file: PATH}`; the secret itself must not be in this file";
    assert_eq!(
        rejected(text),
        [
            "f:1:8: `owner` must be a string; put it in quotes",
            "f:3:9: `id` must be a string; put it in quotes",
            "f:4:12: `roles` must be `all`, `none` or a list of role names",
            "f:5:18: `exact_roles` must be `true`, `false` or `all`",
            "f:6:21: `token_lifespan` must be a whole number",
            "f:7:13: `config` must be a mapping of fields of `ClientRepresentation`",
            &format!("f:8:13: `secret` must be {secret}"),
            "f:9:17: `secret_out` must be a path, or a mapping with `file` and `format`",
            "f:10:5: the client must be a mapping",
            "f:11:7: `id` has no value; it must be a string",
            "f:12:16: the name of a role must be a string; put it in quotes",
            "f:12:19: the name of a role has no value; it must be a string",
            "f:13:21: `token_lifespan` must be a whole number",
            "f:14:19: the variable's name must be a string; put it in quotes",
            "f:15:35: `format` must be one of `raw`, `env`, `json`, `kubernetes`",
        ]
    );
    assert_eq!(rejected("- id: a"), ["f:1:1: the file must be a mapping"]);
    assert_eq!(
        rejected("owner: o\nclients:\n"),
        ["f:2:8: `clients` has no value; it must be a list; `[]` is the empty list"]
    );
    assert_eq!(
        rejected(with("config: {notBefore: .inf}")),
        ["f:4:25: this number cannot be written in JSON, which Keycloak requires"]
    );
}

#[test]
fn unknown_fields_have_the_nearest_name() {
    let text = "\
owner: o
client: []
clients:
  - id: a
    tokenLifespan: 1
    exactroles: true
    zzz: 1
    secret: {environment: A}
    secret_out: {path: a, namespaces: b}
";
    assert_eq!(
        rejected(text),
        [
            "f:2:1: unknown field in the file; did you mean `clients`?",
            "f:5:5: unknown field in the client; did you mean `token_lifespan`?",
            "f:6:5: unknown field in the client; did you mean `exact_roles`?",
            "f:7:5: unknown field in the client; the known fields are `id`, `roles`, `client_roles`, \
             `exact_roles`, `groups`, `exact_groups`, `enabled`, `token_lifespan`, `config`, \
             `secret`, `secret_out`",
            "f:8:13: `secret` must be `generate`, `keep`, `{env: NAME}` or `{file: PATH}`; the secret itself must \
             not be in this file",
            "f:8:14: unknown field in `secret`; the known fields are `env`, `file`",
            "f:9:17: `secret_out` has no `file`",
            "f:9:18: unknown field in `secret_out`; the known fields are `file`, `format`, `name`, `namespace`",
            "f:9:27: unknown field in `secret_out`; did you mean `namespace`?",
        ]
    );
}

#[test]
fn fields_given_twice_name_both_lines() {
    let text = "\
owner: o
clients:
  - id: a
    config:
      attributes: {a: b, \"a\": c}
    id: b
owner: p
";
    assert_eq!(
        rejected(text),
        [
            "f:5:26: this field is set already on line 5",
            "f:6:5: this field is set already on line 3",
            "f:7:1: this field is set already on line 1",
        ]
    );
}

#[test]
fn missing_fields_are_reported_at_their_parent() {
    assert_eq!(
        rejected("clients:\n  - roles: all\n  - {}\n"),
        [
            "f:1:1: `owner` is missing; it names the owner of the clients",
            "f:2:5: the client has no `id`",
            "f:3:5: the client has no `id`",
        ]
    );
}

#[test]
fn a_file_of_faults_does_not_fill_the_terminal() {
    let lines = rejected(format!("owner: o\nclients:\n{}", "  - {}\n".repeat(1_000)));
    assert_eq!(lines.len(), 51);
    assert_eq!(lines[50], "f: and 950 more");
}
