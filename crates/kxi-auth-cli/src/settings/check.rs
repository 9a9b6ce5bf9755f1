//! What is refused of a setting before anything is sent.

use std::time::Duration;

use kxi_auth_core::reqwest::Url;

use crate::failure::Failure;
use crate::secrets::proxy_without_credentials;
use crate::settings::resolve::{Settings, Source};

/// Refuses plain http to anything but this machine: passwords and secrets would be read on the way.
pub(super) fn no_plain_http(settings: &Settings) -> Result<(), Failure> {
    for name in ["host", "keycloak-url"] {
        let Some(address) = settings.get(name) else { continue };
        if is_plain_http_elsewhere(address, settings.get("proxy")) && !settings.is_on("allow-http") {
            let reason = format!("--{name} is plain http, which shows passwords and secrets to the network");
            return Err(Failure::usage(reason).with_hint("use https, or --allow-http if you mean it"));
        }
    }
    Ok(())
}

/// Whether requests to this address leave this machine without TLS: they do to another machine, and to any
/// through a proxy on another machine.
pub(crate) fn is_plain_http_elsewhere(address: &str, proxy: Option<&str>) -> bool {
    // What is no URL is refused, in better words, by the core.
    let Ok(url) = Url::parse(address) else { return false };
    let through = proxy.is_some_and(|proxy| {
        // As the core takes it: without a scheme it is one of http.
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

/// Refuses a proxy's password in a flag, which every user of the machine can see.
pub(super) fn proxy(settings: &Settings) -> Result<(), Failure> {
    let Some(proxy) = settings.resolved("proxy") else { return Ok(()) };
    let given = proxy.value.as_deref().unwrap_or_default();
    if matches!(proxy.source, Source::Flag(_)) && proxy_without_credentials(given) != given {
        return Err(Failure::usage("--proxy holds credentials, which others can see on the command line")
            .with_hint("give the proxy by the variable INSIGHTS_PROXY"));
    }
    Ok(())
}

/// A number of seconds, which may have a fraction.
pub(super) fn seconds(name: &str, given: &str) -> Result<Duration, Failure> {
    let seconds = given.strip_suffix('s').unwrap_or(given).parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let within = duration.filter(|duration| !duration.is_zero() && duration.as_secs() <= 86_400);
    within.ok_or_else(|| {
        Failure::usage(format!("--{name} `{given}` is no number of seconds from above 0 to 86400"))
    })
}

/// How often to try again.
pub(super) fn retries(given: &str) -> Result<usize, Failure> {
    let within = given.parse().ok().filter(|retries| *retries <= 100);
    within.ok_or_else(|| Failure::usage(format!("--retries `{given}` is no number from 0 to 100")))
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
