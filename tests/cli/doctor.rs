//! `kxi-auth doctor` where there is no Keycloak: nothing at all, no name, or TLS that is not well.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use kxi_auth_tests::programs::command::{kxi_auth, shown};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::NOWHERE;

const PASSWORD: &str = "the password that nobody may see";
const NO_KEYCLOAK: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn doctor(host: &str) -> Command {
    let mut command = kxi_auth(host, "insights", "admin", PASSWORD).unwrap();
    command.arg("doctor");
    command
}

async fn run(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(!shown(&output).contains(PASSWORD), "{}", shown(&output));
    output
}

/// Runs it and returns the one check that must have failed, with exit code 7.
async fn the_failed_one(mut command: Command) -> (String, String, String) {
    command.args(["-o", "json"]);
    let output = run(command).await;
    assert_eq!(output.status.code(), Some(7), "{}", shown(&output));
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let failed: Vec<&Value> = checks.iter().filter(|check| check["state"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    let text = |key: &str| failed[0][key].as_str().unwrap().to_owned();
    (text("check"), text("found"), text("remedy"))
}

/// A TLS server that is no Keycloak, and the file of the CA that vouches for it.
struct Secured {
    host: String,
    folder: TempDir,
}

impl Secured {
    /// Its certificate is for `name` and expired in `until`, if that is over.
    async fn start(name: &str, until: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // With the same name as the certificate, OpenSSL takes that for one that signed itself.
        params.distinguished_name.push(DnType::CommonName, "the CA of the test");
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &ca).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate ends the handshake.
                    let mut inside = acceptor.accept(stream).await?;
                    let _ = inside.read(&mut [0; 4096]).await?;
                    inside.write_all(NO_KEYCLOAK).await?;
                    inside.shutdown().await
                });
            }
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
        Self { host, folder }
    }

    fn ca(&self) -> String {
        let file: &Path = &self.folder.path().join("ca.pem");
        file.to_str().unwrap().to_owned()
    }

    /// A doctor who trusts the CA.
    fn trusting_doctor(&self) -> Command {
        let mut command = doctor(&self.host);
        command.args(["--ca-cert", &self.ca()]);
        command
    }
}

#[tokio::test]
async fn nothing_listens() {
    insta::assert_snapshot!(shown(&run(doctor(NOWHERE)).await));
}

#[tokio::test]
async fn nothing_is_given() {
    let mut command = doctor(NOWHERE);
    command.env_clear();
    insta::assert_snapshot!(shown(&run(command).await));
}

#[tokio::test]
async fn plain_http_to_elsewhere_is_refused_before_anything_is_sent() {
    let output = run(doctor("http://keycloak.invalid")).await;
    let said = shown(&output);
    assert!(said.starts_with("exit code: 2\n") && said.contains("--allow-http"), "{said}");
    let mut allowed = doctor("http://keycloak.invalid");
    allowed.arg("--allow-http");
    assert_eq!(the_failed_one(allowed).await.0, "address");
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let (check, found, remedy) = the_failed_one(doctor("https://does-not-exist.invalid")).await;
    assert_eq!(check, "address");
    assert!(found.starts_with("cannot resolve `does-not-exist.invalid`: "), "{found}");
    assert!(remedy.contains("--host"), "{remedy}");
    // The address that is looked up is Keycloak's own.
    let mut elsewhere = doctor("https://insights.example.com");
    elsewhere.args(["--keycloak-url", "https://does-not-exist.invalid"]);
    let (check, _, remedy) = the_failed_one(elsewhere).await;
    assert!(check == "address" && remedy.contains("--keycloak-url"), "{remedy}");
}

#[tokio::test]
async fn a_proxy_looks_names_up_itself() {
    let mut command = doctor("https://does-not-exist.invalid");
    command.env("INSIGHTS_PROXY", "http://somebody:hidden@127.0.0.1:1");
    let (check, found, remedy) = the_failed_one(command).await;
    assert_eq!(check, "connection");
    assert!(remedy.contains("http://********@127.0.0.1:1"), "{remedy}");
    assert!(!found.contains("hidden") && !remedy.contains("hidden"));
}

#[tokio::test]
async fn an_untrusted_certificate() {
    let secured = Secured::start("127.0.0.1", 4096).await;
    let (check, found, remedy) = the_failed_one(doctor(&secured.host)).await;
    assert_eq!(check, "tls");
    assert!(found.starts_with("the certificate's issuer is not trusted: "), "{found}");
    assert!(remedy.contains("--ca-cert"), "{remedy}");
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let secured = Secured::start("keycloak.example.com", 4096).await;
    let (check, found, _) = the_failed_one(secured.trusting_doctor()).await;
    assert_eq!(check, "tls");
    assert!(found.starts_with("the certificate is for another name: "), "{found}");
}

#[tokio::test]
async fn an_expired_certificate() {
    let secured = Secured::start("127.0.0.1", 2020).await;
    let (check, found, _) = the_failed_one(secured.trusting_doctor()).await;
    assert_eq!(check, "tls");
    assert!(found.starts_with("the certificate has expired: "), "{found}");
}

#[tokio::test]
async fn a_port_without_tls() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(NO_KEYCLOAK).await;
        }
    });
    let (check, found, remedy) = the_failed_one(doctor(&host)).await;
    assert_eq!(check, "tls");
    assert!(found.starts_with("the server does not speak TLS there: "), "{found}");
    assert!(remedy.contains("http://"), "{remedy}");
}

#[tokio::test]
async fn a_trusted_server_that_is_no_keycloak() {
    let secured = Secured::start("127.0.0.1", 4096).await;
    let (check, found, remedy) = the_failed_one(secured.trusting_doctor()).await;
    assert_eq!(check, "keycloak");
    assert!(found.contains("responded with 404"), "{found}");
    assert!(remedy.contains("--keycloak-path"), "{remedy}");
}

/// The state, the finding and the remedy of one check, by its name.
async fn the_check(mut command: Command, name: &str) -> (String, String, String) {
    command.args(["-o", "json"]);
    let output = run(command).await;
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap();
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("found"), text("remedy"))
}

fn doctor_of_admin_api(url: &str) -> Command {
    let mut command = doctor(NOWHERE);
    command.args(["--admin-url", url]);
    command
}

fn assert_failed((state, found, remedy): (String, String, String), words: &str) {
    assert!(state == "failed" && found.contains(words), "{state}: {found}");
    assert!(remedy.contains("--admin-url") && !remedy.contains("--host"), "{remedy}");
}

#[tokio::test]
async fn the_address_of_the_admin_api_is_checked_too() {
    let unknown = || doctor_of_admin_api("https://does-not-exist.invalid/auth");
    assert_failed(the_check(unknown(), "admin address").await, "cannot resolve `does-not-exist.invalid`");
    assert_eq!(the_check(unknown(), "admin tls").await.1, "needs: admin address");
    let unreachable = doctor_of_admin_api(&format!("{NOWHERE}/auth"));
    assert_failed(the_check(unreachable, "admin connection").await, "cannot reach");
}

#[tokio::test]
async fn the_certificate_of_the_admin_api_is_checked_too() {
    let other = Secured::start("keycloak.example.com", 4096).await;
    let trusting = |secured: &Secured| {
        let mut command = doctor_of_admin_api(&secured.host);
        command.args(["--ca-cert", &secured.ca()]);
        command
    };
    assert_failed(the_check(trusting(&other), "admin tls").await, "the certificate is for another name");
    // What serves nothing but the Admin API responds with 404 to everything else.
    let good = Secured::start("127.0.0.1", 4096).await;
    for check in ["admin address", "admin connection", "admin tls"] {
        assert_eq!(the_check(trusting(&good), check).await.0, "ok", "{check}");
    }
}
