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
}
