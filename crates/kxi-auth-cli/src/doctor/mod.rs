//! The checks of `kxi-auth doctor`, one after another, from the settings to the permissions. A check that depends
//! on a failed one is skipped, not failed.

mod check;
mod connection;
mod rights;
mod text;
mod token;

use std::cell::OnceCell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{Stream, StreamExt as _, stream};
use kxi_auth_core::{AccessToken, Claims, ClientManager, Error, Hint};

pub(crate) use crate::doctor::check::Check;
use crate::doctor::check::verdict;
pub(crate) use crate::doctor::connection::{ADMIN, Route, SERVER};
pub(crate) use crate::doctor::text::render;
use crate::failure::{Failure, exit_code};

/// What the checks work with.
pub(crate) struct Setup {
    /// The settings in one line, or why they cannot be used.
    pub(crate) settings: Result<String, Failure>,
    /// The route to the server, and a manager for the checks that need no sign-in. `None` if the settings do not
    /// name a server.
    pub(crate) server: Option<(Route, ClientManager)>,
    /// The same for the Admin API, if it has its own address.
    pub(crate) admin_server: Option<(Route, ClientManager)>,
    /// A manager that can sign in, if the settings say how.
    pub(crate) admin: Option<ClientManager>,
    /// Who signs in, such as ``the user `admin` ``.
    pub(crate) who: String,
    /// Whether a client signs in, not a user.
    pub(crate) is_client: bool,
    pub(crate) admin_realm: String,
    pub(crate) realm: String,
}

/// Checks that share their requests.
#[derive(Debug, Clone, Copy)]
enum Step {
    Settings,
    Address,
    Server,
    AdminServer,
    SignIn,
    Version,
    Permissions,
    Counts,
}

const STEPS: [Step; 8] = [
    Step::Settings,
    Step::Address,
    Step::Server,
    Step::AdminServer,
    Step::SignIn,
    Step::Version,
    Step::Permissions,
    Step::Counts,
];

/// The checks as they finish and, if one failed, the failure of the command at the end.
pub(crate) fn examine(setup: Setup) -> impl Stream<Item = Result<Check, Failure>> {
    let start = (CheckRun { setup, done: Vec::new(), claims: OnceCell::new() }, STEPS.iter());
    stream::unfold(start, async |(mut run, mut steps)| {
        let checks = run.look(*steps.next()?).await;
        run.done.extend(checks.iter().cloned());
        let mut items: Vec<Result<Check, Failure>> = checks.into_iter().map(Ok).collect();
        if steps.len() == 0 {
            items.extend(verdict(&run.done).map(Err));
        }
        Some((stream::iter(items), (run, steps)))
    })
    .flatten()
}

struct CheckRun {
    setup: Setup,
    done: Vec<Check>,
    /// The claims of the admin's token.
    claims: OnceCell<Claims>,
}

impl CheckRun {
    async fn look(&self, step: Step) -> Vec<Check> {
        match step {
            Step::Settings => vec![match &self.setup.settings {
                Ok(found) => Check::ok("settings", found),
                Err(failure) => Check::stopped("settings", failure),
            }],
            Step::Address => vec![match &self.setup.server {
                Some((route, _)) => connection::address(route).await,
                None => Check::needs("address", "settings"),
            }],
            Step::Server => self.server().await,
            Step::AdminServer => self.admin_server().await,
            Step::SignIn => self.sign_in().await,
            Step::Version => vec![self.version().await],
            Step::Permissions => self.permissions().await,
            Step::Counts => self.counts().await,
        }
    }

    /// The first of these checks that did not succeed.
    fn in_the_way(&self, names: &[&'static str]) -> Option<&'static str> {
        let is_in_the_way = |name: &str| self.done(name).is_some_and(Check::is_in_the_way);
        names.iter().copied().find(|name| is_in_the_way(name))
    }

    fn done(&self, name: &str) -> Option<&Check> {
        self.done.iter().find(|check| check.name == name)
    }

    /// The connection, TLS, Keycloak and the realm: they need no sign-in.
    async fn server(&self) -> Vec<Check> {
        let need =
            |other| ["connection", "tls", "keycloak", "realm"].map(|name| Check::needs(name, other)).into();
        let Some((route, manager)) = &self.setup.server else { return need("settings") };
        if route.proxy.is_none() && self.in_the_way(&["address"]).is_some() {
            return need("address");
        }
        let found = async {
            let base = manager.keycloak_base().await?;
            // Where the path was given, this request is the first one.
            Ok::<_, Error>((base, manager.realm_exists().await?))
        };
        let found = found.await;
        let mut checks = Vec::from(connection::judge(route, found.as_ref().map(|(base, _)| base.as_str())));
        let name = &self.setup.realm;
        checks.push(match found {
            Ok((_, true)) => Check::ok("realm", format!("`{name}` exists")),
            Ok((_, false)) => Check::failed(
                "realm",
                exit_code::NOT_FOUND,
                format!("`{name}` does not exist on this server"),
            )
            .with_remedy("check --realm; realm names are case-sensitive"),
            Err(_) => Check::needs("realm", "keycloak"),
        });
        checks
    }

    /// The name, the connection and TLS of the Admin API's own address. Nothing is sent there but the request that
    /// looks for Keycloak. Its response does not matter: such an address may serve nothing but the Admin API.
    async fn admin_server(&self) -> Vec<Check> {
        let Some((route, manager)) = &self.setup.admin_server else { return Vec::new() };
        let address = connection::address(route).await;
        if route.proxy.is_none() && address.is_in_the_way() {
            let need = |name| Check::needs(name, ADMIN.address);
            return vec![address, need(ADMIN.connection), need(ADMIN.tls)];
        }
        let found = manager.realm_exists().await;
        let [connection, tls, _] = connection::judge(route, found.as_ref().map(|_| route.url.as_str()));
        vec![address, connection, tls]
    }

    /// The sign-in, and the token's lifetime and clock.
    async fn sign_in(&self) -> Vec<Check> {
        let need =
            |other| ["sign-in", "token lifetime", "clock"].map(|name| Check::needs(name, other)).into();
        let Setup { admin, who, admin_realm, realm, .. } = &self.setup;
        let needed: &[&str] = if admin_realm == realm { &["keycloak", "realm"] } else { &["keycloak"] };
        if let Some(other) = self.in_the_way(needed) {
            return need(other);
        }
        let Some(admin) = admin else { return need("settings") };
        let before = now();
        let signed_in = admin.sign_in().await;
        let after = now();
        match signed_in {
            Ok(AccessToken { lifetime, claims, .. }) => {
                let issued_at = claims.as_ref().map(|claims| claims.issued_at);
                if let Some(claims) = claims {
                    let _ = self.claims.set(claims);
                }
                vec![
                    Check::ok("sign-in", format!("as {who} to the realm `{admin_realm}`")),
                    token::lifetime(lifetime, admin_realm),
                    token::clock(before, after, issued_at),
                ]
            }
            Err(error) => {
                let remedy = match error.hint() {
                    Some(Hint::CheckCredentials) => Some(
                        "check the name, the password and --admin-realm; do not retry often, because wrong passwords \
                         count towards a lockout",
                    ),
                    Some(Hint::CheckRealm | Hint::CheckAdminRealm) => {
                        Some("set --admin-realm to the realm that the admin belongs to")
                    }
                    _ => None,
                };
                let failed = Check::stopped("sign-in", &error.into());
                let failed = match remedy {
                    Some(remedy) => failed.with_remedy(remedy),
                    None => failed,
                };
                let need = |name| Check::needs(name, "sign-in");
                vec![failed, need("token lifetime"), need("clock")]
            }
        }
    }

    async fn version(&self) -> Check {
        let admin = match self.admin_api() {
            Ok(admin) => admin,
            Err(other) => return Check::needs("version", other),
        };
        match admin.server_version().await {
            Ok(Some(version)) => Check::ok("version", format!("Keycloak {version}")),
            Ok(None) => Check::ok("version", "the server does not show it to this admin"),
            Err(error) => Check::stopped("version", &error.into()),
        }
    }

    async fn permissions(&self) -> Vec<Check> {
        let admin = match self.admin_api() {
            Ok(admin) => admin,
            Err(other) => return rights::need(other),
        };
        if let Some(other) = self.in_the_way(&["realm"]) {
            return rights::need(other);
        }
        match admin.permissions().await {
            Ok(permissions) => {
                // A user's token carries no roles anyway.
                let claims = self.claims.get().filter(|_| self.setup.is_client);
                rights::judge(&permissions, &self.setup.who, claims)
            }

            Err(error) => rights::stopped(&error.into()),
        }
    }

    /// How many clients and roles the realm has, if the server shows them to this admin.
    async fn counts(&self) -> Vec<Check> {
        use kxi_auth_core::Right;

        let right = |right| self.done(&rights::name(right));
        let clients = match (self.admin_api(), right(Right::ViewClients)) {
            (Ok(admin), Some(right)) if !right.is_in_the_way() => {
                let listed = Box::pin(async { admin.list_clients().with_secret(false).await }).await;
                rights::count("clients", listed.map(|clients| clients.len()).map_err(Failure::from), right)
            }
            _ => Check::needs("clients", &rights::name(Right::ViewClients)),
        };
        let roles = match (self.admin_api(), right(Right::ViewRealm)) {
            (Ok(admin), Some(right)) if !right.is_in_the_way() => {
                let listed = admin.all_roles().await;
                rights::count("roles", listed.map(|roles| roles.len()).map_err(Failure::from), right)
            }
            _ => Check::needs("roles", &rights::name(Right::ViewRealm)),
        };
        vec![clients, roles]
    }

    /// The manager, if the sign-in succeeded and the Admin API can be reached. Otherwise the check that is in the way.
    fn admin_api(&self) -> Result<&ClientManager, &'static str> {
        match self.in_the_way(&["sign-in", ADMIN.connection, ADMIN.tls]) {
            Some(other) => Err(other),
            None => self.setup.admin.as_ref().ok_or("sign-in"),
        }
    }
}

/// The time on this machine, since 1970.
#[expect(clippy::disallowed_methods, reason = "the server's clock is compared with this machine's")]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
