//! The way to the server: its name, its port, its certificate, Keycloak behind it.

use std::net::IpAddr;
use std::time::Duration;

use kxi_auth_core::Error;
use kxi_auth_core::reqwest::Url;

use crate::doctor::check::Check;
use crate::failure::{Failure, exit_code};

/// A system's resolver gives up after some ten seconds as a rule.
const LOOK_UP: Duration = Duration::from_secs(10);

/// The way to the server, as the settings describe it.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) url: Url,
    /// The flag that gives the address.
    pub(crate) flag: &'static str,
    /// The proxy's URL as it may be shown.
    pub(crate) proxy: Option<String>,
    /// The file of certificates that are trusted beside the system's.
    pub(crate) ca_cert: Option<String>,
    /// Plain http to another machine, which was allowed.
    pub(crate) is_readable: bool,
}

/// Whether the server's name resolves, and to what.
pub(super) async fn address(way: &Way) -> Check {
    const NAME: &str = "address";
    if way.proxy.is_some() {
        return Check::skipped(NAME, "the proxy looks the name up");
    }
    let host = way.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host.parse::<IpAddr>().is_ok() {
        return Check::ok(NAME, format!("{host}, which is no name to look up"));
    }
    let port = way.url.port_or_known_default().unwrap_or_default();
    let reason = match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let mut addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            addresses.dedup();
            if !addresses.is_empty() {
                return Check::ok(NAME, format!("{host} is {}", addresses.join(", ")));
            }
            "it has no address".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", LOOK_UP.as_secs()),
    };
    let found = format!("`{host}` cannot be looked up: {reason}");
    Check::failed(NAME, exit_code::UNAVAILABLE, found).with_remedy(format!(
        "check the name in --{} and the DNS of this machine; give --proxy if one leads there",
        way.flag
    ))
}

/// What a search for Keycloak tells of the connection, of TLS and of Keycloak itself.
pub(super) fn judge(way: &Way, base: Result<&str, &Error>) -> [Check; 3] {
    let (connection, tls, keycloak) = ("connection", "tls", "keycloak");
    let error = match base {
        Ok(base) => {
            return [connected(way), secured(way), Check::ok(keycloak, format!("it answers at {base}"))];
        }
        Err(error) => error,
    };
    match error {
        Error::Connection { .. } | Error::Timeout { .. } => {
            [unconnected(way, error), Check::needs(tls, connection), Check::needs(keycloak, connection)]
        }
        Error::Tls { .. } => [connected(way), unsecured(way, error), Check::needs(keycloak, tls)],
        error => [connected(way), secured(way), Check::stopped(keycloak, &Failure::from(error.clone()))],
    }
}

fn connected(way: &Way) -> Check {
    let port = way.url.port_or_known_default().unwrap_or_default();
    let through = way.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    Check::ok("connection", format!("something answers at port {port}{through}"))
}

fn unconnected(way: &Way, error: &Error) -> Check {
    let reason = match error {
        Error::Timeout { timeout, .. } => format!("no answer within {} s", timeout.as_secs_f64()),
        error => innermost(error),
    };
    let url = way.url.as_str().trim_end_matches('/');
    let check = Check::failed("connection", exit_code::UNAVAILABLE, format!("cannot reach {url}: {reason}"));
    check.with_remedy(match (error, &way.proxy) {
        (_, Some(proxy)) => {
            format!("check that the proxy {proxy} runs and lets this machine reach the server")
        }
        (Error::Timeout { .. }, None) => {
            "check that no firewall is in between; --timeout SECONDS waits longer for a slow server"
                .to_owned()
        }
        _ => format!("check the address and port in --{}, and that the server runs", way.flag),
    })
}

fn secured(way: &Way) -> Check {
    const NAME: &str = "tls";
    if way.url.scheme() == "https" {
        let file = way.ca_cert.as_ref().map(|file| format!(" or {file}")).unwrap_or_default();
        return Check::ok(NAME, format!("the certificate is trusted, by the system{file}"));
    }
    if way.is_readable {
        return Check::warning(NAME, "none: plain http to another machine, as --allow-http allows")
            .with_remedy("use https: passwords and secrets can be read on the way");
    }
    Check::ok(NAME, "none: plain http within this machine")
}

fn unsecured(way: &Way, error: &Error) -> Check {
    let fault = TlsFault::of(&causes(error).join(": "));
    let found = format!("{}: {}", fault.words(), innermost(error));
    Check::failed("tls", exit_code::UNAVAILABLE, found).with_remedy(fault.remedy(way))
}

/// What is wrong with a secure connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsFault {
    Untrusted,
    WrongName,
    Expired,
    NotYet,
    NoTls,
    Other,
}

impl TlsFault {
    /// Both libraries tell it in words only: rustls' are first, OpenSSL's follow.
    fn of(reason: &str) -> Self {
        let reason = reason.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        if says(&["invalidcontenttype", "wrong version number"]) {
            Self::NoTls
        } else if says(&["not valid for name", "notvalidforname", "hostname mismatch", "ip address mismatch"])
        {
            Self::WrongName
        } else if says(&["not valid yet", "notvalidyet", "not yet valid"]) {
            Self::NotYet
        } else if says(&["expired"]) {
            Self::Expired
        } else if says(&["unknownissuer", "self-signed", "self signed", "unable to get"]) {
            Self::Untrusted
        } else {
            Self::Other
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Untrusted => "the certificate's issuer is not trusted",
            Self::WrongName => "the certificate is for another name",
            Self::Expired => "the certificate has expired",
            Self::NotYet => "the certificate is not valid yet",
            Self::NoTls => "what answers there speaks no TLS",
            Self::Other => "no secure connection",
        }
    }

    fn remedy(self, way: &Way) -> String {
        match self {
            Self::Untrusted => {
                "give the certificate of the authority that issued it by --ca-cert FILE; if that is a public \
                 one, the server must send its chain, and this machine have the package ca-certificates"
                    .to_owned()
            }
            Self::WrongName => format!("give the name that the certificate is for in --{}", way.flag),
            Self::Expired => "renew the server's certificate, and check the clock of this machine".to_owned(),
            Self::NotYet => "check the clock of this machine".to_owned(),
            Self::NoTls => format!("check the port in --{}, or start the address with http://", way.flag),
            Self::Other => {
                "check what answers at that port; --ca-cert FILE trusts an authority of your own".to_owned()
            }
        }
    }
}

/// The transport's own words, without what the core adds to them.
fn innermost(error: &Error) -> String {
    causes(error).pop().unwrap_or_else(|| error.to_string())
}

/// What each cause says, the last one is the first that went wrong. OpenSSL tells in the middle what is
/// wrong with a certificate.
fn causes(error: &Error) -> Vec<String> {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |cause| cause.source()).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str, is_readable: bool) -> Way {
        let url = Url::parse(url).unwrap();
        Way { url, flag: "host", proxy: None, ca_cert: None, is_readable }
    }

    #[test]
    fn what_both_libraries_say_of_a_certificate() {
        for (reason, expected) in [
            ("invalid peer certificate: UnknownIssuer", TlsFault::Untrusted),
            (
                "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for \
                 DnsName(\"b\")",
                TlsFault::WrongName,
            ),
            ("invalid peer certificate: certificate expired: verification time 2 (UNIX)", TlsFault::Expired),
            ("invalid peer certificate: certificate not valid yet: verification time 2", TlsFault::NotYet),
            ("received corrupt message of type InvalidContentType", TlsFault::NoTls),
            ("certificate verify failed: self-signed certificate in certificate chain", TlsFault::Untrusted),
            ("certificate verify failed (unable to get local issuer certificate)", TlsFault::Untrusted),
            ("certificate verify failed: (hostname mismatch)", TlsFault::WrongName),
            ("certificate verify failed: certificate has expired", TlsFault::Expired),
            ("certificate verify failed: certificate is not yet valid", TlsFault::NotYet),
            ("wrong version number", TlsFault::NoTls),
            ("received fatal alert: HandshakeFailure", TlsFault::Other),
        ] {
            assert_eq!(TlsFault::of(reason), expected, "{reason}");
        }
    }

    #[test]
    fn plain_http_is_said() {
        use crate::doctor::check::State;
        assert_eq!(secured(&way("http://127.0.0.1", false)).state, State::Ok);
        let elsewhere = secured(&way("http://keycloak", true));
        assert_eq!(elsewhere.state, State::Warning);
        assert!(elsewhere.found.contains("--allow-http") && elsewhere.remedy.is_some());
    }

    #[tokio::test]
    async fn a_number_is_no_name_to_look_up() {
        for host in ["http://127.0.0.1:1", "https://[::1]"] {
            assert!(address(&way(host, false)).await.found.ends_with("no name to look up"), "{host}");
        }
    }
}
