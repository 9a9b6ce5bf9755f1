//! Redirects: none is followed, whatever it leads to, so that neither a password nor a token goes elsewhere.

use kxi_auth_tests::programs::command::kxi_auth;
use kxi_auth_tests::programs::listener::Listener;
use kxi_auth_tests::proxies::hostile::{Behavior, HostileServer};
use kxi_auth_tests::proxies::secured::Secured;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

use super::{REQUESTS, ROLES, against};
use crate::PASSWORD;

fn redirect(status: u16, to: &str) -> Behavior {
    Behavior::Bytes(
        format!("HTTP/1.1 {status} X\r\nlocation: {to}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            .into(),
    )
}

/// The error says that it was redirected: no Keycloak at the search, no token at the sign-in, no list after it.
async fn is_not_followed(name: &str, status: u16, to: &str) {
    for (method, part) in REQUESTS {
        let server = HostileServer::start(method, part, redirect(status, to)).await.unwrap();
        let mut command = kxi_auth(&server.host(), REALM, USERNAME, PASSWORD).unwrap();
        command.args(["--retries", "0"]).args(ROLES);
        let ran = against(name, command).await;
        assert_eq!(ran.code, Some(7), "{name} at {part}: {ran:?}");
        assert!(ran.stderr.contains(&status.to_string()), "{name} at {part}: {ran:?}");
        // The search looks at two places.
        assert!(server.met() <= 2, "{name} at {part}: {} requests", server.met());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_leaves_the_server() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Listener::start().unwrap();
        let to = format!("{}/token", elsewhere.host().unwrap());
        is_not_followed("redirecting: to another server", status, &to).await;
        assert_eq!(elsewhere.connections().unwrap(), 0, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed_in_a_circle_or_to_a_file() {
    is_not_followed("redirecting: to itself", 302, "/realms/insights").await;
    is_not_followed("redirecting: to a file", 302, "file:///etc/passwd").await;
    is_not_followed("redirecting: without an address", 302, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_leads_from_https_to_http() {
    let plain = Listener::start().unwrap();
    let to = format!("{}/token", plain.host().unwrap());
    let server = HostileServer::start("POST", "/token", redirect(307, &to)).await.unwrap();
    let secured = Secured::start(server.address(), "127.0.0.1").await.unwrap();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), &secured.ca).unwrap();
    let mut command = kxi_auth(&secured.host, REALM, USERNAME, PASSWORD).unwrap();
    command.args(["--retries", "0", "--ca-cert"]).arg(ca.path()).args(ROLES);
    let ran = against("redirecting: from HTTPS to HTTP", command).await;
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert!(ran.stderr.contains("redirected (307)"), "{ran:?}");
    assert_eq!((server.met(), plain.connections().unwrap()), (1, 0));
}
