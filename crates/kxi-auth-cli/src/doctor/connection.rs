//! The route to the server: its name, its port, its certificate, and Keycloak behind it.

use std::net::IpAddr;
use std::time::Duration;

use kxi_auth_core::reqwest::Url;
use kxi_auth_core::{Error, Hint};

use crate::doctor::check::Check;
use crate::failure::{Failure, exit_code, unused_proxy};

/// A system's resolver usually gives up after about ten seconds.
const LOOK_UP: Duration = Duration::from_secs(10);

/// How the settings say that the server is reached.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) url: Url,
    /// The flag that holds the address.
    pub(crate) flag: &'static str,
    /// The names of its checks.
    pub(crate) checks: &'static RouteChecks,
    /// The proxy's URL as it may be shown.
    pub(crate) proxy: Option<String>,
    /// The file of certificates that are trusted in addition to the system's.
    pub(crate) ca_cert: Option<String>,
    /// The address is plain http to another machine, and --allow-http allows it.
    pub(crate) is_readable: bool,
}

/// The names of the checks of one route.
#[derive(Debug)]
pub(crate) struct RouteChecks {
    pub(super) address: &'static str,
    pub(super) connection: &'static str,
    pub(super) tls: &'static str,
}

/// The checks of the server's address.
pub(crate) const SERVER: RouteChecks =
    RouteChecks { address: "address", connection: "connection", tls: "tls" };

/// The checks of the Admin API's own address.
pub(crate) const ADMIN: RouteChecks =
    RouteChecks { address: "admin address", connection: "admin connection", tls: "admin tls" };

/// Whether the server's name resolves, and to what.
pub(super) async fn address(route: &Route) -> Check {
    let name = route.checks.address;
    if route.proxy.is_some() {
        return Check::skipped(name, "the proxy resolves the name");
    }
    let host = route.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host.parse::<IpAddr>().is_ok() {
        return Check::ok(name, format!("{host} is an IP address"));
    }
    let port = route.url.port_or_known_default().unwrap_or_default();
    let reason = match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let mut addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            addresses.dedup();
            if !addresses.is_empty() {
                return Check::ok(name, format!("{host} resolves to {}", addresses.join(", ")));
            }
            "it has no address".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no response within {} s", LOOK_UP.as_secs()),
    };
    let found = format!("cannot resolve `{host}`: {reason}");
    Check::failed(name, exit_code::UNAVAILABLE, found).with_remedy(with_unused_proxy(format!(
        "check the name in --{} and the DNS of this machine; if this machine needs a proxy, set --proxy",
        route.flag
    )))
}

/// What the search for Keycloak shows about the connection, TLS and Keycloak itself.
pub(super) fn judge(route: &Route, base: Result<&str, &Error>) -> [Check; 3] {
    let (RouteChecks { connection, tls, .. }, keycloak) = (route.checks, "keycloak");
    let error = match base {
        Ok(base) => {
            return [connected(route), secured(route), Check::ok(keycloak, format!("found at {base}"))];
        }
        Err(error) => error,
    };
    match error {
        Error::Connection { .. } | Error::Timeout { .. } => {
            [unconnected(route, error), Check::needs(tls, connection), Check::needs(keycloak, connection)]
        }
        Error::Tls { .. } => [connected(route), unsecured(route, error), Check::needs(keycloak, tls)],
        error => [connected(route), secured(route), Check::stopped(keycloak, &Failure::from(error.clone()))],
    }
}

fn connected(route: &Route) -> Check {
    let port = route.url.port_or_known_default().unwrap_or_default();
    let through = route.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    Check::ok(route.checks.connection, format!("port {port} accepts connections{through}"))
}

fn unconnected(route: &Route, error: &Error) -> Check {
    let reason = match error {
        Error::Timeout { timeout, .. } => format!("no response within {} s", timeout.as_secs_f64()),
        error => innermost(error),
    };
    let url = route.url.as_str().trim_end_matches('/');
    let found = format!("cannot reach {url}: {reason}");
    let check = Check::failed(route.checks.connection, exit_code::UNAVAILABLE, found);
    check.with_remedy(match (error, &route.proxy) {
        (_, Some(proxy)) => {
            format!("check that the proxy {proxy} is running and lets this machine reach the server")
        }
        (Error::Timeout { .. }, None) => with_unused_proxy(
            "check that no firewall blocks the connection; for a slow server, raise --timeout SECONDS"
                .to_owned(),
        ),
        _ => with_unused_proxy(format!(
            "check the address and port in --{}, and that the server is running",
            route.flag
        )),
    })
}

/// A remedy, and the variable that sets a proxy for other programs.
fn with_unused_proxy(remedy: String) -> String {
    match unused_proxy(|name| std::env::var_os(name)) {
        Some(unused) => format!("{remedy}; {unused}"),
        None => remedy,
    }
}

fn secured(route: &Route) -> Check {
    let name = route.checks.tls;
    if route.url.scheme() == "https" {
        let file = route.ca_cert.as_ref().map(|file| format!(" or {file}")).unwrap_or_default();
        return Check::ok(name, format!("the certificate is trusted by the system{file}"));
    }
    if route.is_readable {
        return Check::warning(name, "not used: plain http to another machine, which --allow-http allows")
            .with_remedy("use https: passwords and secrets can be read on the network");
    }
    Check::ok(name, "not used: plain http within this machine")
}

fn unsecured(route: &Route, error: &Error) -> Check {
    let hint = error.hint();
    let words = match hint {
        Some(Hint::TrustCertificate | Hint::CheckCaCertificate) => "the certificate's issuer is not trusted",
        Some(Hint::CheckCertificateName) => "the certificate is for another name",
        Some(Hint::RenewCertificate) => "the certificate has expired",
        Some(Hint::CheckClock) => "the certificate is not valid yet",
        Some(Hint::CheckScheme) => "the server does not speak TLS there",
        _ => "the secure connection failed",
    };
    let check =
        Check::failed(route.checks.tls, exit_code::UNAVAILABLE, format!("{words}: {}", innermost(error)));
    check.with_remedy(match (hint, &route.ca_cert) {
        (Some(Hint::CheckCaCertificate), Some(file)) => format!(
            "{file} has other certificates: it needs that of the authority that issued the server's certificate, or the \
             server's own; if the authority is a public one, the server must send its chain"
        ),
        (Some(Hint::TrustCertificate | Hint::CheckCaCertificate), _) => {
            "pass the certificate of the authority that issued it, or the server's own if it is self-signed, with \
             --ca-cert FILE; if the authority is a public one, the server must send its chain, and this machine needs \
             the package ca-certificates"
                .to_owned()
        }
        (Some(Hint::CheckCertificateName), _) => {
            format!("use the name that the certificate is for in --{}", route.flag)
        }
        (Some(Hint::RenewCertificate), _) => {
            "renew the server's certificate, and check the clock of this machine".to_owned()
        }
        (Some(Hint::CheckClock), _) => "check the clock of this machine".to_owned(),
        (Some(Hint::CheckScheme), _) => {
            format!("check the port in --{}, or start the address with http://", route.flag)
        }
        _ => "check which server listens at that port".to_owned(),
    })
}

/// The transport's own message, without the library's: that of the last cause.
fn innermost(error: &Error) -> String {
    let first = std::error::Error::source(error);
    let last = std::iter::successors(first, |cause| cause.source()).last();
    last.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(url: &str, is_readable: bool) -> Route {
        let url = Url::parse(url).unwrap();
        Route { url, flag: "host", checks: &SERVER, proxy: None, ca_cert: None, is_readable }
    }

    #[test]
    fn plain_http_is_said() {
        use crate::doctor::check::State;
        assert_eq!(secured(&route("http://127.0.0.1", false)).state, State::Ok);
        let elsewhere = secured(&route("http://keycloak", true));
        assert_eq!(elsewhere.state, State::Warning);
        assert!(elsewhere.found.contains("--allow-http") && elsewhere.remedy.is_some());
    }

    #[tokio::test]
    async fn a_number_is_no_name_to_look_up() {
        for host in ["http://127.0.0.1:1", "https://[::1]"] {
            assert!(address(&route(host, false)).await.found.ends_with("is an IP address"), "{host}");
        }
    }
}
