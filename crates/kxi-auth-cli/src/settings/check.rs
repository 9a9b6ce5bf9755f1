//! Checks that reject a setting before anything is sent.

use std::time::Duration;

use kxi_auth_core::reqwest::Url;

use crate::failure::Failure;
use crate::secrets::proxy_without_credentials;
use crate::settings::resolve::{Settings, Source};

/// Rejects plain HTTP except to this machine, because the network could read passwords and secrets.
pub(super) fn no_plain_http(settings: &Settings) -> Result<(), Failure> {
    for name in ["host", "keycloak-url", "admin-url"] {
        let Some(address) = settings.get(name) else { continue };
        if is_plain_http_elsewhere(address, settings.get("proxy")) && !settings.is_on("allow-http") {
            let reason =
                format!("--{name} uses plain HTTP, which exposes passwords and secrets to the network");
            return Err(
                Failure::usage(reason).with_hint("use https, or pass --allow-http to accept the risk")
            );
        }
    }
    Ok(())
}

/// Whether plain HTTP requests to this address leave this machine. They do if the address or the proxy is on
/// another machine.
pub(crate) fn is_plain_http_elsewhere(address: &str, proxy: Option<&str>) -> bool {
    // The core rejects an invalid URL, with a better message.
    let Ok(url) = Url::parse(address) else { return false };
    let through = proxy.is_some_and(|proxy| {
        // As in the core, a proxy without a scheme is an HTTP proxy.
        let with_scheme = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
        Url::parse(&with_scheme).is_ok_and(|url| !is_loopback(&url))
    });
    url.scheme() == "http" && (through || !is_loopback(&url))
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost"
            || host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    })
}

/// Rejects proxy credentials in a flag, because every user of the machine can see the command line.
pub(super) fn proxy(settings: &Settings) -> Result<(), Failure> {
    let Some(proxy) = settings.resolved("proxy") else { return Ok(()) };
    let given = proxy.value.as_deref().unwrap_or_default();
    if matches!(proxy.source, Source::Flag(_)) && proxy_without_credentials(given) != given {
        return Err(Failure::usage(
            "--proxy contains credentials, which other users can see on the command line",
        )
        .with_hint("set the variable INSIGHTS_PROXY instead"));
    }
    Ok(())
}

/// Parses a number of seconds. Fractions are allowed.
pub(crate) fn seconds(name: &str, given: &str) -> Result<Duration, Failure> {
    let seconds = given.strip_suffix('s').unwrap_or(given).parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let within = duration.filter(|duration| !duration.is_zero() && duration.as_secs() <= 86_400);
    within.ok_or_else(|| {
        Failure::usage(format!("--{name} `{given}` is invalid: it must be above 0 and at most 86400 seconds"))
    })
}

/// Parses the number of retries.
pub(crate) fn retries(given: &str) -> Result<usize, Failure> {
    let within = given.parse().ok().filter(|retries| *retries <= 100);
    within.ok_or_else(|| {
        Failure::usage(format!("--retries `{given}` is invalid: it must be a whole number from 0 to 100"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for here in ["http://127.0.0.1:8080", "http://localhost/auth", "http://[::1]:1", "http://127.9.9.9"] {
            assert!(!is_plain_http_elsewhere(here, None), "{here}");
            assert!(!is_plain_http_elsewhere(here, Some("127.0.0.1:3128")), "{here}");
            for proxy in ["http://proxy:3128", "proxy:3128", "http://u:p@10.0.0.1:3128", "socks5://proxy:1"] {
                assert!(is_plain_http_elsewhere(here, Some(proxy)), "{here} through {proxy}");
            }
        }
        for elsewhere in [
            "http://keycloak:8080",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "HTTP://x",
            "http://0.0.0.0",
        ] {
            assert!(is_plain_http_elsewhere(elsewhere, None), "{elsewhere}");
        }
        assert!(!is_plain_http_elsewhere("https://insights.example.com", Some("http://proxy:3128")));
    }

    #[test]
    fn numbers() {
        assert_eq!(seconds("timeout", "1.5").unwrap(), Duration::from_millis(1500));
        assert_eq!(seconds("timeout", "15s").unwrap(), Duration::from_secs(15));
        for bad in ["0", "-1", "NaN", "inf", "1e9", "", "15m"] {
            assert!(seconds("timeout", bad).is_err(), "{bad}");
        }
        assert_eq!(retries("0").unwrap(), 0);
        assert!(retries("-1").is_err() && retries("101").is_err());
    }
}
