//! Changes whose responses are lost, and runs that are killed: no secret is live that is nowhere, and nothing is left.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use kxi_auth_tests::keycloak::realm::TestRealm;
use kxi_auth_tests::programs::command::{Ran, run};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use super::{secret, stored};
use crate::command::run::{command, ran};
use crate::setup::realm;

const CLIENTS: &str = "/clients";

/// A realm behind a proxy, and a folder with a secret file.
struct Desk {
    realm: TestRealm,
    proxy: FaultProxy,
    folder: tempfile::TempDir,
}

impl Desk {
    /// With a client whose secret is in the file.
    async fn new() -> Self {
        let realm = realm().await;
        let proxy = FaultProxy::start(&realm.server().host()).await.unwrap();
        let desk = Self { realm, proxy, folder: tempfile::tempdir().unwrap() };
        let done = desk.run(&["client", "register", "svc", "--roles", "none"]).await;
        assert_eq!(done.code, 0, "{done:?}");
        desk
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn content(&self) -> String {
        std::fs::read_to_string(self.out()).unwrap()
    }

    /// The content of what stands beside the secret file.
    fn staged(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| *path != self.out());
        let is_staged =
            |path: &Path| path.file_name().unwrap().to_str().unwrap().starts_with(".out.kxi-auth-staged-");
        let content = |path: PathBuf| {
            assert!(is_staged(&path), "{}", path.display());
            std::fs::read_to_string(path).unwrap()
        };
        paths.map(content).collect()
    }

    fn command(&self, words: &[&str]) -> std::process::Command {
        let mut command = command(&self.realm, words);
        command.env("INSIGHTS_URL", self.proxy.host()).arg("--secret-out").arg(self.out());
        command
    }

    async fn run(&self, words: &[&str]) -> Ran {
        run(self.command(words), "").await.unwrap()
    }

    /// Kills a run (`kill -9`) that waits for the response to this request.
    async fn kill_at(&self, words: &[&str], method: &'static str, part: &str, fault: Fault) {
        self.proxy.heal();
        let met = self.proxy.count(method, part);
        self.proxy.inject(method, part, 1..=1, fault);
        let mut child: Child =
            self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let arrives = async {
            while self.proxy.count(method, part) == met {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrives).await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_whose_responses_are_all_lost_is_delivered() {
    let desk = Desk::new().await;
    let old = desk.content();
    desk.proxy.inject("PUT", CLIENTS, .., Fault::Lose);
    let rotated = desk.run(&["client", "rotate-secret", "svc", "--retries", "1"]).await;
    assert_eq!(rotated.code, 0, "{rotated:?}");
    assert_eq!(desk.content(), secret(&desk.realm, "svc").await);
    assert_ne!(desk.content(), old);
    assert!(desk.staged().is_empty());
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_in_doubt_keeps_both_secrets_and_says_where() {
    let desk = Desk::new().await;
    let old = desk.content();
    desk.proxy.inject("PUT", CLIENTS, .., Fault::Lose);
    // The command looks the client up, and the rotation reads it; the next read would show what was done.
    desk.proxy.inject("GET", CLIENTS, 3.., Fault::Reset);
    let words = ["client", "rotate-secret", "svc", "--retries", "0"];
    let failed = desk.run(&words).await;
    assert_eq!(failed.code, 7, "{failed:?}");
    assert_eq!(desk.content(), old);
    let live = secret(&desk.realm, "svc").await;
    assert_eq!(desk.staged(), [live.as_str()]);
    assert!(failed.stderr.starts_with("error: client `svc` may have the new secret: PUT "), "{failed:?}");
    assert!(failed.stderr.contains(".out.kxi-auth-staged-"), "{failed:?}");
    assert!(failed.stderr.contains("hint: `kxi-auth client get ID` with --secret-out FILE"), "{failed:?}");
    assert!(!failed.all().contains(&live));
    // What the hint names mends it.
    desk.proxy.heal();
    assert_eq!(desk.run(&["client", "get", "svc"]).await.code, 0);
    assert_eq!((desk.content(), desk.staged().len()), (live, 0));

    // A gateway can respond with an error of its own although it has passed the request on: the new secret is kept until
    // the next run shows that it is not live.
    desk.proxy.inject("PUT", CLIENTS, .., Fault::status(503));
    let refused = desk.run(&words).await;
    assert_eq!((refused.code, desk.staged().len()), (7, 1), "{refused:?}");
    assert_eq!(desk.content(), secret(&desk.realm, "svc").await);
    desk.proxy.heal();
    assert_eq!(desk.run(&["client", "get", "svc"]).await.code, 0);
    assert_eq!((desk.content(), desk.staged().len()), (secret(&desk.realm, "svc").await, 0));
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_created_without_its_roles_has_its_secret_in_the_file() {
    let desk = Desk::new().await;
    desk.proxy.inject("POST", "/role-mappings", .., Fault::status(503));
    let words = ["client", "register", "svc-2", "--roles", "all", "--retries", "0"];
    let failed = desk.run(&words).await;
    assert_eq!(failed.code, 7, "{failed:?}");
    let said =
        "error: client `svc-2` was created, but may not have all of the roles yet (1 of 2 steps done): POST ";
    assert!(failed.stderr.starts_with(said), "{failed:?}");
    assert!(failed.stderr.contains("hint: run the same command again"), "{failed:?}");
    assert_eq!((desk.content(), desk.staged().len()), (secret(&desk.realm, "svc-2").await, 0));
    desk.proxy.heal();
    let done = desk.run(&words).await;
    assert!(done.code == 0 && done.stdout.contains("updated"), "{done:?}");
    assert_eq!(desk.content(), secret(&desk.realm, "svc-2").await);
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_the_live_secret_in_a_file_and_the_next_run_leaves_nothing() {
    let desk = Desk::new().await;
    let rotate = ["client", "rotate-secret", "svc"];
    let old = desk.content();
    // The rotation never arrives: what is staged is not live.
    desk.kill_at(&rotate, "PUT", CLIENTS, Fault::Hang).await;
    assert_eq!((desk.content(), secret(&desk.realm, "svc").await), (old.clone(), old.clone()));
    assert_eq!(desk.staged().len(), 1);
    // It is carried out after the run is gone: what is staged is the only copy on this machine.
    desk.kill_at(&rotate, "PUT", CLIENTS, Fault::Delay(Duration::from_secs(1))).await;
    let carried_out = async {
        while secret(&desk.realm, "svc").await == old {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), carried_out).await.unwrap();
    let live = secret(&desk.realm, "svc").await;
    assert_eq!(desk.content(), old);
    assert!(desk.staged().contains(&live));
    // The next run for the client puts it in place, and leaves nothing of the killed ones.
    desk.proxy.heal();
    assert_eq!(desk.run(&["client", "get", "svc"]).await.code, 0);
    assert_eq!((desk.content(), desk.staged().len()), (live, 0));
    desk.realm.delete().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_at_any_request_leaves_at_most_what_the_next_removes() {
    let desk = Desk::new().await;
    let register = ["client", "register", "svc-2", "--roles", "all"];
    for (method, part) in [
        ("POST", "/protocol/openid-connect/token"),
        ("GET", "/roles"),
        ("POST", CLIENTS),
        ("GET", "/service-account-user"),
        ("POST", "/role-mappings"),
    ] {
        desk.kill_at(&register, method, part, Fault::Hang).await;
        let staged = desk.staged();
        if stored(&desk.realm, "svc-2").await.is_some() {
            assert!(staged.contains(&secret(&desk.realm, "svc-2").await), "{method} {part}");
        }
    }
    desk.proxy.heal();
    assert_eq!(desk.run(&register).await.code, 0);
    assert_eq!((desk.content(), desk.staged().len()), (secret(&desk.realm, "svc-2").await, 0));
    // A run that only reads the client stages nothing.
    desk.kill_at(&["client", "get", "svc-2"], "GET", CLIENTS, Fault::Hang).await;
    assert!(desk.staged().is_empty());
    assert_eq!(
        ran(&desk.realm, &["client", "token", "svc-2", "--secret-file", desk.out().to_str().unwrap()])
            .await
            .code,
        0
    );
    desk.realm.delete().await.unwrap();
}
