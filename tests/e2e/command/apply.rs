//! `plan`, `apply` and `export` on a real Keycloak. What is sent is counted by the recording proxy.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use kxi_auth_tests::programs::command::binary;
use serde_json::{Value, json};

use crate::command::desk::{APPLY, Desk, finish, writes};
use crate::setup::sorted;

fn words(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(id, action)| (id.as_str(), action.as_str())).collect()
}

const PLAN: [&str; 6] = ["plan", "-f", "clients.yaml", "--exit-code", "-o", "json"];

#[tokio::test]
async fn a_second_run_sends_no_write_and_no_run_shows_a_secret() {
    let desk = Desk::new().await;
    desk.write("secret", "planted-in-a-file\n");
    desk.declare(
        "feeds",
        &json!([
            {"id": "svc-new", "roles": ["all", "a,b"], "secret_out": "svc-new.secret"},
            {"id": "svc-env", "roles": "none", "secret": {"env": "PLANTED"}, "token_lifespan": 60},
            {"id": "svc-file", "roles": "none", "secret": {"file": "secret"},
             "config": {"description": "one", "attributes": {"db.password": "planted-attribute"}}},
        ]),
    );
    let planted = [("PLANTED", "planted-in-the-environment")];

    let (plan, log) = desk.recorded(&PLAN, &planted).await;
    assert_eq!(plan.code, 8, "{}", plan.stderr);
    assert_eq!(writes(&log), [""; 0]);
    let (first, log) = desk.recorded(&[&APPLY[..], &["-vv"]].concat(), &planted).await;
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(writes(&log).len() >= 4, "{:?}", writes(&log));
    assert_eq!(
        words(&first.actions()),
        [("svc-new", "create"), ("svc-env", "create"), ("svc-file", "create")]
    );
    assert_eq!(words(&plan.actions()), words(&first.actions()));
    let (second, log) = desk.recorded(&[&APPLY[..], &["-vv"]].concat(), &planted).await;
    assert_eq!((second.code, writes(&log)), (0, Vec::new()), "{}", second.stderr);
    assert!(second.actions().iter().all(|(_, action)| action == "unchanged"));
    let (settled, log) = desk.recorded(&PLAN, &planted).await;
    assert_eq!((settled.code, writes(&log)), (0, Vec::new()));

    let (text, _) = desk.recorded(&["plan", "-f", "clients.yaml"], &[("PLANTED", "planted-another")]).await;
    assert!(text.stdout.contains("secret: ******** (changes)"), "{}", text.stdout);
    let made = desk.secret("svc-new").await;
    for run in [&plan, &first, &second, &settled, &text] {
        for secret in [made.as_str(), "planted-"] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret));
        }
    }
    assert_eq!(desk.secret("svc-env").await, "planted-in-the-environment");
    assert_eq!(desk.secret("svc-file").await, "planted-in-a-file");
    let default = format!("default-roles-{}", desk.realm.name());
    assert_eq!(desk.roles("svc-new").await, sorted(["a,b", "all", &default]));
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn only_clients_of_the_owner_are_pruned() {
    let desk = Desk::new().await;
    for id in ["svc-unowned", "svc-adopted"] {
        assert_eq!(desk.run(&["client", "register", id, "--roles", "none"]).await.code, 0);
    }
    desk.declare("trades", &json!([{"id": "svc-theirs", "roles": "none"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let mine = ["svc-adopted", "svc-a", "svc-b"].map(|id| json!({"id": id, "roles": "none"}));
    desk.declare("feeds", &json!(mine));
    let run = desk.run(&APPLY).await;
    assert_eq!(words(&run.actions()), [("svc-adopted", "update"), ("svc-a", "create"), ("svc-b", "create")]);
    let adopted = desk.client("svc-adopted").await.unwrap();
    assert_eq!(adopted["attributes"]["kxi-auth.owner"], "feeds");

    // Without --prune the others stay and are no difference.
    desk.declare("feeds", &json!([{"id": "svc-a", "roles": "none"}]));
    assert_eq!(desk.run(&PLAN).await.code, 0);
    let prune = [&APPLY[..], &["--prune"]].concat();
    // What could be done without deleting is not done either.
    desk.declare("feeds", &json!([{"id": "svc-a", "roles": "none"}, {"id": "svc-c", "roles": "none"}]));
    let (unasked, log) = desk.recorded(&prune, &[]).await;
    assert_eq!((unasked.code, writes(&log)), (2, Vec::new()), "{}", unasked.stderr);
    assert!(unasked.stderr.contains("deleting clients requires --yes"), "{}", unasked.stderr);
    let run = desk.run(&[&prune[..], &["--yes"]].concat()).await;
    let expected =
        [("svc-a", "unchanged"), ("svc-c", "create"), ("svc-adopted", "delete"), ("svc-b", "delete")];
    assert_eq!((run.code, words(&run.actions())), (0, expected.to_vec()), "{}", run.stderr);
    for (id, there) in [("svc-b", false), ("svc-adopted", false), ("svc-unowned", true), ("svc-theirs", true)]
    {
        assert_eq!(desk.client(id).await.is_some(), there, "{id}");
    }

    desk.declare("feeds", &json!([{"id": "svc-theirs", "roles": "none", "token_lifespan": 60}]));
    let (refused, log) = desk.recorded(&APPLY, &[]).await;
    assert_eq!((refused.code, writes(&log)), (6, Vec::new()));
    assert!(refused.stderr.contains("clients.yaml:1:"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("`trades`") && refused.stderr.contains("--take-over"),
        "{}",
        refused.stderr
    );
    assert_eq!(desk.run(&[&APPLY[..], &["--take-over"]].concat()).await.code, 0);
    assert_eq!(desk.client("svc-theirs").await.unwrap()["attributes"]["kxi-auth.owner"], "feeds");

    desk.declare("feeds", &json!([]));
    let (empty, log) = desk.recorded(&[&prune[..], &["--yes"]].concat(), &[]).await;
    assert_eq!((empty.code, log.len()), (2, 0), "{}", empty.stderr);
    assert_eq!(desk.run(&[&prune[..], &["--yes", "--allow-empty"]].concat()).await.code, 0);
    for (id, there) in [("svc-a", false), ("svc-c", false), ("svc-theirs", false), ("svc-unowned", true)] {
        assert_eq!(desk.client(id).await.is_some(), there, "{id}");
    }
    desk.realm.delete().await.unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_secret_file_is_written_again_without_a_write_to_the_server() {
    let desk = Desk::new().await;
    desk.declare("feeds", &json!([{"id": "svc", "roles": "none", "secret_out": "out"}]));
    assert_eq!(desk.run(&APPLY).await.code, 0);
    let (out, secret) = (desk.path("out"), desk.secret("svc").await);
    assert_eq!((std::fs::read_to_string(&out).unwrap(), mode(&out)), (secret.clone(), 0o600));
    for stale in [None, Some("stale")] {
        match stale {
            Some(text) => std::fs::write(&out, text).unwrap(),
            None => std::fs::remove_file(&out).unwrap(),
        }
        assert_eq!(desk.run(&PLAN).await.code, 8);
        let (run, log) = desk.recorded(&APPLY, &[]).await;
        assert_eq!((run.code, writes(&log)), (0, Vec::new()), "{}", run.stderr);
        assert_eq!(words(&run.actions()), [("svc", "deliver")]);
        assert_eq!((std::fs::read_to_string(&out).unwrap(), mode(&out)), (secret.clone(), 0o600));
    }

    // What others could read is written again, for its owner alone.
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (plan, _) = desk.recorded(&["plan", "-f", "clients.yaml"], &[]).await;
    assert!(plan.stdout.contains("(other users can read it)"), "{}", plan.stdout);
    assert_eq!((desk.run(&APPLY).await.code, mode(&out)), (0, 0o600));

    desk.declare("feeds", &json!([{"id": "svc", "roles": "none", "secret": "keep", "secret_out": "out"}]));
    assert_eq!(desk.run(&PLAN).await.code, 0);
    desk.declare("feeds", &json!([{"id": "svc-new", "roles": "none", "secret": "keep"}]));
    let (run, log) = desk.recorded(&APPLY, &[]).await;
    assert_eq!((run.code, writes(&log)), (2, Vec::new()));
    assert!(run.stderr.contains("no secret to keep"), "{}", run.stderr);

    std::os::unix::fs::symlink(&out, desk.path("link")).unwrap();
    desk.declare("feeds", &json!([{"id": "svc", "roles": "none", "secret_out": "no/such/folder/out"}]));
    let plan = desk.run(&PLAN).await;
    assert!(plan.code == 2 && plan.stderr.contains("clients.yaml:1:"), "{}", plan.stderr);
    for place in ["link", "no/such/folder/out", "out/out", "."] {
        desk.declare("feeds", &json!([{"id": "svc-new", "roles": "none", "secret_out": place}]));
        let (run, log) = desk.recorded(&APPLY, &[]).await;
        assert_eq!((run.code, log.len()), (2, 0), "{place}: {}", run.stderr);
        assert!(run.stderr.contains("clients.yaml:1:"), "{}", run.stderr);
    }
    assert!(desk.client("svc-new").await.is_none());
    desk.realm.delete().await.unwrap();
}

#[tokio::test]
async fn many_secret_files_take_few_file_descriptors() {
    let desk = Desk::new().await;
    let clients: Vec<Value> = (0..60)
        .map(|number| json!({"id": format!("svc-{number}"), "roles": "none", "secret_out": format!("out-{number}")}))
        .collect();
    desk.declare("feeds", &json!(clients));
    let mut command = desk.command(&desk.realm.server().host(), &[]);
    let variables: Vec<_> =
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    command = Command::new("sh");
    command.env_clear().envs(variables).current_dir(desk.path(""));
    command.args(["-c", "ulimit -n 40; exec \"$@\"", "sh"]).arg(binary().unwrap()).args(APPLY);
    let run = finish(command).await;
    assert_eq!(run.code, 0, "{}", run.stderr);
    for number in 0..60 {
        assert_eq!(mode(&desk.path(&format!("out-{number}"))), 0o600);
    }
    desk.realm.delete().await.unwrap();
}
