//! The core behind a network and gateways that fail. Behind the failures stands the replay of a
//! fixture, so that what gets through is what Keycloak said.

mod admin_api;
mod bodies;
mod bulk;
mod doubt;
mod doubt_roles;
mod endless;
mod lost;
mod probe;
mod proxies;
mod redirects;
mod retries;
mod sign_in;
mod tls;
mod writes;

use std::error::Error as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kxi_auth_core::{ClientManager, ClientManagerBuilder, Error, SecretString};
use kxi_auth_tests::proxies::faults::FaultProxy;
use kxi_auth_tests::recordings::fixture::{Exchange, Fixture};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in::{REALM, USERNAME};

const PASSWORD: &str = "the administrator's password";
/// Parts of the paths of the requests that listing the roles takes.
const PROBE: &str = "/realms/insights";
const TOKEN: &str = "/protocol/openid-connect/token";
const ROLES: &str = "/admin/realms/insights/roles";

/// A replay of this fixture whose answers are given as often as they are asked for.
async fn tireless(scenario: &str) -> Result<Replay> {
    let mut fixture = Fixture::read(scenario)?;
    fixture.exchanges = fixture.exchanges.into_iter().flat_map(|exchange| vec![exchange; 60]).collect();
    Ok(Replay::serve(fixture).await)
}

/// What a proxy stands in front of in most tests: a server with roles to list.
async fn roles_behind_faults() -> Result<(Replay, FaultProxy)> {
    let replay = tireless("role-list").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    Ok((replay, proxy))
}

/// An administrator of the recorded realm at this host.
fn connect(host: impl Into<String>) -> ClientManagerBuilder {
    let builder = ClientManager::builder().host(host).realm(REALM).username(USERNAME);
    builder.password(SecretString::from(PASSWORD)).timeout(Duration::from_secs(5))
}

/// Where the probe is not what is tested.
fn connect_at_auth(host: impl Into<String>) -> ClientManagerBuilder {
    connect(host).base_path("/auth")
}

/// The error of a call that must fail, after a look for secrets in everything it could show.
fn refused<T>(outcome: Result<T, Error>) -> Result<Error> {
    let error = outcome.err().context("it succeeded")?;
    let mut shown = vec![error.to_string(), format!("{error:?}"), format!("{error:#?}")];
    let mut source = error.source();
    while let Some(cause) = source {
        shown.extend([cause.to_string(), format!("{cause:?}")]);
        source = cause.source();
    }
    let shown = shown.join("\n");
    // Tokens begin with `eyJ`; the fixtures' secrets say what they are.
    for secret in [PASSWORD, "eyJ", "stand-in-token", "stand-in-secret", "the secret", "Bearer"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    Ok(error)
}

/// The exchange of a fixture with this method and this part in its path, the `nth` of them from 0 on.
fn exchange(fixture: &Fixture, method: &str, part: &str, nth: usize) -> Result<Exchange> {
    let fits =
        |exchange: &&Exchange| exchange.request.method == method && exchange.request.path.contains(part);
    let found = fixture.exchanges.iter().filter(fits).nth(nth).cloned();
    found.with_context(|| format!("{} has no {method} {part} of number {nth}", fixture.scenario))
}
