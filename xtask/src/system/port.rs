//! Ports of 127.0.0.1.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, Result, bail};

/// The requested port if it is free, or another free port.
pub(crate) fn free(asked: Option<u16>) -> Result<u16> {
    match (TcpListener::bind((Ipv4Addr::LOCALHOST, asked.unwrap_or(0))), asked) {
        (Ok(listener), _) => Ok(listener.local_addr().context("cannot read a port")?.port()),
        (Err(error), None) => Err(error).context("cannot find a free port on 127.0.0.1"),
        (Err(error), Some(port)) => bail!(
            "port {port} of 127.0.0.1 cannot be used ({error}): choose another, \
             or leave --port out to get a free one"
        ),
    }
}

/// Free ports for programs that are to be started again on the same ones: below those that the system hands
/// out to outgoing connections, which could take one while its program is away.
pub(crate) fn lasting<const N: usize>() -> Result<[u16; N]> {
    let first = 20_000 + u16::try_from(std::process::id() % 100).unwrap_or_default() * 100;
    let mut free = (first..32_000).filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let mut ports = [0; N];
    for port in &mut ports {
        *port = free.next().context("cannot find a free port on 127.0.0.1")?;
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_one_line_with_the_remedy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        let text = format!("{:#}", free(Some(taken)).unwrap_err());
        assert!(text.contains(&taken.to_string()) && text.contains("--port"), "{text}");
        assert_ne!(free(None).unwrap(), taken);
    }

    #[test]
    fn lasting_ports_differ_and_are_not_those_of_outgoing_connections() {
        let [one, other] = lasting().unwrap();
        assert_ne!(one, other);
        assert!(one.max(other) < 32_000);
    }
}
