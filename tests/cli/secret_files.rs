//! Secrets on their way in and out: one reader of standard input, files that are the owner's alone, masks
//! everywhere else.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use kxi_auth_tests::programs::command::{Ran, bare, kxi_auth, run};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

use crate::{NOWHERE, PASSWORD, at, part, refused_unasked};

const FORMATS: [&str; 4] = ["table", "json", "yaml", "jsonl"];

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Of all that can read standard input, no two do.
#[tokio::test]
async fn standard_input_has_one_reader() {
    let readers: [&[&str]; 7] = [
        &["--admin-password-stdin"],
        &["--admin-password-file", "-"],
        &["--admin-client-id", "a", "--admin-client-secret-stdin"],
        &["--admin-client-id", "a", "--admin-client-secret-file", "-"],
        &["--secret-stdin"],
        &["--secret-file", "-"],
        &["--config", "-"],
    ];
    for (place, one) in readers.iter().enumerate() {
        for other in &readers[place + 1..] {
            // Two ways to say the same client.
            let other =
                if one.contains(&"a") { other.strip_prefix(&["--admin-client-id", "a"]) } else { None }
                    .unwrap_or(other);
            let words = [&["client", "register", "svc"], *one, other].concat();
            let ran = refused_unasked("description: x", |command| command.args(words)).await;
            let messages = ["cannot both read standard input", "cannot be used with"];
            assert!(
                messages.iter().any(|message| ran.stderr.contains(message)),
                "{one:?} {other:?}: {ran:?}"
            );
        }
    }
    for one in &readers[..4] {
        let words = [&["client", "token", "svc", "--secret-file", "-"], *one].concat();
        let ran = refused_unasked("text", |command| command.args(words)).await;
        assert!(ran.stderr.contains("cannot both read standard input"), "{ran:?}");
    }
    // One alone is fine: it gets as far as the network.
    for one in readers {
        let mut command = kxi_auth(NOWHERE, REALM, USERNAME, PASSWORD).unwrap();
        command.env("INSIGHTS_ADMIN_CLIENT_SECRET", "x");
        command.args(["client", "register", "svc", "--retries", "0"]).args(one);
        let ran = run(command, "description: text").await.unwrap();
        assert_eq!(ran.code, 7, "{one:?}: {ran:?}");
    }
}

/// What a command reads, a secret does not replace.
#[tokio::test]
async fn a_secret_goes_to_none_of_the_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(path("folder")).unwrap();
    let (input, spelt_otherwise) = (path("input"), path("folder/../input"));
    std::fs::write(&input, "description: x").unwrap();
    for words in [
        ["client", "register", "svc", "--secret-file", &input].as_slice(),
        &["client", "create", "svc", "--config", &input],
        &["client", "update", "svc", "--config", &input],
        &["client", "get", "svc", "--admin-password-file", &input],
        &["client", "rotate-secret", "svc", "--ca-cert", &input],
    ] {
        let more = ["--secret-out", &spelt_otherwise, "--secret-format", "env"];
        let ran = refused_unasked("", |command| command.args(words).args(more)).await;
        assert!(ran.stderr.contains("would be overwritten"), "{words:?}: {ran:?}");
    }
    assert_eq!(std::fs::read_to_string(&input).unwrap(), "description: x");
    // The files that profiles are read from are KX's own.
    std::fs::create_dir(path(".insights")).unwrap();
    for name in [".insights/config.toml", ".insights/cli-config"] {
        let words = ["client", "get", "svc", "--secret-out", &path(name)];
        let ran = refused_unasked("", |command| command.env("HOME", folder.path()).args(words)).await;
        assert!(ran.stderr.contains("would be overwritten"), "{ran:?}");
    }
}

#[tokio::test]
async fn an_empty_or_missing_secret_is_told_with_its_flag() {
    for (words, said) in [
        (["--admin-password-stdin", "role", "list"].as_slice(), "--admin-password-stdin"),
        (&["client", "register", "svc", "--secret-stdin"], "--secret-stdin"),
        (&["client", "token", "svc", "--secret-file", "-"], "--secret-file"),
        (&["--admin-password-file", "/no/such", "role", "list"], "/no/such"),
        (&["--admin-client-id", "a", "role", "list"], "INSIGHTS_ADMIN_CLIENT_SECRET"),
    ] {
        let ran = refused_unasked("\n", |command| command.args(words)).await;
        assert!(ran.stderr.contains(said), "{words:?}: {ran:?}");
    }
    let mut command = bare().unwrap();
    command.args(["--host", NOWHERE, "--admin-username", "a", "role", "list", "-o", "json"]);
    let ran = run(command, "a password that nobody was asked for").await.unwrap();
    assert_eq!((ran.code, &ran.error().unwrap()["kind"]), (2, &"missing_parameter".into()), "{ran:?}");
    assert!(ran.stderr.contains("--admin-password-stdin"), "{ran:?}");
}

/// Where a secret cannot be kept none is made: the server is not even asked.
#[tokio::test]
async fn a_place_that_cannot_hold_a_secret_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("target"), "precious").unwrap();
    std::os::unix::fs::symlink(path("target"), path("link")).unwrap();
    std::os::unix::fs::symlink(path("nowhere"), path("dangling")).unwrap();
    std::fs::create_dir(path("folder")).unwrap();
    for command in ["register", "create", "update", "get", "rotate-secret"] {
        let change: &[&str] = if command == "update" { &["--description", "x"] } else { &[] };
        for (place, said) in [
            (path("link"), "a symbolic link"),
            (path("dangling"), "a symbolic link"),
            (path("folder"), "a folder"),
            (path("no/such"), "cannot create the secret file"),
            ("/dev/null".to_owned(), "not a regular file"),
            (path("new/"), "not a file name"),
            (path(&"n".repeat(256)), "not a valid file name"),
        ] {
            let words = ["client", command, "svc", "--secret-out", &place];
            let ran = refused_unasked("", |line| line.args(words).args(change)).await;
            assert!(ran.stderr.contains(said), "{words:?}: {ran:?}");
        }
        for (more, said) in [
            (["--secret-name", "x"].as_slice(), "--secret-format kubernetes"),
            (
                &["--secret-format", "kubernetes", "--secret-name", "A_b"],
                "is not a valid name of a Kubernetes Secret",
            ),
            (
                &["--secret-format", "kubernetes", "--secret-namespace", "a.b"],
                "not a valid Kubernetes namespace",
            ),
        ] {
            let words = ["client", command, "svc", "--secret-out", &path("new")];
            let ran = refused_unasked("", |line| line.args(words).args(change).args(more)).await;
            assert!(ran.stderr.contains(said), "{ran:?}");
        }
        let words = ["client", command, "svc", "--secret-format", "env"];
        refused_unasked("", |line| line.args(words).args(change)).await;
    }
    assert_eq!(names(folder.path()), ["dangling", "folder", "link", "target"]);
    assert_eq!(std::fs::read_to_string(path("target")).unwrap(), "precious");
}

#[tokio::test]
async fn a_secret_file_in_each_format() {
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in
        [("raw", "svc.secret"), ("env", "svc.env"), ("json", "svc.json"), ("kubernetes", "svc.yaml")]
    {
        let path = folder.path().join(name);
        // What is there is replaced in one step: who has it open, or by another name, keeps the old.
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let other_name = folder.path().join("other-name");
        std::fs::hard_link(&path, &other_name).unwrap();
        let before = std::fs::metadata(&path).unwrap().ino();

        let replay = Replay::start("client-details").await.unwrap();
        let host = replay.host();
        let to = ["--secret-out", path.to_str().unwrap(), "--secret-format", format];
        let ran = at(&host, &[["client", "get", "svc"].as_slice(), &to].concat()).await;
        replay.finish().unwrap();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
        assert!(ran.stdout.contains("********") && ran.stdout.contains(path.to_str().unwrap()), "{ran:?}");
        assert!(!ran.stdout.contains("stand-in-secret"), "{ran:?}");

        assert_eq!((mode(&path), std::fs::read_to_string(&other_name).unwrap()), (0o600, "old".to_owned()));
        assert_ne!(std::fs::metadata(&path).unwrap().ino(), before);
        std::fs::remove_file(&other_name).unwrap();
        let content = std::fs::read_to_string(&path).unwrap();
        insta::assert_snapshot!(format!("secret_file_{format}"), content.replace(&host, "http://host"));
    }
    assert_eq!(names(folder.path()).len(), 4, "nothing else is left there");
}

#[tokio::test]
async fn a_kubernetes_secret_with_a_name_and_namespace_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("svc.yaml");
    let replay = Replay::start("client-details").await.unwrap();
    let host = replay.host();
    let words =
        ["client", "get", "svc", "--secret-format", "kubernetes", "--secret-name", "feed.credentials"];
    let to = ["--secret-namespace", "uat", "--secret-out", path.to_str().unwrap()];
    let ran = at(&host, &[words.as_slice(), &to].concat()).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let content = std::fs::read_to_string(&path).unwrap().replace(&host, "http://host");
    insta::assert_snapshot!("secret_file_kubernetes_named", content);
}

#[tokio::test]
async fn what_fails_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("svc.secret");
    std::fs::write(&path, "old").unwrap();
    let to = ["--secret-out", path.to_str().unwrap(), "--retries", "0"];
    let left = |ran: &Ran, code| {
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["svc.secret"]);
    };
    let replay = Replay::start("wrong-password").await.unwrap();
    left(&at(&replay.host(), &[["client", "register", "svc"].as_slice(), &to].concat()).await, 3);
    let replay = Replay::start("register-taken-by-user").await.unwrap();
    left(&at(&replay.host(), &[["client", "register", "svc"].as_slice(), &to].concat()).await, 6);
    let replay = Replay::start("client-get-missing").await.unwrap();
    left(&at(&replay.host(), &[["client", "get", "svc-3"].as_slice(), &to].concat()).await, 5);
    // In the middle of a registration: the client is there with its new secret, its roles are not.
    let replay = Replay::start("register-new").await.unwrap();
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    proxy.inject("POST", "/role-mappings/realm", .., Fault::status(503));
    let failed = at(&proxy.host(), &[["client", "register", "svc"].as_slice(), &to].concat()).await;
    assert_eq!((failed.code, failed.stdout.as_str()), (7, ""), "{failed:?}");
    assert_eq!(
        failed.stderr.matches(&format!("its secret is in {}", path.display())).count(),
        1,
        "{failed:?}"
    );
    assert_eq!((std::fs::read_to_string(&path).unwrap().len(), names(folder.path()).len()), (64, 1));
    assert!(proxy.count("POST", "/role-mappings/realm") > 0);
}

#[tokio::test]
async fn a_secret_is_shown_only_where_it_is_asked_for() {
    for format in FORMATS {
        for (scenario, words) in [
            ("client-details", ["client", "get", "svc"].as_slice()),
            ("rotate-secret", &["client", "rotate-secret", "svc"]),
            ("update-lifespan", &["client", "update", "svc", "--token-lifespan", "600"]),
            ("client-list", &["client", "list"]),
        ] {
            let words = [words, &["-o", format, "-vv"]].concat();
            let replay = Replay::start(scenario).await.unwrap();
            let hidden = at(&replay.host(), &words).await;
            replay.finish().unwrap();
            assert!(hidden.code == 0 && !hidden.all().contains("stand-in-secret"), "{hidden:?}");
            let replay = Replay::start(scenario).await.unwrap();
            let shown = at(&replay.host(), &[words.as_slice(), &["--show-secret"]].concat()).await;
            assert!(shown.code == 0 && !shown.stdout.contains("********"), "{shown:?}");
            // A rotation chooses the secret itself.
            let known = shown.stdout.contains("stand-in-secret");
            assert!(known || scenario == "rotate-secret", "{shown:?}");
            assert!(!shown.stderr.contains("stand-in-secret"), "{shown:?}");
            assert!(!shown.all().contains("stand-in-token") && !shown.all().contains(PASSWORD), "{shown:?}");
        }
        let replay = Replay::start("client-token-stored").await.unwrap();
        let hidden = at(&replay.host(), &["client", "token", "automation", "-o", format, "-vv"]).await;
        assert!(hidden.code == 0 && !hidden.all().contains("stand-in-"), "{hidden:?}");
        let replay = Replay::start("client-token-stored").await.unwrap();
        let words = ["client", "token", "automation", "-o", format, "-vv", "--show-token"];
        let shown = at(&replay.host(), &words).await;
        assert!(shown.code == 0 && shown.stdout.contains("stand-in-token-3"), "{shown:?}");
        assert!(!shown.all().contains("stand-in-token-1"), "the admin's own: {shown:?}");
        assert!(!shown.all().contains("stand-in-secret") && !shown.stderr.contains("stand-in-"), "{shown:?}");
    }
}

#[tokio::test]
async fn a_given_secret_is_not_said_again() {
    let given = "given-by-the-user";
    for words in [["--secret-stdin"].as_slice(), &["--secret-file", "-"]] {
        let replay = Replay::start("register-other-secret").await.unwrap();
        let mut command = kxi_auth(&replay.host(), REALM, USERNAME, PASSWORD).unwrap();
        command.args(["client", "register", "svc", "--roles", "none", "-vv"]).args(words);
        let ran = run(command, &format!("{given}\r\n")).await.unwrap();
        replay.finish().unwrap();
        assert!(ran.code == 0 && !ran.all().contains(given) && !ran.all().contains(PASSWORD), "{ran:?}");
    }
    // The server's own words of refusal come without it, too.
    let wrong = part("client-token", |place, _| place < 2 || place == 9).await;
    let mut command = kxi_auth(&wrong.host(), REALM, "", "").unwrap();
    command.args(["client", "token", "svc", "--secret-file", "-", "-vv", "-o", "json"]);
    let ran = run(command, given).await.unwrap();
    wrong.finish().unwrap();
    assert!(ran.code == 3 && !ran.all().contains(given), "{ran:?}");
}
