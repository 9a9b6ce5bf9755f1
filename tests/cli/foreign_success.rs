//! A gateway that reports success in place of Keycloak: nothing is said to be done, and no secret is replaced.

use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};
use kxi_auth_tests::recordings::fixture::Fixture;
use kxi_auth_tests::recordings::replay::Replay;

use crate::at;

const CLIENTS: &str = "/admin/realms/insights/clients";
const MAPPINGS: &str = "/role-mappings/realm";

/// A recorded server whose answers are given as often as they are asked for, behind a gateway.
async fn gateway(scenario: &str) -> (Replay, FaultProxy) {
    let mut fixture = Fixture::read(scenario).unwrap();
    fixture.exchanges = fixture.exchanges.into_iter().flat_map(|exchange| vec![exchange; 10]).collect();
    let replay = Replay::serve(fixture).await;
    let proxy = FaultProxy::start(&replay.host()).await.unwrap();
    (replay, proxy)
}

fn answers() -> [Fault; 3] {
    let page = Fault::answer(200, "text/html", "<title>Sign in</title>").with_header("server", "nginx");
    [page, Fault::answer(200, "text/plain", ""), Fault::answer(202, "text/plain", "")]
}

#[tokio::test]
async fn a_secret_that_was_never_stored_replaces_none() {
    for answer in answers() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("svc.secret");
        std::fs::write(&file, "the good secret").unwrap();
        let (_replay, proxy) = gateway("register-no-roles").await;
        proxy.inject("POST", CLIENTS, .., answer);
        let to = file.to_str().unwrap();
        let words = ["client", "register", "svc", "--roles", "none", "--secret-out", to];
        let ran = at(&proxy.host(), &words).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (7, ""), "{ran:?}");
        assert!(ran.stderr.contains("unexpected response: 20"), "{ran:?}");
        assert!(ran.stderr.contains("hint: check the address, and the gateway or proxy"), "{ran:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "the good secret");
        // Nothing shows whether the gateway passed it on, so the secret that may be live is kept beside the file.
        assert!(ran.stderr.contains("the secret that it may have is in "), "{ran:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

#[tokio::test]
async fn a_write_that_a_gateway_swallowed_is_not_reported_done() {
    let role = "insights.query.data";
    let writes: [(&str, &str, &str, &[&str]); 4] = [
        ("update-lifespan", "PUT", CLIENTS, &["client", "update", "svc", "--token-lifespan", "600"]),
        ("client-delete", "DELETE", CLIENTS, &["client", "delete", "svc-1", "--yes"]),
        ("assign-roles", "POST", MAPPINGS, &["client", "roles", "assign", "svc", "--role", role]),
        (
            "revoke-roles",
            "DELETE",
            MAPPINGS,
            &["client", "roles", "revoke", "svc", "--role", "default-roles-insights"],
        ),
    ];
    for (scenario, method, path, words) in writes {
        for answer in answers() {
            let (_replay, proxy) = gateway(scenario).await;
            proxy.inject(method, path, .., answer);
            let ran = at(&proxy.host(), words).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (7, ""), "{scenario}: {ran:?}");
            assert!(
                ran.stderr.contains("may or may not have carried out the request"),
                "{scenario}: {ran:?}"
            );
            assert_eq!(proxy.count(method, path), 1, "{scenario}");
        }
    }
}
